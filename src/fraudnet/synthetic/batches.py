"""Honest batches: what many get on one day at one desk, and what one person gets in a row."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import clock, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.facts import ENROLMENT
from fraudnet.synthetic.holdings import BRANCHES, COUNTER, PERSONAL, STAFF, WALLET_BANK, Holdings
from fraudnet.synthetic.people import Flags, Population

SCHOOLS = 12
IN_BATCH = 0.5  # of the accounts that students and employees open inside the world
BOUGHT_TOGETHER, ON_MARKET_DAY = 0.6, 0.45
IN_ONE_DEVICE = 0.6  # of what was bought together: a modem, a recorder, a new phone with two cards
OFFICE_SECONDS = 8 * 3600


def open_together(held: Holdings, population: Population, span: tuple[int, int], rng: np.random.Generator) -> None:
    """Students in the weeks of enrolment, workers when their factory takes people on: one stall, one day."""
    table = held.accounts
    holder = table["holder"]
    new = (table["opened"] >= span[0]) & (table["kind"] == PERSONAL) & (rng.random(len(table)) < IN_BATCH)
    student = np.flatnonzero(new & (population.job[holder] == people.STUDENT))
    worker = np.flatnonzero(new & (population.employer[holder] >= 0))
    days = clock.days_in(span, *ENROLMENT)
    if len(days):
        school = holder[student] % SCHOOLS
        day = days[(school * 5 + rng.integers(0, 3, len(student))) % len(days)]
        _at_stall(held, student, (school, day), rng)
    months = max(int((span[1] - span[0]) // (30 * clock.DAY)), 1)
    firm = population.employer[holder[worker]]
    intake = (firm * 7 + rng.integers(0, 2, len(worker)) * 5) % months * 30 + firm % 28
    _at_stall(held, worker, (firm + SCHOOLS, span[0] + intake * clock.DAY), rng)


def _at_stall(held: Holdings, rows: Ints, stall: tuple[Ints, Ints], rng: np.random.Generator) -> None:
    """Open these accounts at the stall's bank on its day, minutes apart, by one or two of its staff."""
    place, day = stall
    table = held.accounts
    order = np.argsort(place * 10**6 + day // clock.DAY, kind="stable")
    opened = np.zeros(len(rows), np.int64)
    opened[order] = day[order] + 8 * clock.HOUR + rng.integers(0, OFFICE_SECONDS, len(rows)) * clock.SECOND
    table["opened"][rows] = np.minimum(opened, day + 17 * clock.HOUR)
    table["bank"][rows] = place * 13 % WALLET_BANK
    table["branch"][rows] = place * 7 % BRANCHES
    table["staff"][rows] = place * 7 % BRANCHES * STAFF + rng.integers(0, 2, len(rows))
    table["channel"][rows] = COUNTER


def buy_together(held: Holdings, span: tuple[int, int], first: int, rng: np.random.Generator) -> None:
    """SIMs that one person or firm buys in a row for a family, cameras or drivers; and villagers' market days.

    first: the first row of the further SIMs.
    """
    sims = held.sims
    rows = np.arange(first, len(sims))
    rows = rows[sims["service"][rows] == 0]
    holder = sims["holder"][rows]
    order = np.argsort(holder, kind="stable")
    rows, holder = rows[order], holder[order]
    start = np.r_[True, holder[1:] != holder[:-1]]
    head = np.maximum.accumulate(np.where(start, np.arange(len(rows)), 0))
    place = np.arange(len(rows)) - head
    joins = (place > 0) & (rng.random(len(rows)) < BOUGHT_TOGETHER)
    apart = np.cumsum(rng.integers(60, 1_500, len(rows)))
    begun, dealer = sims["begun"][rows], sims["dealer"][rows]
    same = begun[head] + (apart - apart[head]) * clock.SECOND
    sims["begun"][rows] = np.where(joins, same, begun)
    sims["dealer"][rows] = np.where(joins, dealer[head], dealer)
    _into_one_device(held, (rows, start, joins), rng)
    _market_days(held, np.concatenate([held.main_sim, rows[~joins & (place == 0)]]), span, rng)


def _into_one_device(held: Holdings, batch: tuple[Ints, Flags, Flags], rng: np.random.Generator) -> None:
    """Some of what was bought together goes into one new device."""
    rows, start, joins = batch
    group = np.cumsum(start) - 1
    several = np.zeros(int(start.sum()), bool)
    several[group[joins]] = rng.random(int(joins.sum())) < IN_ONE_DEVICE
    owner = held.sims["holder"][rows[start]]
    new = held.devices.add(cell=held.devices["cell"][held.main_device[owner]], owner=owner)
    inside = several[group] & (joins | start)
    held.sims["device"][rows[inside]] = new[group[inside]]


def _market_days(held: Holdings, rows: Ints, span: tuple[int, int], rng: np.random.Generator) -> None:
    """A point of sale has its day of the year, a fair or an intake: strangers, one after the other."""
    sims = held.sims
    rows = rows[rng.random(len(rows)) < ON_MARKET_DAY]
    dealer, year = sims["dealer"][rows], sims["begun"][rows] // (365 * clock.DAY)
    day = year * 365 + (dealer * 101 + year * 53) % 365
    at = day * clock.DAY - clock.OFFSET + 9 * clock.HOUR + rng.integers(0, 9_000, len(rows)) * clock.SECOND
    ordinary = (sims["begun"][rows] >= span[0]) != (at >= span[0])
    sims["begun"][rows] = np.where(ordinary | (at >= span[1]), sims["begun"][rows], at)
