"""The world while it is written: what a typology may do to it (`contracts.scene.Scene`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fraudnet.contracts.scene import Memo
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.logs import ACCOUNT, ACCOUNT_EVENT, CALL_KINDS, CHANNEL, OTP, SIM, SIM_EVENT, TEXT, UNSAID
from fraudnet.synthetic.settled import Settled, WorldTooSmallError, code_of

__all__ = ["NOWHERE", "Stage", "WorldTooSmallError"]

NOWHERE = -1  # a cell that is decided when the world is complete
NOTHING_REFUNDED = -1


@dataclass
class Stage(Settled):
    """A population, its holdings and its logs, open for planting; implements Scene."""

    def use_account(self, accounts: Ints, devices: Ints, at_us: Ints) -> None:
        """An account's app seen on a device."""
        self.logs.account_uses.add(account=accounts, device=devices, at=at_us)

    def use_sim(self, sims: Ints, devices: Ints, at_us: Ints) -> None:
        """A SIM seen in a device, where it then stays."""
        self.logs.sim_uses.add(sim=sims, device=devices, at=at_us)
        self.held.sims["device"][sims] = devices

    def register_phone(self, accounts: Ints, sims: Ints, at_us: Ints) -> None:
        """From now on the account's codes go to that SIM."""
        self.logs.registrations.add(account=accounts, sim=sims, at=at_us)
        self.account_event(accounts, at_us, "phone_changed")

    def transfer(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints, *, memo: Memo | None = None) -> Ints:
        """Money from account to account; returns the row of each transfer."""
        said = memo or Memo()
        text = UNSAID if said.text is None else TEXT[said.text]
        channel = UNSAID if said.channel is None else CHANNEL[said.channel]
        return self.logs.transfers.add(
            payer=payers, payee=payees, at=at_us, amount=amounts, text=text, channel=channel, refund=NOTHING_REFUNDED
        )

    def refund(self, transfers: Ints, at_us: Ints, amounts: Ints | None = None) -> Ints:
        """Pay transfers back, wholly unless amounts say less."""
        log = self.logs.transfers
        back = log["amount"][transfers] if amounts is None else amounts
        return log.add(
            payer=log["payee"][transfers], payee=log["payer"][transfers], at=at_us, amount=back, text=TEXT["refund"],
            channel=UNSAID, refund=transfers,
        )  # fmt: skip

    def cash(self, accounts: Ints, at_us: Ints, amounts: Ints, machine: int, *, cards: Ints | None = None) -> None:
        """Cash in (+) or out (-) at a machine."""
        card = 0 if cards is None else cards
        place = machine % self.held.machines
        self.logs.cash.add(account=accounts, at=at_us, amount=amounts, machine=place, card=card)

    def call(self, callers: Ints, callees: Ints, at_us: Ints, kind: str, duration_s: Ints) -> None:
        """Calls, messages or one-time codes; a one-time code always comes from a service number."""
        code = CALL_KINDS.index(kind)
        if code == OTP:
            n = max(len(np.atleast_1d(callees)), len(np.atleast_1d(at_us)))
            callers = self.rng.choice(self.held.service_sims, n)
        self.logs.calls.add(caller=callers, callee=callees, at=at_us, kind=code, duration=duration_s, cell=NOWHERE)

    def account_event(
        self, accounts: Ints, at_us: Ints, event: str, devices: Ints | None = None, *, values: Ints | None = None
    ) -> None:
        """login, device_bound, limit_raised, password_reset, phone_changed or reactivated."""
        device = -1 if devices is None else devices
        value = UNSAID if values is None else values
        self.logs.account_events.add(account=accounts, at=at_us, event=ACCOUNT_EVENT[event], device=device, value=value)

    def sim_event(self, sims: Ints, at_us: Ints, event: str) -> None:
        """activate, swap, device_change, suspend, verify and the others of the contract."""
        self.logs.sim_events.add(sim=sims, at=at_us, event=SIM_EVENT[event])

    def advertise_accounts(self, accounts: Ints, at_us: Ints) -> None:
        """The account's number is seen in an advert or a group."""
        self.logs.adverts.add(kind=ACCOUNT, entity=accounts, at=at_us)

    def advertise_sims(self, sims: Ints, at_us: Ints) -> None:
        """The number is seen in an advert or a group."""
        self.logs.adverts.add(kind=SIM, entity=sims, at=at_us)

    def defrauded(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints, scam: str) -> None:
        """Note that these transfers were paid by victims."""
        code = code_of(self.words.scams, scam)
        self.logs.losses.add(payer=payers, payee=payees, at=at_us, amount=amounts, scam=code)

    def suspects(self, n: int) -> Ints:
        """At most n accounts that victims of groups planted so far have paid."""
        paid = np.unique(self.logs.losses["payee"])
        return self.rng.choice(paid, min(n, len(paid)), replace=False).astype(np.int64)

    def mark_accounts(self, accounts: Ints, role: str, typology: str, ring: int, span_us: tuple[int, int]) -> None:
        """Write the truth about accounts."""
        self._mark(ACCOUNT, accounts, (role, typology), ring, span_us)

    def mark_sims(self, sims: Ints, role: str, typology: str, ring: int, span_us: tuple[int, int]) -> None:
        """Write the truth about SIMs."""
        self._mark(SIM, sims, (role, typology), ring, span_us)

    def _mark(self, kind: int, entities: Ints, what: tuple[str, str], ring: int, span: tuple[int, int]) -> None:
        role, typology = code_of(self.words.roles, what[0]), code_of(self.words.typologies, what[1])
        self.logs.marks.add(
            kind=kind, entity=entities, role=role, typology=typology, ring=ring, begins=span[0], ends=span[1]
        )
