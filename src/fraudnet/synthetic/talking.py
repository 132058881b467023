"""Calls and messages: family and friends, shops and drivers, service numbers; it fills the world up to its rate."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import clock, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.facts import CODE_DESKS
from fraudnet.synthetic.living import Life
from fraudnet.synthetic.logs import OTP, SMS, VOICE

PER_PERSON_DAY = 0.4
LEAST = 0.35
SHARES = {
    "friends": 0.315, "trade": 0.16, "hotlines": 0.08, "telesales": 0.09, "messages": 0.09, "codes": 0.07,
    "desks": 0.145, "sign_ups": 0.05,
}  # fmt: skip
TELESELLERS, CALLING_DAYS = 97, 16  # one person in so many sells by telephone, on so many days of half a year
USUAL, COLD = (0.24, 48, 1.15), (0.46, 24, 0.9)  # calls: unanswered, seconds of the others, their spread
CELLS_AROUND = 6
BLOCK = 1 << 21  # calls drawn at a time, so that a large world fits into memory
WHOLE = ("desks", "sign_ups")  # draw once how eager everybody is
CALLED_BACK = np.array([0.0, 0.02, 0.1, 0.3, 0.5])  # by caller: some numbers are never called


def fill(life: Life, per_person_day: float = PER_PERSON_DAY) -> None:
    """Write as many calls and messages as the rate leaves open."""
    target = round(per_person_day * life.stage.population.people * life.days)
    want = max(target - len(life.stage.logs.calls), round(LEAST * target))
    for name, share in SHARES.items():
        rest = round(want * share)
        while rest > 0:
            n = rest if name in WHOLE else min(rest, BLOCK)
            rest -= n
            at = clock.moments(n, life.span, clock.TALKING, life.rng)
            caller, callee, at, kind = PAIRS[name](life, at)
            way = kind, COLD if name == "telesales" else USUAL
            _write(life, (_sims(life, caller, at), _sims(life, callee, at)), at, way)


def _sims(life: Life, who: Ints, at: Ints) -> Ints:
    """A SIM of each holder; -1 - n stands for SIM n itself, whoever holds it."""
    return np.where(who < 0, -1 - who, life.sim(np.maximum(who, 0), at))


def _write(life: Life, pair: tuple[Ints, Ints], at: Ints, way: tuple[int, tuple[float, int, float]]) -> None:
    """Calls of a kind that are unanswered or as long as such calls are."""
    n, (kind, (unanswered, usual, spread)) = len(at), way
    cell = cells(life, pair[0])
    duration = np.zeros(n, np.int64)
    if kind == VOICE:
        length = np.exp(np.log(usual) + spread * life.rng.standard_normal(n)).astype(np.int64) + 1
        duration = np.where(life.rng.random(n) < unanswered, 0, np.minimum(length, 7_200))
    if kind == OTP:
        pair, cell = (life.rng.choice(life.stage.held.service_sims, n), pair[1]), np.full(n, -2)
    keep = pair[0] != pair[1]
    life.stage.logs.calls.add(
        caller=pair[0][keep], callee=pair[1][keep], at=at[keep], kind=kind, duration=duration[keep], cell=cell[keep]
    )


def cells(life: Life, sims: Ints) -> Ints:
    """Where each caller is: mostly at the phone's usual cell, else in one around."""
    held = life.stage.held
    home = held.devices["cell"][held.sims["device"][sims]]
    moved = life.rng.random(len(sims))
    near = home // 100 * 100 + (home % 100 + 1 + sims % 3 + life.rng.integers(0, CELLS_AROUND, len(sims))) % 100
    fixed = held.devices["owner"][held.sims["device"][sims]] < 0
    return np.asarray(np.where(fixed | (moved < 0.6), home, near))


def _people(life: Life, n: int) -> Ints:
    weight = np.cumsum(life.stage.population.activity[: life.stage.population.people])
    return np.minimum(np.searchsorted(weight / weight[-1], life.rng.random(n)), life.stage.population.people - 1)


