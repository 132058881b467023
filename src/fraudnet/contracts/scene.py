"""What a typology may do to a synthetic world in order to plant itself and its honest look-alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
TEXT_CLASSES = (
    "transfer", "goods", "salary", "refund", "rent", "loan", "family", "gift", "savings", "bill", "game", "crypto",
    "deposit", "donation", "supplier",
)  # fmt: skip
TRANSFER_CHANNELS = ("mobile", "internet", "qr", "counter")
STATUSES = ("deceased", "abroad")
FILE_FIELDS = ("name", "birth_date", "id_number", "sex", "face")


@dataclass(frozen=True)
class Desk:
    """Where accounts are opened; what is None is left to the world."""

    bank: int | None = None
    branch: int | None = None
    staff: int | None = None
    channel: str | None = None  # counter, ekyc or corporate


@dataclass(frozen=True)
class Memo:
    """What a transfer says besides its sum; None is left to the world, which draws it as for anybody."""

    text: str | None = None  # one of TEXT_CLASSES
    channel: str | None = None  # one of TRANSFER_CHANNELS


@dataclass(frozen=True)
class Habits:
    """How organised groups of a world behave, as factors and shares that the staging helpers apply to every ring.

    The defaults change nothing. A look-alike never reads them.
    """

    waiting: float = 1.0  # factor of the minutes until money moves on
    aging: float = 1.0  # factor of the days an account is open before it is used
    sums: float = 1.0  # factor of what a victim pays
    under_lines: float = 0.0  # share of sums above 10 M đồng that are cut into parts below it
    corporate: float = 0.0  # share of bought accounts that are a new firm's
    spread: float = 0.0  # share of bought accounts for which a bank of its own is chosen
    cash: float = 0.15  # share of the sums inside a ring that leave in cash
    warming: float = 1.0  # factor of the small payments that make an account look lived in
    pausing: float = 1.0  # factor of the minutes between two SIMs of a batch
    keeping: float = 0.0  # share of the sums inside a ring that lie for a day or more before they move on
    names: float = 1.0  # factor of the names that a batch of SIMs is registered in
    talking: float = 1.0  # factor of the calls that make a SIM look lived in
    codes: float = 1.0  # factor of the one-time codes a SIM receives


class Scene(Protocol):
    """A world that is being written; people, accounts, SIMs and devices are dense numbers, times UTC microseconds.

    Arrays of one call have equal length or length 1. Amounts are whole đồng. Nothing is returned to the detectors:
    they see only what a drop carries.
    """

    rng: np.random.Generator
    start_us: int
    end_us: int

    @property
    def habits(self) -> Habits:
        """How the ring that is being planted behaves."""
        ...

    def people(self, n: int, *, young: bool = False, fresh: bool = True) -> Ints:
        """Pick `n` different adults; `fresh` keeps them from being picked by another plant."""
        ...

    def household_of(self, person: int) -> Ints:
        """Everybody in a person's household, the person included."""
        ...

    def colleagues_of(self, person: int) -> Ints:
        """Everybody with the same employer, the person included; only the person where there is none."""
        ...

    def contacts_of(self, person: int) -> Ints:
        """Relatives and friends of a person."""
        ...

    def twins(self, n: int) -> tuple[Ints, Ints]:
        """At most n pairs of twins of one household: one birth date, faces that a machine takes for one."""
        ...

    def share_face(self, people: Ints) -> None:
        """Every institution that checks these people's faces finds the face of the first of them."""
        ...

    def set_status(self, people: Ints, status: str, at_us: Ints) -> None:
        """deceased or abroad since a moment; the population register learns it weeks later."""
        ...

    def misfile(self, accounts: Ints, fields: tuple[str, ...], as_people: Ints | None = None) -> None:
        """The banks' files on the holders of these accounts differ from the register in FILE_FIELDS.

        They carry those fields of `as_people`, else a slip of the pen (one letter, day and month, one digit).
        """
        ...

    def found_firms(self, owners: Ints, at_us: Ints, capital: Ints) -> Ints:
        """Found a firm for each owner, who represents it; returns holders that `open_accounts` takes."""
        ...

    def main_account(self, people: Ints) -> Ints:
        """Each person's everyday account."""
        ...

    def main_sim(self, people: Ints) -> Ints:
        """Each person's everyday SIM."""
        ...

    def main_device(self, people: Ints) -> Ints:
        """Each person's everyday phone."""
        ...

    def owner_of_account(self, accounts: Ints) -> Ints:
        """The person that holds each account."""
        ...

    def opened_us(self, accounts: Ints) -> Ints:
        """When each account was opened."""
        ...

    def open_accounts(
        self, people: Ints, at_us: Ints, *, kind: str = "personal", sims: Ints | None = None, desk: Desk | None = None
    ) -> Ints:
        """Open one more account per holder, registered to that SIM (else the holder's own), at that desk.

        A corporate or exchange account of a person belongs to a new firm of theirs; holders may be firms.
        """
        ...

    def close_accounts(self, accounts: Ints, at_us: Ints) -> None:
        """The holder or the bank closes accounts; ordinary life stops using them."""
        ...

    def register_phone(self, accounts: Ints, sims: Ints, at_us: Ints) -> None:
        """From now on the account's codes go to that SIM; writes phone_changed too."""
        ...

    def exchange_accounts(self, n: int) -> Ints:
        """Accounts of crypto exchange desks that have been there for long; repeated where a world has fewer."""
        ...

    def shop_accounts(self, n: int) -> Ints:
        """Accounts of long-lived shops with a steady turnover; repeated where a world has fewer."""
        ...

    def activate_sims(
        self,
        people: Ints,
        at_us: Ints,
        *,
        dealer: int | None = None,
        operator: int | None = None,
        plan: str | None = None,
    ) -> Ints:
        """Activate one more SIM per person, at one point of sale, on one plan (prepaid, postpaid, m2m) when given."""
        ...

    def recycle_sims(self, sims: Ints, people: Ints, at_us: Ints) -> Ints:
        """The numbers of these SIMs, ended weeks before, go to other people; returns the new holdings."""
        ...

    def new_devices(self, n: int) -> Ints:
        """Phones or modems nobody has used before."""
        ...

    def use_account(self, accounts: Ints, devices: Ints, at_us: Ints) -> None:
        """An account's app seen on a device."""
        ...

    def use_sim(self, sims: Ints, devices: Ints, at_us: Ints) -> None:
        """A SIM seen in a device."""
        ...

    def transfer(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints, *, memo: Memo | None = None) -> Ints:
        """Money from account to account; returns a number for each transfer, for `refund`."""
        ...

    def refund(self, transfers: Ints, at_us: Ints, amounts: Ints | None = None) -> Ints:
        """Pay transfers back, wholly unless amounts say less; each refund names the transfer it refunds."""
        ...

    def cash(self, accounts: Ints, at_us: Ints, amounts: Ints, machine: int, *, cards: Ints | None = None) -> None:
        """Cash in (+) or out (-) at a machine, with an account's own card (0) or its second, third card (1, 2)."""
        ...

    def call(self, callers: Ints, callees: Ints, at_us: Ints, kind: str, duration_s: Ints) -> None:
        """Calls (voice), messages (sms) or one-time codes (otp) between SIMs."""
        ...

    def account_event(
        self, accounts: Ints, at_us: Ints, event: str, devices: Ints | None = None, *, values: Ints | None = None
    ) -> None:
        """login, device_bound, limit_raised (to a value), password_reset, phone_changed or reactivated."""
        ...

    def sim_event(self, sims: Ints, at_us: Ints, event: str) -> None:
        """activate, swap (a new card), device_change, suspend, verify and the others of the contract."""
        ...

    def suspects(self, n: int) -> Ints:
        """At most n accounts that victims of groups planted so far have paid; fewer where there are fewer."""
        ...

    def advertise_accounts(self, accounts: Ints, at_us: Ints) -> None:
        """The account's number is seen in an advert or a group."""
        ...

    def advertise_sims(self, sims: Ints, at_us: Ints) -> None:
        """The number is seen in an advert or a group."""
        ...

    def defrauded(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints, scam: str) -> None:
        """Note that these transfers were paid by victims; some of them report it, days or weeks later."""
        ...

    def mark_accounts(self, accounts: Ints, role: str, typology: str, ring: int, span_us: tuple[int, int]) -> None:
        """Write the truth about accounts: a fraud role, or 'alike' for the honest look-alike."""
        ...

    def mark_sims(self, sims: Ints, role: str, typology: str, ring: int, span_us: tuple[int, int]) -> None:
        """Write the truth about SIMs: a fraud role, or 'alike' for the honest look-alike."""
        ...

    def next_ring(self) -> int:
        """A number for one more organised group or one more honest group; a group that comes back keeps its own."""
        ...

    def controller(self) -> Ints:
        """The everyday account of the one who controls the ring; a group that comes back has the same."""
        ...
