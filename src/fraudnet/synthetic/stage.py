"""The world while it is written: what a typology may do to it (`contracts.scene.Scene`)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from fraudnet.errors import ConfigurationError
from fraudnet.synthetic import holdings, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.holdings import Holdings
from fraudnet.synthetic.institutions import OPERATOR_SHARES
from fraudnet.synthetic.logs import ACCOUNT, ACCOUNT_EVENT, CALL_KINDS, OTP, SIM, SIM_EVENT, Logs
from fraudnet.synthetic.people import ADULT, Population

YOUNG_TO = 26
COMPANY_KINDS = ("corporate", "exchange")
NOWHERE = -1  # a cell that is decided when the world is complete


class WorldTooSmallError(ConfigurationError):
    """A world has fewer people than a planted group needs."""


@dataclass
class Words:
    """Texts that the logs hold as numbers."""

    roles: list[str] = field(default_factory=list)
    typologies: list[str] = field(default_factory=list)
    scams: list[str] = field(default_factory=list)


def code_of(words: list[str], word: str) -> int:
    """The number of a word, learnt at its first use."""
    if word not in words:
        words.append(word)
    return words.index(word)


@dataclass
class Stage:
    """A population, its holdings and its logs, open for planting; implements Scene."""

    population: Population
    held: Holdings
    rng: np.random.Generator
    start_us: int
    end_us: int
    logs: Logs = field(default_factory=Logs)
    words: Words = field(default_factory=Words)
    rings: int = 0
    taken: Any = None

    def __post_init__(self) -> None:
        if self.taken is None:
            self.taken = np.zeros(self.population.people, bool)

    def people(self, n: int, *, young: bool = False, fresh: bool = True) -> Ints:
        """Pick n different adults; without `fresh`, people repeat in a world of fewer than n."""
        count = self.population.people
        fit = self.population.age[:count] >= ADULT
        if young:
            fit = fit & (self.population.age[:count] < YOUNG_TO)
        if fresh:
            fit = fit & ~self.taken
        candidates = np.flatnonzero(fit)
        if len(candidates) < n and (fresh or not len(candidates)):
            raise WorldTooSmallError(f"people: {len(candidates)} of {count} can still be picked, {n} are needed")
        chosen = self.rng.choice(candidates, n, replace=len(candidates) < n).astype(np.int64)
        if fresh:
            self.taken[chosen] = True
        return chosen

    def household_of(self, person: int) -> Ints:
        """Everybody in a person's household, the person included."""
        n = self.population.people
        return np.flatnonzero(self.population.household[:n] == self.population.household[person]).astype(np.int64)

    def main_account(self, people: Ints) -> Ints:
        """Each person's everyday account."""
        return self.held.main_account[people]

    def main_sim(self, people: Ints) -> Ints:
        """Each person's everyday SIM."""
        return self.held.main_sim[people]

    def main_device(self, people: Ints) -> Ints:
        """Each person's everyday phone."""
        return self.held.main_device[people]

    def owner_of_account(self, accounts: Ints) -> Ints:
        """The person that holds each account, or represents the organisation that does."""
        return np.asarray(self.population.representative[self.held.accounts["holder"][accounts]])

    def opened_us(self, accounts: Ints) -> Ints:
        """When each account was opened."""
        return np.asarray(self.held.accounts["opened"][accounts])

    def open_accounts(self, people: Ints, at_us: Ints, *, kind: str = "personal", sims: Ints | None = None) -> Ints:
        """Open one more account per person; corporate and exchange accounts belong to a new firm of the person."""
        people, at_us = np.broadcast_arrays(np.atleast_1d(people), np.atleast_1d(at_us))
        holders = self._found_firms(people, at_us) if kind in COMPANY_KINDS else people
        kinds = np.full(len(people), holdings.ACCOUNT_KINDS.index(kind))
        opened = holdings.open_accounts(self.held, holders, at_us, kinds, self.rng)
        if kind in COMPANY_KINDS:
            self.held.main_account = np.concatenate([self.held.main_account, opened])
        if sims is not None:
            self.held.accounts["sim"][opened] = sims
        return opened

    def _found_firms(self, owners: Ints, at_us: Ints) -> Ints:
        first = len(self.population)
        founded = at_us // (24 * 3600 * 1_000_000) - self.rng.integers(5, 200, len(owners))
        self.population = people.with_companies(self.population, owners, founded, self.rng)
        self.held.main_sim = np.concatenate([self.held.main_sim, self.held.main_sim[owners]])
        self.held.main_device = np.concatenate([self.held.main_device, self.held.main_device[owners]])
        return np.arange(first, first + len(owners), dtype=np.int64)

    def activate_sims(
        self, people: Ints, at_us: Ints, *, dealer: int | None = None, operator: int | None = None
    ) -> Ints:
        """Activate one more SIM per person, at one point of sale when given."""
        people, at_us = np.broadcast_arrays(np.atleast_1d(people), np.atleast_1d(at_us))
        sims = holdings.activate(self.held, people, at_us, self.rng)
        if dealer is not None:
            self.held.sims["dealer"][sims] = dealer % self.held.dealers
        if operator is not None:
            self.held.sims["operator"][sims] = operator % len(OPERATOR_SHARES)
        return sims

    def new_devices(self, n: int) -> Ints:
        """Phones or modems nobody has used before; each stands in one cell."""
        near = self.rng.integers(0, self.population.people, n)
        return self.held.devices.add(cell=self.held.devices["cell"][near], owner=np.full(n, -1))

    def use_account(self, accounts: Ints, devices: Ints, at_us: Ints) -> None:
        """An account's app seen on a device."""
        self.logs.account_uses.add(account=accounts, device=devices, at=at_us)

    def use_sim(self, sims: Ints, devices: Ints, at_us: Ints) -> None:
        """A SIM seen in a device, where it then stays."""
        self.logs.sim_uses.add(sim=sims, device=devices, at=at_us)
        self.held.sims["device"][sims] = devices

    def transfer(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints) -> None:
        """Money from account to account."""
        self.logs.transfers.add(payer=payers, payee=payees, at=at_us, amount=amounts)

    def cash(self, accounts: Ints, at_us: Ints, amounts: Ints, machine: int) -> None:
        """Cash in (+) or out (-) at a machine."""
        self.logs.cash.add(account=accounts, at=at_us, amount=amounts, machine=machine % self.held.machines)

    def call(self, callers: Ints, callees: Ints, at_us: Ints, kind: str, duration_s: Ints) -> None:
        """Calls, messages or one-time codes; a one-time code always comes from a service number."""
        code = CALL_KINDS.index(kind)
        if code == OTP:
            n = max(len(np.atleast_1d(callees)), len(np.atleast_1d(at_us)))
            callers = self.rng.choice(self.held.service_sims, n)
        self.logs.calls.add(caller=callers, callee=callees, at=at_us, kind=code, duration=duration_s, cell=NOWHERE)

    def account_event(self, accounts: Ints, at_us: Ints, event: str, devices: Ints | None = None) -> None:
        """login, device_bound, limit_raised, password_reset, phone_changed or reactivated."""
        device = -1 if devices is None else devices
        self.logs.account_events.add(account=accounts, at=at_us, event=ACCOUNT_EVENT[event], device=device)

    def sim_event(self, sims: Ints, at_us: Ints, event: str) -> None:
        """activate, swap, device_change, suspend, verify and the others of the contract."""
        self.logs.sim_events.add(sim=sims, at=at_us, event=SIM_EVENT[event])

    def defrauded(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints, scam: str) -> None:
        """Note that these transfers were paid by victims."""
        code = code_of(self.words.scams, scam)
        self.logs.losses.add(payer=payers, payee=payees, at=at_us, amount=amounts, scam=code)

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

    def next_ring(self) -> int:
        """A number for one more group."""
        self.rings += 1
        return self.rings


@dataclass(frozen=True)
class Savepoint:
    """How far a stage was, so that a group that does not fit leaves nothing behind."""

    lengths: tuple[int, ...]
    population: Population
    held: Holdings
    taken: Any
    sim_devices: Ints

    @classmethod
    def of(cls, stage: Stage) -> Savepoint:
        """Remember where a stage stands."""
        tables = _growing(stage)
        return cls(
            tuple(len(t) for t in tables), stage.population, replace(stage.held), stage.taken.copy(),
            stage.held.sims["device"].copy(),
        )  # fmt: skip

    def restore(self, stage: Stage) -> None:
        """Take everything back that happened since."""
        for table, length in zip(_growing(stage), self.lengths, strict=True):
            table.rewind(length)
        stage.population, stage.taken = self.population, self.taken
        for item in fields(self.held):
            setattr(stage.held, item.name, getattr(self.held, item.name))
        stage.held.sims["device"][:] = self.sim_devices


def _growing(stage: Stage) -> tuple[Any, ...]:
    return (*stage.logs.tables(), stage.held.accounts, stage.held.sims, stage.held.devices)
