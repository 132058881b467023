"""Many pay one, honestly: class funds, rotating savings, weddings, live sales, couriers; and accounts that wake up."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import amounts, clock, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.living import Life
from fraudnet.synthetic.wages import monthly, months_of


def members(life: Life, groups: int, size: tuple[int, int]) -> tuple[Ints, Ints]:
    """Groups of strangers: (which group, who)."""
    sizes = life.rng.integers(size[0], size[1], groups)
    which = np.repeat(np.arange(groups), sizes)
    return which, life.rng.integers(0, life.stage.population.people, len(which))


def class_funds(life: Life) -> None:
    """Parents of a class pay the same sum to the treasurer within days, who spends it in a few payments."""
    groups = max(life.stage.population.people // 700, 1) * max(life.days // 120, 1)
    which, parent = members(life, groups, (22, 48))
    treasurer = life.rng.integers(0, life.stage.population.people, groups)
    begin = clock.moments(groups, life.span, clock.EVENING, life.rng)
    due = life.rng.choice([200_000, 300_000, 350_000, 500_000, 800_000], groups)
    at = (
        begin[which]
        + (life.rng.exponential(0.7, len(which)) * clock.DAY).astype(np.int64) // clock.SECOND * clock.SECOND
    )
    life.pay_people(parent, treasurer[which], at, due[which])
    out = np.repeat(np.arange(groups), 3)
    spent = begin[out] + life.rng.integers(2, 20, len(out)) * clock.DAY
    shop = life.rng.integers(0, len(life.stage.population), len(out))
    life.pay_people(treasurer[out], shop, spent, due[out] * 9)


def savings_circles(life: Life) -> None:
    """Hụi: every month all pay the one whose turn it is, so money comes round in circles."""
    groups = max(life.stage.population.people // 500, 1)
    which, member = members(life, groups, (7, 15))
    first = np.r_[True, which[1:] != which[:-1]]
    start = np.flatnonzero(first)
    size = np.diff(np.r_[start, len(which)])
    row, at = monthly(life, len(which), life.rng.integers(0, 28, groups)[which], 1)
    turn = np.tile(np.arange(len(months_of(life))), len(which))
    group = which[row]
    payee = member[start[group] + turn % size[group]]
    share = life.rng.choice([500_000, 1_000_000, 2_000_000, 3_000_000], groups)
    life.pay_people(member[row], payee, at, share[group], text="savings")


def weddings(life: Life) -> None:
    """Guests give on one day; the couple then pays many suppliers."""
    groups = max(life.stage.population.people * life.days // 180_000, 1)
    which, guest = members(life, groups, (15, 70))
    couple = life.rng.integers(0, life.stage.population.people, groups)
    day = clock.moments(groups, life.span, clock.PAYING, life.rng) // clock.DAY * clock.DAY
    at = day[which] + clock.hours(len(which), clock.PAYING, life.rng)
    life.pay_people(
        guest,
        couple[which],
        at,
        life.rng.choice([300_000, 500_000, 500_000, 1_000_000, 2_000_000], len(at)),
        text="gift",
    )
    out = np.repeat(np.arange(groups), life.rng.integers(3, 14, groups))
    paid = day[out] + life.rng.integers(1, 4, len(out)) * clock.DAY + clock.hours(len(out), clock.PAYING, life.rng)
    supplier = life.rng.integers(0, len(life.stage.population), len(out))
    life.pay_people(couple[out], supplier, paid, amounts.drawn(len(out), np.log(2_500_000), life.rng, 0.8))


def live_sales(life: Life) -> None:
    """A live seller's evening: dozens of strangers within hours; next day most of it goes to the supplier."""
    population = life.stage.population
    sellers = np.flatnonzero((population.job == people.SELLER) & (np.arange(len(population)) % 5 < 2))
    if not len(sellers):
        return
    sessions = life.rng.choice(sellers, max(len(sellers) * life.days // 12, 1))
    begin = clock.moments(len(sessions), life.span, clock.EVENING, life.rng)
    buyers = life.rng.geometric(1 / 14, len(sessions))
    which = np.repeat(np.arange(len(sessions)), buyers)
    at = begin[which] + life.rng.integers(0, 9_000, len(which)) * clock.SECOND
    buyer = life.rng.integers(0, population.people, len(which))
    price = amounts.drawn(len(which), np.log(420_000), life.rng, 1.1)
    till = life.account(sessions, begin)
    life.pay(life.account(buyer, at), till[which], at, price, text="goods")
    taken = np.bincount(which, price, len(sessions)).astype(np.int64)
    supplier = population.people + sessions % max(len(population) - population.people, 1)
    wait = np.where(sessions % 3 == 0, 10_800, 43_200)
    paid = begin + (wait + life.rng.integers(0, 30_000, len(wait))) * clock.SECOND
    life.pay(till, life.account(supplier, paid), paid, np.maximum(taken * 17 // 20 // 10_000 * 10_000, 50_000))


def couriers(life: Life) -> None:
    """Drivers collect for parcels all day and pay nearly everything to the firm the same evening."""
    population = life.stage.population
    drivers = np.flatnonzero((population.job == people.DRIVER) & (np.arange(len(population)) % 3 == 0))
    if not len(drivers):
        return
    shifts = life.rng.choice(drivers, max(len(drivers) * life.days // 8, 1))
    day = clock.moments(len(shifts), life.span, clock.PAYING, life.rng) // clock.DAY * clock.DAY
    which = np.repeat(np.arange(len(shifts)), life.rng.integers(3, 18, len(shifts)))
    at = day[which] + clock.hours(len(which), clock.PAYING, life.rng)
    price = amounts.drawn(len(which), np.log(350_000), life.rng, 0.9)
    till = life.stage.held.main_account[shifts]
    life.pay(life.account(life.rng.integers(0, population.people, len(which)), at), till[which], at, price)
    last = np.zeros(len(shifts), np.int64)
    np.maximum.at(last, which, at)
    taken = np.bincount(which, price, len(shifts)).astype(np.int64)
    paid = last + life.rng.integers(120, 7_200, len(shifts)) * clock.SECOND
    firm = population.people + shifts % max(len(population) - population.people, 1)
    life.pay(till, life.account(firm, paid), paid, taken * 97 // 100 // 1_000 * 1_000 + 1_000)


def awakenings(life: Life) -> None:
    """Accounts that slept: a returnee, a harvest, a sale of land brings one large sum that goes on in days."""
    population = life.stage.population
    n = max(population.people * life.days // 36_000, 1)
    who = life.rng.integers(0, population.people, n)
    account = life.accounts.order[life.accounts.start[who] + life.accounts.count[who] - 1]
    at = clock.moments(n, life.span, clock.PAYING, life.rng)
    buyer = life.account(life.rng.integers(0, len(population), n), at)
    price = amounts.drawn(n, np.log(45_000_000), life.rng, 1.0)
    life.pay(buyer, account, at, price)
    which = np.repeat(np.arange(n), life.rng.integers(1, 6, n))
    later = (
        at[which] + (life.rng.exponential(1.5, len(which)) * clock.DAY).astype(np.int64) // clock.SECOND * clock.SECOND
    )
    payee = life.account(life.rng.integers(0, len(population), len(which)), later)
    part = price[which] // 4 // 100_000 * 100_000 + 100_000
    life.pay(account[which], payee, later, part)


def all_gatherings(life: Life) -> None:
    """Everything of this file, in a fixed order."""
    for gathering in (class_funds, savings_circles, weddings, live_sales, couriers, awakenings):
        gathering(life)
