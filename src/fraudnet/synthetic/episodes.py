"""Money that goes on among friends and relatives: handed on, shared out, paid back, brought round again."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import amounts, clock
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.living import Life

# Episodes per person and day.
CHAINS, CIRCLES, SHARED, OUTINGS, CLUBS = 0.0026, 0.0010, 0.0010, 0.0011, 0.0013
CLUB_TIMES, CLUB_SIGMA, MOST_TIMES = 11, 1.0, 300  # payments of a club's week, usually; some pay all day
NEW_PAYEES, ALL_NEW, ALL_NEW_PAYEES = 0.5, 0.2, 0.12  # geometric, after a new phone; of those who start anew with it
PURSES = 29  # one in so many keeps the purse for those around
PURSE_KEPT = 0.35
DAY_S = 86_400


def _some(life: Life, rate: float) -> Ints:
    """Who starts an episode: the busy more often."""
    population = life.stage.population
    weight = np.cumsum(population.activity[: population.people])
    n = max(round(rate * population.people * life.days), 1)
    return np.minimum(np.searchsorted(weight / weight[-1], life.rng.random(n)), population.people - 1)


def _friend(life: Life, who: Ints, near: int = 4) -> Ints:
    return life.stage.population.contacts[who, life.rng.integers(0, near, len(who))]


def _seconds(life: Life, n: int, median_minutes: float, sigma: float = 1.5) -> Ints:
    """Waits, most of them short, some of a day."""
    drawn = np.exp(np.log(median_minutes * 60) + sigma * life.rng.standard_normal(n))
    return np.asarray(np.clip(drawn, 60, 1.2 * DAY_S), dtype=np.int64) * clock.SECOND


def _less(life: Life, sums: Ints) -> Ints:
    """Nearly all of it, as people hand money on: some keep nothing, some a little, some half."""
    kept = life.rng.choice([0.0, 0.0, 0.0, 0.02, 0.05, 0.1, 0.3], len(sums))
    return np.asarray(np.maximum((sums * (1 - kept)).astype(np.int64) // 1_000, 1) * 1_000)


def chains(life: Life) -> None:
    """A sum that two to four people hand on one after the other: to the spouse, the parents, the seller, the lender."""
    holder = _some(life, CHAINS)
    at = clock.moments(len(holder), life.span, clock.PAYING, life.rng)
    paid = amounts.drawn(len(holder), np.log(2_600_000), life.rng, 1.2)
    here, goes = life.account(holder, at), np.ones(len(holder), bool)
    for step in range(4):
        holder = np.where(life.rng.random(len(holder)) < 0.85, _friend(life, holder), _firm(life, holder))
        if step == 0:
            keeper = holder // PURSES * PURSES
            keeps = (life.rng.random(len(holder)) < PURSE_KEPT) & (keeper < life.stage.population.people)
            holder = np.where(keeps, keeper, holder)
        there = life.account(holder, at)
        life.pay(here[goes], there[goes], at[goes], paid[goes])
        holder = life.stage.population.representative[holder]
        at, paid, here = at + _seconds(life, len(at), 50), _less(life, paid), there
        goes = goes & (life.rng.random(len(goes)) < (1.0 if step == 0 else 0.5))


def circles(life: Life) -> None:
    """A sum that comes back to the first through two to five friends within days: lent, owed, given back."""
    first = _some(life, CIRCLES)
    size = life.rng.integers(3, 7, len(first))
    at = clock.moments(len(first), life.span, clock.PAYING, life.rng)
    paid = amounts.drawn(len(first), np.log(2_000_000), life.rng, 1.1)
    holder, start = first, life.account(first, at)
    here = start
    for step in range(6):
        going, last = step < size, step == size - 1
        holder = _friend(life, holder)
        there = np.where(last, start, life.account(holder, at))
        life.pay(here[going], there[going], at[going], paid[going])
        at, paid, here = at + _seconds(life, len(at), 240, 1.3), _less(life, paid), there


def shared_out(life: Life) -> None:
    """One pays several, who all pay the same third within the day: a school, a hospital, a wholesaler, an elder."""
    giver = _some(life, SHARED)
    width = life.rng.choice([2, 2, 3, 4, 5, 7], len(giver))
    begin = clock.moments(len(giver), life.span, clock.PAYING, life.rng)
    goal = np.where(life.rng.random(len(giver)) < 0.4, _friend(life, giver, 6), _firm(life, giver))
    which = np.repeat(np.arange(len(giver)), width)
    at = begin[which] + life.rng.integers(0, 3 * 3600, len(which)) * clock.SECOND
    part = amounts.drawn(len(which), np.log(1_800_000), life.rng, 1.0)
    middle = life.account(_friend(life, giver[which], 10), at)
    life.pay(life.account(giver, begin)[which], middle, at, part)
    later = at + _seconds(life, len(at), 75)
    till = life.account(goal, begin)
    life.pay(middle, till[which], later, _less(life, part))


def outings(life: Life) -> None:
    """Friends pay the one who organises, who pays places and drivers the same day, and somebody back."""
    host = _some(life, OUTINGS)
    begin = clock.moments(len(host), life.span, clock.EVENING, life.rng)
    till = life.account(host, begin)
    share = amounts.drawn(len(host), np.log(450_000), life.rng, 0.9)
    which = np.repeat(np.arange(len(host)), life.rng.integers(3, 11, len(host)))
    at = begin[which] + life.rng.integers(0, 20 * 3600, len(which)) * clock.SECOND
    guest = np.where(
        life.rng.random(len(which)) < 0.7, _friend(life, host[which], 10), _friend(life, _friend(life, host[which]))
    )
    life.pay(life.account(guest, at), till[which], at, share[which])
    twice = np.flatnonzero(which % 3 == 0)
    second = life.account(life.stage.population.contacts[host, 0], begin)
    soon = at[twice] + life.rng.integers(60, 4 * 3600, len(twice)) * clock.SECOND
    life.pay(life.account(guest[twice], soon), second[which[twice]], soon, share[which[twice]])
    out = np.repeat(np.arange(len(host)), life.rng.integers(1, 5, len(host)))
    paid = begin[out] + life.rng.integers(0, 26 * 3600, len(out)) * clock.SECOND
    place = np.where(life.rng.random(len(out)) < 0.6, _firm(life, host[out] + out % 5), _friend(life, host[out], 10))
    life.pay(till[out], life.account(place, paid), paid, amounts.near(share[out] * 2, life.rng, 0.3, 10_000))


def clubs(life: Life) -> None:
    """Flatmates, cousins, a team: for a week money goes to and fro among the same few, many times."""
    first = _some(life, CLUBS)
    members = np.stack([first, *(life.stage.population.contacts[first, place] for place in range(5))], axis=1)
    size = life.rng.integers(3, 7, len(first))
    times = np.exp(np.log(CLUB_TIMES) + CLUB_SIGMA * life.rng.standard_normal(len(first)))
    which = np.repeat(np.arange(len(first)), np.clip(times, 4, MOST_TIMES).astype(np.int64))
    begin = clock.moments(len(first), life.span, clock.PAYING, life.rng)
    at = begin[which] + life.rng.integers(0, 6 * DAY_S, len(which)) * clock.SECOND
    one = (life.rng.random(len(which)) * size[which]).astype(np.int64)
    other = (one + 1 + (life.rng.random(len(which)) * (size[which] - 1)).astype(np.int64)) % size[which]
    usual = amounts.drawn(len(first), np.log(1_100_000), life.rng, 1.1)
    paid = amounts.near(usual[which], life.rng, 0.25, 10_000)
    main = life.stage.held.main_account
    life.pay(main[members[which, one]], main[members[which, other]], at, paid)


def _firm(life: Life, who: Ints) -> Ints:
    population = life.stage.population
    shops = max(len(population) - population.people, 1)
    return population.people + (who * 31 + life.rng.integers(0, 3, len(who))) % shops


def after_new_phones(life: Life, holders: Ints, at_us: Ints) -> None:
    """With a new phone come new payees: a new job, a new flat, a shop found, instalments for the phone itself."""
    population, rng = life.stage.population, life.rng
    eager = np.where(rng.random(len(holders)) < ALL_NEW, ALL_NEW_PAYEES, NEW_PAYEES)
    which = np.repeat(np.arange(len(holders)), np.minimum(rng.geometric(eager) - 1, 30))
    at = at_us[which] + rng.integers(600, 3 * DAY_S, len(which)) * clock.SECOND
    stranger = rng.integers(0, len(population), len(which))
    paid = amounts.drawn(len(which), np.log(1_400_000), rng, 1.5)
    payer = life.account(holders[which], at)
    life.pay(payer, life.account(stranger, at), at, paid)


def all_episodes(life: Life) -> None:
    """Everything of this file that needs no new phone, in a fixed order."""
    for episode in (chains, circles, shared_out, outings, clubs):
        episode(life)
