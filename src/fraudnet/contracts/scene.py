"""What a typology may do to a synthetic world in order to plant itself and its honest look-alike."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Scene(Protocol):
    """A world that is being written; people, accounts, SIMs and devices are dense numbers, times UTC microseconds.

    Arrays of one call have equal length or length 1. Amounts are whole đồng. Nothing is returned to the detectors:
    they see only what a drop carries.
    """

    rng: np.random.Generator
    start_us: int
    end_us: int

    def people(self, n: int, *, young: bool = False, fresh: bool = True) -> Ints:
        """Pick `n` different adults; `fresh` keeps them from being picked by another plant."""
        ...

    def household_of(self, person: int) -> Ints:
        """Everybody in a person's household, the person included."""
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

    def open_accounts(self, people: Ints, at_us: Ints, *, kind: str = "personal", sims: Ints | None = None) -> Ints:
        """Open one more account per person, registered to that SIM (else the person's own)."""
        ...

    def activate_sims(
        self, people: Ints, at_us: Ints, *, dealer: int | None = None, operator: int | None = None
    ) -> Ints:
        """Activate one more SIM per person, at one point of sale when given."""
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

    def transfer(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints) -> None:
        """Money from account to account."""
        ...

    def cash(self, accounts: Ints, at_us: Ints, amounts: Ints, machine: int) -> None:
        """Cash in (+) or out (-) at a machine."""
        ...

    def call(self, callers: Ints, callees: Ints, at_us: Ints, kind: str, duration_s: Ints) -> None:
        """Calls (voice), messages (sms) or one-time codes (otp) between SIMs."""
        ...

    def account_event(self, accounts: Ints, at_us: Ints, event: str, devices: Ints | None = None) -> None:
        """login, device_bound, limit_raised, password_reset, phone_changed or reactivated."""
        ...

    def sim_event(self, sims: Ints, at_us: Ints, event: str) -> None:
        """activate, swap, device_change, suspend, verify and the others of the contract."""
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
        """A number for one more organised group or one more honest group."""
        ...
