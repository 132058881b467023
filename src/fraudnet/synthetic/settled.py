"""Who lives in a world that is being written and what they hold: the half of `contracts.scene.Scene` without events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fraudnet.contracts.scene import Desk, Habits
from fraudnet.errors import ConfigurationError
from fraudnet.synthetic import holdings, people
from fraudnet.synthetic.clock import DAY, HOUR
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.holdings import Holdings
from fraudnet.synthetic.institutions import OPERATOR_SHARES
from fraudnet.synthetic.logs import Logs
from fraudnet.synthetic.people import ADULT, ORGANISATION, SELLER, Flags, Population

YOUNG_TO = 26
COMPANY_KINDS = ("corporate", "exchange")
REST_US = 60 * DAY  # a number rests this long before it goes to somebody else
LONG_LIVED_US = 365 * DAY
ROOMY, TRIES = 50, 4  # a world of so many adults for each one wanted; how many are tried for each


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
class Settled:
    """A population and its holdings, open for more of both."""

    population: Population
    held: Holdings
    rng: np.random.Generator
    start_us: int
    end_us: int
    logs: Logs = field(default_factory=Logs)
    words: Words = field(default_factory=Words)
    rings: int = 0
    taken: Any = None
    habits: Habits = field(default_factory=Habits)
    known: dict[str, Ints] = field(default_factory=dict)  # rows that every group chooses from, looked up once
    returning: tuple[int, int] | None = None  # number and controller's account (-1 for none) of a ring that comes back

    def __post_init__(self) -> None:
        if self.taken is None:
            self.taken = np.zeros(self.population.people, bool)

    def people(self, n: int, *, young: bool = False, fresh: bool = True) -> Ints:
        """Pick n different adults; without `fresh`, people repeat in a world of fewer than n."""
        of_age, count = self._of_age(young), self.population.people
        chosen = self._tried(of_age, n, fresh) if len(of_age) > ROOMY * n else None
        if chosen is not None:
            self.taken[chosen] |= fresh
            return chosen
        candidates = of_age[self._fit(of_age, fresh)]
        if len(candidates) < n and (fresh or not len(candidates)):
            raise WorldTooSmallError(
                "people: {candidates} of {count} can still be picked, {n} are needed",
                candidates=len(candidates),
                count=count,
                n=n,
            )
        chosen = self.rng.choice(candidates, n, replace=len(candidates) < n).astype(np.int64)
        if fresh:
            self.taken[chosen] = True
        return chosen

    def _of_age(self, young: bool) -> Ints:
        """All adults, or the young ones, looked up once."""
        age = self.population.age[: self.population.people]
        key = "young" if young else "adult"
        if key not in self.known:
            self.known[key] = np.flatnonzero((age >= ADULT) & ((age < YOUNG_TO) | (not young)))
        return self.known[key]

    def _fit(self, candidates: Ints, fresh: bool) -> Flags:
        """Who of them still acts and, if asked, has not been picked before."""
        silent = self.held.silent_from
        acts = silent[candidates] >= self.end_us if len(silent) else np.ones(len(candidates), bool)
        return np.asarray(acts & ~(self.taken[candidates] & fresh))

    def _tried(self, candidates: Ints, n: int, fresh: bool) -> Ints | None:
        """n different people found by trying, so that a large world costs no more than a small one; None if too few."""
        tried = candidates[self.rng.integers(0, len(candidates), TRIES * n)]
        fit = tried[self._fit(tried, fresh)]
        first = np.sort(np.unique(fit, return_index=True)[1])[:n]
        return fit[first] if len(first) == n else None

    def household_of(self, person: int) -> Ints:
        """Everybody in a person's household, the person included."""
        homes = self.population.household[: self.population.people]
        return np.arange(*(np.searchsorted(homes, homes[person], side) for side in ("left", "right")), dtype=np.int64)

    def colleagues_of(self, person: int) -> Ints:
        """Everybody with the same employer, the person included; only the person where there is none."""
        employer = self.population.employer[person]
        if employer < 0:
            return np.array([person], np.int64)
        return np.flatnonzero(self.population.employer == employer).astype(np.int64)

    def contacts_of(self, person: int) -> Ints:
        """Relatives and friends of a person."""
        return np.unique(self.population.contacts[person])

    def twins(self, n: int) -> tuple[Ints, Ints]:
        """At most n pairs of twins of one household."""
        count = self.population.people
        elder = np.flatnonzero(np.diff(self.population.face[:count]) == 0)
        chosen = self.rng.permutation(elder)[:n].astype(np.int64)
        return chosen, chosen + 1

    def share_face(self, people: Ints) -> None:
        """These people's faces are that of the first of them, wherever they are checked."""
        self.logs.faces.add(person=people, face=self.population.face[people[0]])

    def set_status(self, people: Ints, status: str, at_us: Ints) -> None:
        """deceased or abroad since a moment."""
        self.logs.add_status(people, status, at_us)

    def misfile(self, accounts: Ints, fields: tuple[str, ...], as_people: Ints | None = None) -> None:
        """The banks' files on the holders of these accounts carry fields of other people, or slips of the pen."""
        self.logs.add_misfiled(accounts, fields, as_people)

    def found_firms(self, owners: Ints, at_us: Ints, capital: Ints) -> Ints:
        """Found a firm for each owner, who represents it; returns the firms as holders."""
        owners, at_us, capital = np.broadcast_arrays(np.atleast_1d(owners), np.atleast_1d(at_us), capital)
        first = len(self.population)
        self.population = people.with_companies(self.population, owners, (at_us // DAY, capital), self.rng)
        held = self.held
        for name in ("main_account", "main_sim", "main_device"):
            usual = getattr(held, name)
            setattr(held, name, self.population.room.extended(name, usual, usual[owners]))
        return np.arange(first, first + len(owners), dtype=np.int64)

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

    def open_accounts(
        self, people: Ints, at_us: Ints, *, kind: str = "personal", sims: Ints | None = None, desk: Desk | None = None
    ) -> Ints:
        """Open one more account per holder; corporate and exchange accounts of people belong to new firms of theirs."""
        people, at_us = np.broadcast_arrays(np.atleast_1d(people), np.atleast_1d(at_us))
        holders = self._as_firms(people, at_us) if kind in COMPANY_KINDS else people
        kinds = np.full(len(people), holdings.ACCOUNT_KINDS.index(kind))
        opened = holdings.open_accounts(self.held, holders, at_us, kinds, self.rng)
        firms = holders >= self.population.people
        fresh = firms & (
            self.held.main_account[holders] == self.held.main_account[self.population.representative[holders]]
        )
        self.held.main_account[holders[fresh]] = opened[fresh]
        if sims is not None:
            self.held.accounts["sim"][opened] = sims
        if desk is not None:
            holdings.at_desk(self.held, opened, desk)
        return opened

    def _as_firms(self, holders: Ints, at_us: Ints) -> Ints:
        """The holders that are firms, and new firms for the others."""
        persons = self.population.job[holders] != ORGANISATION
        firms = holders.copy()
        if persons.any():
            founded = at_us[persons] - self.rng.integers(5, 200, int(persons.sum())) * DAY
            capital = people.capitals(int(persons.sum()), self.rng)
            firms[persons] = self.found_firms(holders[persons], founded, capital)
        return firms

    def exchange_accounts(self, n: int) -> Ints:
        """Accounts of crypto exchange desks that have been there for long."""
        if "desks" not in self.known:
            self.known["desks"] = np.flatnonzero(self.held.accounts["kind"] == holdings.EXCHANGE)
        return self._some_accounts(self.known["desks"], n)

    def shop_accounts(self, n: int) -> Ints:
        """Accounts of long-lived shops with a steady turnover."""
        if "shops" not in self.known:
            holder = self.held.accounts["holder"]
            main = self.held.main_account[holder] == np.arange(len(holder))
            self.known["shops"] = np.flatnonzero(main & np.isin(self.population.job[holder], (SELLER, ORGANISATION)))
        return self._some_accounts(self.known["shops"], n)

    def _some_accounts(self, fit: Ints, n: int) -> Ints:
        """n of the fitting accounts that were opened a year before the world, each once while there are enough."""
        rows = fit[self.held.accounts["opened"][fit] < self.start_us - LONG_LIVED_US]
        if not len(rows):
            raise WorldTooSmallError("accounts: the world has no account of this kind that is a year old")
        return self.rng.choice(rows, n, replace=len(rows) < n).astype(np.int64)

    def close_accounts(self, accounts: Ints, at_us: Ints) -> None:
        """The holder or the bank closes accounts."""
        table = self.held.accounts
        table["closed"][accounts] = np.maximum(at_us, table["opened"][accounts] + HOUR)

    def activate_sims(
        self,
        people: Ints,
        at_us: Ints,
        *,
        dealer: int | None = None,
        operator: int | None = None,
        plan: str | None = None,
    ) -> Ints:
        """Activate one more SIM per person, at one point of sale and on one plan when given."""
        people, at_us = np.broadcast_arrays(np.atleast_1d(people), np.atleast_1d(at_us))
        sims = holdings.activate(self.held, people, at_us, self.rng)
        if dealer is not None:
            self.held.sims["dealer"][sims] = dealer % self.held.dealers
        if operator is not None:
            self.held.sims["operator"][sims] = operator % len(OPERATOR_SHARES)
        if plan is not None:
            self.held.sims["plan"][sims] = holdings.PLANS.index(plan)
        return sims

    def recycle_sims(self, sims: Ints, people: Ints, at_us: Ints) -> Ints:
        """The numbers of these SIMs, ended weeks before, go to other people."""
        sims, at_us = np.broadcast_arrays(np.atleast_1d(sims), np.atleast_1d(at_us))
        table = self.held.sims
        ended = np.maximum(at_us - REST_US, table["begun"][sims] + DAY)
        table["ended"][sims] = np.minimum(ended, at_us - DAY)
        new = self.activate_sims(people, at_us)
        table["operator"][new], table["number_of"][new] = table["operator"][sims], table["number_of"][sims]
        return new

    def new_devices(self, n: int) -> Ints:
        """Phones or modems nobody has used before; each stands in one cell."""
        near = self.rng.integers(0, self.population.people, n)
        return self.held.devices.add(cell=self.held.devices["cell"][near], owner=np.full(n, -1))

    def next_ring(self) -> int:
        """A number for one more group; a group that comes back keeps its own."""
        if self.returning is not None:
            return self.returning[0]
        self.rings += 1
        return self.rings

    def controller(self) -> Ints:
        """The everyday account of the one who controls the ring; a group that comes back has the same."""
        if self.returning is not None and self.returning[1] >= 0:
            return np.array([self.returning[1]], np.int64)
        return self.main_account(self.people(1))
