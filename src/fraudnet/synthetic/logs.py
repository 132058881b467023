"""What happens in a world, as it is written down: one growing table per kind of event."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fraudnet.contracts.accounts import ACCOUNT_EVENTS, SIM_EVENTS
from fraudnet.contracts.scene import FILE_FIELDS, STATUSES, TEXT_CLASSES, TRANSFER_CHANNELS
from fraudnet.synthetic.columns import Columns, Ints

CALL_KINDS = ("voice", "sms", "otp")
VOICE, SMS, OTP = range(3)
ACCOUNT_EVENT = {name: code for code, name in enumerate(ACCOUNT_EVENTS)}
SIM_EVENT = {name: code for code, name in enumerate(SIM_EVENTS)}
TEXT = {name: code for code, name in enumerate(TEXT_CLASSES)}
CHANNEL = {name: code for code, name in enumerate(TRANSFER_CHANNELS)}
UNSAID = -1  # left to the world, which draws it as for anybody
ACCOUNT, SIM = range(2)
SLIP = -1  # a file that differs by a slip of the pen, not by another person's data


def _table(*names: str) -> Columns:
    return Columns(**dict.fromkeys(names, np.int64))


@dataclass
class Logs:
    """Everything that happened; times are UTC microseconds, entities row numbers of the holdings."""

    transfers: Columns = field(
        default_factory=lambda: Columns(
            payer=np.int64, payee=np.int64, at=np.int64, amount=np.int64, text=np.int8, channel=np.int8, refund=np.int64
        )
    )
    cash: Columns = field(default_factory=lambda: _table("account", "at", "amount", "machine", "card"))
    calls: Columns = field(
        default_factory=lambda: Columns(
            caller=np.int32, callee=np.int32, at=np.int64, kind=np.int8, duration=np.int32, cell=np.int32
        )
    )
    account_events: Columns = field(default_factory=lambda: _table("account", "at", "event", "device", "value"))
    sim_events: Columns = field(default_factory=lambda: _table("sim", "at", "event"))
    account_uses: Columns = field(default_factory=lambda: _table("account", "device", "at"))
    sim_uses: Columns = field(default_factory=lambda: _table("sim", "device", "at"))
    losses: Columns = field(default_factory=lambda: _table("payer", "payee", "at", "amount", "scam"))
    marks: Columns = field(
        default_factory=lambda: _table("kind", "entity", "role", "typology", "ring", "begins", "ends")
    )

    adverts: Columns = field(default_factory=lambda: _table("kind", "entity", "at"))
    registrations: Columns = field(default_factory=lambda: _table("account", "sim", "at"))
    statuses: Columns = field(default_factory=lambda: _table("person", "status", "at"))
    faces: Columns = field(default_factory=lambda: _table("person", "face"))
    misfiled: Columns = field(default_factory=lambda: _table("account", "field", "person"))

    def add_status(self, people: Ints, status: str, at_us: Ints) -> None:
        """A person has died or gone abroad."""
        self.statuses.add(person=people, status=STATUSES.index(status), at=at_us)

    def add_misfiled(self, accounts: Ints, fields: tuple[str, ...], as_people: Ints | None) -> None:
        """Fields of a bank's file on an account's holder that are another person's, or badly written."""
        for name in fields:
            self.misfiled.add(
                account=accounts, field=FILE_FIELDS.index(name), person=SLIP if as_people is None else as_people
            )

    def tables(self) -> tuple[Columns, ...]:
        """All of them, in a fixed order."""
        return (self.transfers, self.cash, self.calls, self.account_events, self.sim_events,
                self.account_uses, self.sim_uses, self.losses, self.marks, self.adverts, self.registrations,
                self.statuses, self.faces, self.misfiled)  # fmt: skip
