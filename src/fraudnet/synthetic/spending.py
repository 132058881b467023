"""The rest of the money: shopping, friends, own accounts, suppliers; it fills the world up to its rate."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import amounts, clock, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.facts import LIMIT_HABIT
from fraudnet.synthetic.living import Life

PER_PERSON_DAY = 0.25
REFUNDED = 0.012  # of what is paid to sellers and firms
LEAST = 0.35  # of the rate is always ordinary spending, however much was planted into a tiny world
SHARES = {"shop": 0.54, "friend": 0.30, "own": 0.08, "supplier": 0.08}
SPARE = 1.12  # drawn in excess, because some rows meet an account that is not open yet
SWEEPERS, SWEPT = 0.03, 0.03  # accounts that pass money on, and their share of what is left to write
PROBE = 0.015  # payments of a few thousand that try a new payee or a QR code


def fill(life: Life) -> None:
    """Write as much spending as the rate leaves open, with amounts so that 8.35 % of all exceed 10 M."""
    target = round(PER_PERSON_DAY * life.stage.population.people * life.days)
    done = life.stage.logs.transfers
    planned = max(target - len(done), round(LEAST * target))
    want = round(planned * (1 - SWEPT))
    big = int((done["amount"] > amounts.BIG).sum())
    small = (1 - PROBE) * (1 - LIMIT_HABIT)
    mu = amounts.location((amounts.BIG_SHARE * (len(done) + want) - big) / want / small)
    shy = life.rng.random(len(life.stage.population)) < LIMIT_HABIT
    want -= _refund(life, round(want * SHARES["shop"] * REFUNDED))
    for name, share in SHARES.items():
        n = round(want * share)
        at = _moments(life, round(n * SPARE) + 8)
        payers, payees, at = PAIRS[name](life, at)
        sums = _sums(life, len(at), mu)
        at_line = (sums > amounts.BIG) & shy[life.stage.held.accounts["holder"][payers]]
        life.pay(payers, payees, at, np.where(at_line, _own_limit(life, len(at)), sums), most=n)
    _sweep(life, planned - want)


def _refund(life: Life, n: int) -> int:
    """Sellers and firms pay some of what they were paid back, wholly or in part, within days."""
    log, job = life.stage.logs.transfers, life.stage.population.job
    payee = job[life.stage.held.accounts["holder"][log["payee"]]]
    rows = np.flatnonzero(np.isin(payee, (people.SELLER, people.ORGANISATION)) & (log["refund"] < 0))
    rows = np.sort(life.rng.permutation(rows)[:n])
    at = log["at"][rows] + life.rng.integers(1_800, 6 * 86_400, len(rows)) * clock.SECOND
    rows, at = rows[at < life.span[1]], at[at < life.span[1]]
    part = np.where(life.rng.random(len(rows)) < 0.7, 1.0, life.rng.uniform(0.1, 0.9, len(rows)))
    back = np.maximum((log["amount"][rows] * part).astype(np.int64) // 1_000, 1) * 1_000
    life.stage.refund(rows, at, np.minimum(back, log["amount"][rows]))
    return len(rows)


def _own_limit(life: Life, n: int) -> Ints:
    """What people pay who keep each payment at or just below 10 M: 10 M itself, or a little less."""
    exact = life.rng.random(n) < 0.4
    near = amounts.BIG - life.rng.integers(0, 12, n) * 50_000
    return np.where(exact, amounts.BIG, near)


def _sweep(life: Life, most: int) -> None:
    """Some accounts pass everything on within the hour: standing orders, tills, a spouse who keeps the money."""
    log, accounts = life.stage.logs.transfers, life.stage.held.accounts
    n = len(accounts)
    wait = np.where(life.rng.random(n) < SWEEPERS, life.rng.integers(1, 50, n), 0)
    rows = np.flatnonzero(wait[log["payee"]] > 0)
    rows = np.sort(life.rng.permutation(rows)[: most + most // 10])
    source = log["payee"][rows]
    holder = accounts["holder"][source]
    main, owner = life.stage.held.main_account, life.stage.population.representative[holder]
    goal = main[np.where(main[holder] == source, owner, holder)]
    spouse = main[life.stage.population.contacts[owner, source % 2]]
    goal = np.where(goal == source, spouse, goal)
    at = log["at"][rows] + (wait[source] * life.rng.uniform(0.3, 2, len(rows)) * 60).astype(np.int64) * clock.SECOND
    kept = life.rng.choice([0, 0, 0.01, 0.02, 0.05, 0.1], len(rows))
    sums = np.maximum((log["amount"][rows] * (1 - kept)).astype(np.int64) // 1_000 * 1_000, 1_000)
    life.pay(source, goal, at, sums, most=most)


def _moments(life: Life, n: int) -> Ints:
    return clock.moments(n, life.span, clock.PAYING, life.rng)


def _sums(life: Life, n: int, mu: float) -> Ints:
    paid = amounts.drawn(n, mu, life.rng)
    probe = life.rng.random(n) < PROBE
    return np.where(probe, life.rng.choice([1_000, 2_000, 5_000, 10_000], n), paid)


def spenders(life: Life, at: Ints) -> tuple[Ints, Ints]:
    """Who pays at each moment: by activity; night people move a third of their life into the night."""
    population = life.stage.population
    weight = np.cumsum(population.activity[: population.people])
    who = np.searchsorted(weight / weight[-1], life.rng.random(len(at)))
    who = np.minimum(who, population.people - 1)
    night = population.night_owl[who] & (life.rng.random(len(at)) < 0.4)
    moved = at // clock.DAY * clock.DAY + (clock.hours(len(at), clock.WAKING, life.rng) - clock.OFFSET) % clock.DAY
    return who, np.where(night, moved, at)


def _shop(life: Life, at: Ints) -> tuple[Ints, Ints, Ints]:
    population = life.stage.population
    who, at = spenders(life, at)
    small = np.flatnonzero((population.job == people.SELLER) | (population.job == people.DRIVER))
    shops = life.rng.permutation(np.concatenate([small, np.arange(population.people, len(population))]))
    popular = np.cumsum(1 / np.arange(1, len(shops) + 1) ** 0.85)
    shop = shops[np.minimum(np.searchsorted(popular / popular[-1], life.rng.random(len(at))), len(shops) - 1)]
    usual = shops[(who * 7919 + life.rng.integers(0, 4, len(at))) % len(shops)]
    shop = np.where(life.rng.random(len(at)) < 0.45, usual, shop)
    return life.account(who, at), life.account(shop, at), at


def _friend(life: Life, at: Ints) -> tuple[Ints, Ints, Ints]:
    population = life.stage.population
    who, at = spenders(life, at)
    place = (population.contacts.shape[1] * life.rng.random(len(at)) ** 1.6).astype(np.int64)
    other = population.contacts[who, place]
    stranger = life.rng.random(len(at)) < 0.18
    other = np.where(stranger, life.rng.integers(0, population.people, len(at)), other)
    back = life.rng.random(len(at)) < 0.45
    payer, payee = np.where(back, other, who), np.where(back, who, other)
    return life.account(payer, at), life.account(payee, at), at


def _own(life: Life, at: Ints) -> tuple[Ints, Ints, Ints]:
    """Between accounts of one household: one's own, or a relative's."""
    who, at = spenders(life, at)
    several = life.accounts.count[who] > 1
    other = np.where(several, who, life.stage.population.contacts[who, 0])
    return life.account(who, at), life.accounts.pick(other, life.rng, 1.0), at


def _supplier(life: Life, at: Ints) -> tuple[Ints, Ints, Ints]:
    population = life.stage.population
    small = np.flatnonzero(population.job == people.SELLER)
    firms = np.arange(population.people, len(population))
    buyers = np.concatenate([small, firms, firms])
    payer, payee = life.rng.choice(buyers, len(at)), life.rng.choice(firms, len(at))
    return life.account(payer, at), life.account(payee, at), at


PAIRS = {"shop": _shop, "friend": _friend, "own": _own, "supplier": _supplier}
