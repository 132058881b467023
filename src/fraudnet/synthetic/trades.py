"""Livelihoods whose money looks busy: harvests, school fees, charities, crypto traders, stalls that became firms."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import amounts, clock, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.facts import ENROLMENT, FLOODS, HARVESTS
from fraudnet.synthetic.gatherings import members
from fraudnet.synthetic.holdings import EXCHANGE
from fraudnet.synthetic.living import Life

FEES = np.array([4_500_000, 6_000_000, 7_500_000, 8_800_000, 9_600_000, 12_000_000, 15_000_000])
TRADES_A_DAY = 1.1  # of an honest P2P trader
GOES_ON, TO_THE_DESK = 0.75, 0.45  # of a trader's purchases: coins bought again at once, and bought at a desk
SCHOOLS = 12


def _firms(life: Life, who: Ints) -> Ints:
    """For each, one organisation it always deals with."""
    population = life.stage.population
    return population.people + who % max(len(population) - population.people, 1)


def harvests(life: Life) -> None:
    """A dealer pays for the harvest in one or two large sums; the farmer settles debts within days."""
    population, rng = life.stage.population, life.rng
    farmers = np.flatnonzero(population.job == people.FARMER)
    seasons = np.concatenate([clock.days_in(life.span, (m, 1), (m, 25)) for m in HARVESTS])
    if not len(farmers) or not len(seasons):
        return
    sold = np.repeat(farmers, rng.integers(1, 3, len(farmers)))
    day = seasons[(sold * 13 + rng.integers(0, 9, len(sold))) % len(seasons)]
    at = day + clock.hours(len(sold), clock.PAYING, rng)
    price = amounts.drawn(len(sold), np.log(32_000_000), rng, 0.8)
    till = life.account(sold, at)
    life.pay(life.account(_firms(life, sold // 7), at), till, at, price, text="supplier")
    which = np.repeat(np.arange(len(sold)), rng.integers(1, 6, len(sold)))
    later = at[which] + (rng.exponential(0.8, len(which)) * 86_400).astype(np.int64) * clock.SECOND
    lender = np.where(
        rng.random(len(which)) < 0.5, population.contacts[sold[which], which % 7], _firms(life, sold[which])
    )
    part = price[which] // 5 // 50_000 * 50_000 + 50_000
    life.pay(till[which], life.account(lender, later), later, part)


def school_fees(life: Life) -> None:
    """In the weeks of enrolment parents send the fee, and the student passes it on to the school."""
    population, rng = life.stage.population, life.rng
    students = np.flatnonzero((population.job == people.STUDENT) & (population.age >= people.ADULT))
    days = clock.days_in(life.span, *ENROLMENT)
    if not len(students) or not len(days):
        return
    day = days[(students % SCHOOLS * 5 + rng.integers(0, 6, len(students))) % len(days)]
    at = day + clock.hours(len(students), clock.PAYING, rng)
    fee = rng.choice(FEES, len(students))
    own = life.account(students, at)
    parent = population.contacts[students, 0]
    life.pay(life.account(parent, at), own, at, fee + rng.choice([0, 500_000, 2_000_000], len(students)), text="family")
    paid = at + rng.integers(180, 90_000, len(students)) * clock.SECOND
    school = population.people + students % SCHOOLS % max(len(population) - population.people, 1)
    life.pay(own, life.account(school, paid), paid, fee, text="bill")


def charities(life: Life) -> None:
    """After floods strangers give small sums to one account for days; it buys goods in a few large payments."""
    population, rng = life.stage.population, life.rng
    days = np.concatenate([clock.days_in(life.span, day, (day[0], day[1] + 6)) for day in FLOODS])
    if not len(days):
        return
    which, donor = members(life, max(population.people // 2_500, 1), (50, 220))
    drives = int(which[-1]) + 1
    treasurer = rng.integers(0, population.people, drives)
    begin = rng.choice(days, drives)
    spread = (rng.exponential(1.2, len(which)) * 86_400).astype(np.int64) * clock.SECOND
    at = begin[which] + clock.hours(len(which), clock.WAKING, rng) + spread
    gift = rng.choice([20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000], len(which))
    till = life.stage.held.main_account[treasurer]
    life.pay(life.account(donor, at), till[which], at, gift, text="donation")
    out = np.repeat(np.arange(drives), 6)
    taken = np.bincount(which, gift, drives).astype(np.int64)
    paid = begin[out] + rng.integers(1, 9, len(out)) * clock.DAY + clock.hours(len(out), clock.PAYING, rng)
    shop = _firms(life, treasurer[out] + np.tile(np.arange(6), drives))
    life.pay(till[out], life.account(shop, paid), paid, taken[out] // 7 // 10_000 * 10_000 + 10_000)


def crypto_traders(life: Life) -> None:
    """Honest P2P traders: strangers pay round and odd sums all day, coins are bought again within the hour."""
    population, held, rng = life.stage.population, life.stage.held, life.rng
    traders = np.flatnonzero(population.job == people.TRADER)
    desks = np.flatnonzero(held.accounts["kind"] == EXCHANGE)
    if not len(traders) or not len(desks):
        return
    weight = np.cumsum(population.activity[traders])
    n = round(len(traders) * TRADES_A_DAY * life.days)
    who = traders[np.minimum(np.searchsorted(weight / weight[-1], rng.random(n)), len(traders) - 1)]
    at = clock.moments(n, life.span, clock.WAKING, rng)
    price = amounts.drawn(n, np.log(4_800_000), rng, 1.1)
    till = life.account(who, at)
    other = life.account(rng.integers(0, population.people, n), at)
    sells = rng.random(n) < 0.55
    life.pay(np.where(sells, other, till), np.where(sells, till, other), at, price, text="crypto")
    on = sells & (rng.random(n) < GOES_ON)
    later = at[on] + (rng.lognormal(np.log(35), 1.2, int(on.sum())) * 60).astype(np.int64) * clock.SECOND
    peer = life.account(rng.choice(traders, len(later)), later)
    goal = np.where(rng.random(len(later)) < TO_THE_DESK, rng.choice(desks, len(later)), peer)
    life.pay(till[on], goal, later, price[on] * 99 // 100 // 1_000 * 1_000 + 1_000)


def young_firms(life: Life) -> None:
    """A stall that became a firm: customers follow to the new account, suppliers are paid the same day."""
    population, rng = life.stage.population, life.rng
    firms = life.stage.held.young_firms
    if not len(firms):
        return
    till = life.stage.held.main_account[firms]
    begun = life.stage.held.accounts["opened"][till]
    days = np.maximum((life.span[1] - begun) // clock.DAY, 1)
    which = np.repeat(np.arange(len(firms)), rng.poisson(0.9 * days))
    at = begun[which] + (rng.random(len(which)) * days[which]).astype(np.int64) * clock.DAY
    at = at // clock.DAY * clock.DAY - clock.OFFSET + clock.DAY + clock.hours(len(which), clock.PAYING, rng)
    price = amounts.drawn(len(which), np.log(1_800_000), rng, 1.5)
    life.pay(life.account(rng.integers(0, population.people, len(which)), at), till[which], at, price, text="goods")
    out = rng.random(len(which)) < 0.4
    paid = at[out] + rng.integers(240, 40_000, int(out.sum())) * clock.SECOND
    owner = population.representative[firms[which[out]]]
    goal = np.where(rng.random(len(paid)) < 0.3, owner, _firms(life, firms[which[out]] * 3 + which[out] % 3))
    life.pay(till[which[out]], life.account(goal, paid), paid, price[out] * 2 // 1_000 * 1_000 + 1_000)


def all_trades(life: Life) -> None:
    """Everything of this file, in a fixed order."""
    for trade in (harvests, school_fees, charities, crypto_traders, young_firms):
        trade(life)
