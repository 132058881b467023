"""Money that comes by the calendar: wages, pensions, rent, remittances, bills, subscriptions."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import amounts, clock, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.living import Life

OFFICE = np.array([0, 0, 0, 0, 0, 0, 1, 4, 20, 30, 28, 15, 4, 8, 22, 25, 25, 20, 6, 3, 2, 1, 0, 0], float)
PAYDAYS = (1, 5, 5, 7, 10, 10, 15, 25, 28, 30)
RENTS = np.array([1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_500_000, 6_000_000, 8_000_000, 9_500_000])
RENT_SHARES = np.array([0.14, 0.16, 0.17, 0.15, 0.12, 0.1, 0.07, 0.03, 0.06])


def months_of(life: Life) -> Ints:
    """The first moment of every 30 days of the world."""
    return np.arange(life.span[0], life.span[1], 30 * clock.DAY)


def monthly(life: Life, n: int, day: Ints, jitter: int) -> tuple[Ints, Ints]:
    """For n standing payments, one moment per month near each one's day: (which payment, when)."""
    months = months_of(life)
    which = np.repeat(np.arange(n), len(months))
    late = life.rng.integers(0, jitter + 1, len(which))
    at = np.tile(months, n) + (day[which] + late) * clock.DAY + clock.hours(len(which), OFFICE, life.rng)
    return which, at


def wages(life: Life) -> None:
    """Every employer pays its people on its own payday within the hour: honest fan-out."""
    population = life.stage.population
    staff = np.flatnonzero(population.employer >= 0)
    boss = population.employer[staff]
    wage = np.exp(np.log(7_500_000) + 0.42 * life.rng.standard_normal(len(staff)))
    payday = life.rng.choice(PAYDAYS, len(population))
    months = months_of(life)
    batch = clock.hours(len(population), OFFICE, life.rng)
    who = np.repeat(np.arange(len(staff)), len(months))
    at = np.tile(months, len(staff)) + payday[boss[who]] * clock.DAY + batch[boss[who]]
    at = at + life.rng.integers(0, 2400, len(who)) * clock.SECOND
    paid = amounts.near(wage[who].astype(np.int64), life.rng, 0.06, 10_000)
    payee = life.stage.held.main_account[staff[who]]
    life.pay(life.stage.held.main_account[boss[who]], payee, at, paid, text="salary")
    _moved_on(life, payee, at, paid)


def _moved_on(life: Life, accounts: Ints, at: Ints, paid: Ints) -> None:
    """One in six sends most of the wage on within the hour, to a spouse or another account of their own."""
    holder = life.stage.held.accounts["holder"][accounts]
    sends = (holder % 6 == 0) & (life.rng.random(len(accounts)) < 0.8)
    holder, at, paid = holder[sends], at[sends], paid[sends]
    later = at + life.rng.integers(120, 5400, len(at)) * clock.SECOND
    partner = life.stage.population.contacts[holder, 0]
    share = (paid * life.rng.uniform(0.5, 1.0, len(paid))).astype(np.int64) // 50_000 * 50_000 + 50_000
    life.pay(accounts[sends], life.stage.held.main_account[partner], later, share)


def rents(life: Life) -> None:
    """Tenants pay their landlord in the first days of the month; 9.5 M is a usual rent of a city flat."""
    population = life.stage.population
    owners = np.flatnonzero(population.job == people.LANDLORD)
    if not len(owners):
        return
    tenants = np.flatnonzero((life.rng.random(population.people) < 0.11) & (population.age[: population.people] < 50))
    which, at = monthly(life, len(tenants), life.rng.integers(0, 6, len(tenants)), 2)
    owner = life.rng.choice(owners, len(tenants))
    rent = life.rng.choice(RENTS, len(tenants), p=RENT_SHARES / RENT_SHARES.sum())
    life.pay_people(tenants[which], owner[which], at, rent[which], text="rent")


def remittances(life: Life) -> None:
    """Migrants send money home after payday; some homes pass it on to the next relative."""
    population = life.stage.population
    migrants = np.flatnonzero(population.migrant[: population.people])
    which, at = monthly(life, len(migrants), life.rng.integers(5, 14, len(migrants)), 5)
    home = population.contacts[migrants, -1]
    sum_home = life.rng.choice([1_000_000, 2_000_000, 3_000_000, 5_000_000, 8_000_000], len(which))
    life.pay_people(migrants[which], home[which], at, sum_home, text="family")
    passed = life.rng.random(len(which)) < 0.25
    at = at + life.rng.integers(300, 36_000, len(at)) * clock.SECOND
    onward = population.contacts[home, 1]
    life.pay_people(home[which][passed], onward[which][passed], at[passed], sum_home[passed] // 2)


def bills(life: Life) -> None:
    """Electricity, water, telephone: to the largest organisations."""
    population = life.stage.population
    payers = np.flatnonzero(life.rng.random(population.people) < 0.45)
    which, at = monthly(life, len(payers), life.rng.integers(3, 20, len(payers)), 6)
    desk = population.people + life.rng.integers(0, min(6, len(population) - population.people), len(payers))
    due = np.exp(np.log(380_000) + 0.8 * life.rng.standard_normal(len(which))).astype(np.int64) // 1_000 * 1_000
    life.pay_people(payers[which], desk[which], at, np.maximum(due, 10_000), text="bill")


def every_month(life: Life) -> None:
    """Everything that comes by the calendar."""
    wages(life)
    rents(life)
    remittances(life)
    bills(life)