def _friends(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    who = _people(life, len(at))
    contacts = life.stage.population.contacts
    other = contacts[who, (contacts.shape[1] * life.rng.random(len(at)) ** 1.8).astype(np.int64)]
    back = life.rng.random(len(at)) < 0.48
    return np.where(back, other, who), np.where(back, who, other), _awake(life, who, at), VOICE


def _awake(life: Life, who: Ints, at: Ints) -> Ints:
    night = life.stage.population.night_owl[who] & (life.rng.random(len(at)) < 0.35)
    moved = at // clock.DAY * clock.DAY + (clock.hours(len(at), clock.WAKING, life.rng) - clock.OFFSET) % clock.DAY
    return np.where(night, moved, at)


def _trade(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    """Drivers and sellers call strangers all day, some of them dozens, and are called back."""
    job = life.stage.population.job
    traders = np.flatnonzero((job == people.DRIVER) | (job == people.SELLER))
    if not len(traders):
        return _friends(life, at)
    popular = np.cumsum(1 / np.arange(1, len(traders) + 1) ** 0.6)
    trader = traders[np.minimum(np.searchsorted(popular / popular[-1], life.rng.random(len(at))), len(traders) - 1)]
    other = life.rng.integers(0, life.stage.population.people, len(at))
    back = life.rng.random(len(at)) < CALLED_BACK[trader % len(CALLED_BACK)]
    return np.where(back, other, trader), np.where(back, trader, other), at, VOICE


def _hotlines(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    """Firms call customers on busy days (reminders, deliveries) and are called."""
    population = life.stage.population
    firm = population.people + life.rng.integers(0, population_firms(life), len(at))
    day = (
        life.stage.start_us
        + (firm * 31 + life.rng.integers(0, max(life.days // 9, 1), len(at)) * 9) % life.days * clock.DAY
    )
    burst = life.rng.random(len(at)) < 0.5
    at = np.where(burst, day + clock.hours(len(at), clock.TALKING, life.rng), at)
    other = life.rng.integers(0, population.people, len(at))
    back = life.rng.random(len(at)) < CALLED_BACK[firm % len(CALLED_BACK)]
    return np.where(back, other, firm), np.where(back, firm, other), at, VOICE


def population_firms(life: Life) -> int:
    """Organisations that have numbers of their own (those founded by a plant have none)."""
    return int((life.sims.count[life.stage.population.people :] > 0).sum())


def _messages(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    caller, callee, at, _ = _friends(life, at)
    return caller, callee, at, SMS


def _codes(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    """Codes go to everybody; resellers and testers of many services get dozens on one day."""
    who = _people(life, len(at))
    n = life.stage.population.people
    eager = np.flatnonzero(np.arange(n) % 83 == 0)
    burst = life.rng.random(len(at)) < 0.3
    day = (who * 17 + life.rng.integers(0, 4, len(at)) * 41) % life.days
    tester = eager[(eager.searchsorted(who) * 13 + day) % len(eager)]
    busy = life.stage.start_us + (tester * 29 + life.rng.integers(0, 9, len(at)) * 37) % life.days * clock.DAY
    at = np.where(burst, busy + clock.hours(len(at), clock.TALKING, life.rng), at)
    return np.where(burst, tester, who), np.where(burst, tester, who), at, OTP


def _desks(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    """Sellers on several platforms and those who sign for a firm: codes all year, half on a number kept for them."""
    n, held = life.stage.population.people, life.stage.held
    desks = np.flatnonzero((np.arange(n) * 37 + 11) % 1_000 < 1_000 * CODE_DESKS)
    if not len(desks):
        return _codes(life, at)
    weight = np.cumsum(life.rng.lognormal(0, 1.0, len(desks)))
    who = desks[np.minimum(np.searchsorted(weight / weight[-1], life.rng.random(len(at))), len(desks) - 1)]
    kept = life.sims.order[life.sims.start[who] + life.sims.count[who] - 1]
    alive = (held.sims["begun"][kept] < at) & ((held.sims["ended"][kept] < 0) | (held.sims["ended"][kept] > at))
    sim = np.where(alive & (who % 2 == 0), kept, held.main_sim[who])
    return who, -1 - sim, at, OTP


def _telesales(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    """Insurance, flats, credit: on some days a seller calls a hundred strangers, from one desk; few call back."""
    n, main = life.stage.population.people, life.stage.held.main_sim
    seller = life.rng.integers(0, max(n // TELESELLERS, 1), len(at)) * TELESELLERS
    days = max(life.days * CALLING_DAYS // 180, 1)
    day = (seller * 13 + life.rng.integers(0, days, len(at)) * 7) % life.days
    at = life.stage.start_us + day * clock.DAY + clock.hours(len(at), clock.PAYING, life.rng)
    other = life.rng.integers(0, n, len(at))
    back = life.rng.random(len(at)) < CALLED_BACK[seller % len(CALLED_BACK)] / 4
    return np.where(back, other, -1 - main[seller]), np.where(back, -1 - main[seller], other), at, VOICE


def _sign_ups(life: Life, at: Ints) -> tuple[Ints, Ints, Ints, int]:
    """A new number is confirmed with apps, shops and banks in its first days: many codes, hardly a call."""
    sims = life.stage.held.sims
    new = np.flatnonzero((sims["begun"] >= life.span[0]) & (sims["begun"] < life.span[1] - 15 * clock.DAY))
    if not len(new):
        return _codes(life, at)
    weight = np.cumsum(life.rng.lognormal(0, 1.2, len(new)))
    row = new[np.minimum(np.searchsorted(weight / weight[-1], life.rng.random(len(at))), len(new) - 1)]
    after = (life.rng.exponential(5, len(at)) * 86_400).astype(np.int64) * clock.SECOND
    return (
        sims["holder"][row],
        -1 - row,
        np.minimum(sims["begun"][row] + 3_600 * clock.SECOND + after, life.span[1] - 1),
        OTP,
    )


PAIRS = {
    "friends": _friends, "trade": _trade, "hotlines": _hotlines, "telesales": _telesales, "messages": _messages,
    "codes": _codes, "desks": _desks, "sign_ups": _sign_ups,
}  # fmt: skip
