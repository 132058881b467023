"""What happens in a world, as it is written down: one growing table per kind of event."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fraudnet.contracts.accounts import ACCOUNT_EVENTS, SIM_EVENTS
from fraudnet.synthetic.columns import Columns

CALL_KINDS = ("voice", "sms", "otp")
VOICE, SMS, OTP = range(3)
ACCOUNT_EVENT = {name: code for code, name in enumerate(ACCOUNT_EVENTS)}
SIM_EVENT = {name: code for code, name in enumerate(SIM_EVENTS)}
ACCOUNT, SIM = range(2)


def _table(*names: str) -> Columns:
    return Columns(**dict.fromkeys(names, np.int64))


@dataclass
class Logs:
    """Everything that happened; times are UTC microseconds, entities row numbers of the holdings."""

    transfers: Columns = field(default_factory=lambda: _table("payer", "payee", "at", "amount"))
    cash: Columns = field(default_factory=lambda: _table("account", "at", "amount", "machine"))
    calls: Columns = field(default_factory=lambda: _table("caller", "callee", "at", "kind", "duration", "cell"))
    account_events: Columns = field(default_factory=lambda: _table("account", "at", "event", "device"))
    sim_events: Columns = field(default_factory=lambda: _table("sim", "at", "event"))
    account_uses: Columns = field(default_factory=lambda: _table("account", "device", "at"))
    sim_uses: Columns = field(default_factory=lambda: _table("sim", "device", "at"))
    losses: Columns = field(default_factory=lambda: _table("payer", "payee", "at", "amount", "scam"))
    marks: Columns = field(
        default_factory=lambda: _table("kind", "entity", "role", "typology", "ring", "begins", "ends")
    )

    def tables(self) -> tuple[Columns, ...]:
        """All of them, in a fixed order."""
        return (self.transfers, self.cash, self.calls, self.account_events, self.sim_events,
                self.account_uses, self.sim_uses, self.losses, self.marks)  # fmt: skip
