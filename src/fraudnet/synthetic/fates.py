"""What happens to people and holdings of itself: firms founded, deaths, journeys, closed accounts, adverts."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import clock, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.facts import (
    ABROAD_YEAR,
    ADVERTISED_SELLERS,
    DECEASED_YEAR,
    DORMANT_CLOSED_FROM,
    FACE_CHECK_FROM,
    FIRMS_FROM_HOUSEHOLDS_YEAR,
    UNVERIFIED,
)
from fraudnet.synthetic.people import capitals
from fraudnet.synthetic.stage import Stage

FALLS_SILENT = 0.8  # of those who died; relatives go on using the other accounts
CLOSED_BY_HOLDER_YEAR = 0.03
SWEEP_DAYS = 120  # how long the clean-up of accounts without a matched face took


def all_fates(stage: Stage, rng: np.random.Generator) -> None:
    """Everything of this file, in a fixed order."""
    _deaths_and_journeys(stage, rng)
    _stalls_become_firms(stage, rng)
    _clean_up(stage, rng)
    _adverts(stage, rng)


def years(stage: Stage) -> float:
    """How long the world lasts."""
    return (stage.end_us - stage.start_us) / (365 * clock.DAY)


def _moments(stage: Stage, n: int, rng: np.random.Generator) -> Ints:
    return clock.moments(n, (stage.start_us, stage.end_us), clock.TALKING, rng)


def _deaths_and_journeys(stage: Stage, rng: np.random.Generator) -> None:
    """The old die more often; the young go abroad and keep using their accounts."""
    population, n = stage.population, stage.population.people
    age = population.age[:n]
    dies = rng.random(n) < DECEASED_YEAR * years(stage) * np.clip((age - 35) / 15, 0.1, 4)
    goes = ~dies & (rng.random(n) < ABROAD_YEAR * years(stage)) & (age >= people.ADULT) & (age < 50)
    at = _moments(stage, n, rng)
    for status, hit in (("deceased", dies), ("abroad", goes)):
        stage.set_status(np.flatnonzero(hit), status, at[hit])
    silent = dies & (rng.random(n) < FALLS_SILENT)
    stage.held.silent_from = np.where(silent, at, stage.end_us)


def _stalls_become_firms(stage: Stage, rng: np.random.Generator) -> None:
    """Household businesses that become firms, some owners with two; their capital is small."""
    sellers = np.flatnonzero(stage.population.job[: stage.population.people] == people.SELLER)
    owners = sellers[rng.random(len(sellers)) < FIRMS_FROM_HOUSEHOLDS_YEAR * years(stage)]
    owners = np.concatenate([owners, owners[rng.random(len(owners)) < 0.15]])
    if not len(owners):
        return
    founded = _moments(stage, len(owners), rng)
    capital = np.maximum(capitals(len(owners), rng) // 5, 50_000_000)
    firms = stage.found_firms(owners, founded, capital)
    opened = np.minimum(founded + rng.integers(3, 40, len(owners)) * clock.DAY, stage.end_us - clock.HOUR)
    stage.open_accounts(firms, opened, kind="corporate")
    stage.held.young_firms = firms


def _clean_up(stage: Stage, rng: np.random.Generator) -> None:
    """Faces are matched from July 2024; from September 2025 further accounts nobody came to verify are closed."""
    table, first = stage.held.accounts, len(stage.held.main_account)
    n, opened = len(table), table["opened"]
    further = np.arange(n) >= first
    came = FACE_CHECK_FROM + (rng.exponential(110, n) * clock.DAY).astype(np.int64)
    absent = further & (rng.random(n) < UNVERIFIED) & (opened < FACE_CHECK_FROM)
    verified = np.where(opened >= FACE_CHECK_FROM, opened, np.where(absent, -1, came))
    # A bank's list tells only what was so when it was drawn up.
    table["verified"][:] = np.where((verified <= opened) | (verified < stage.start_us), verified, -1)
    swept = DORMANT_CLOSED_FROM + rng.integers(0, SWEEP_DAYS, n) * clock.DAY + 3 * clock.HOUR
    given_up = further & (rng.random(n) < CLOSED_BY_HOLDER_YEAR * years(stage))
    own = opened + (rng.random(n) * (stage.end_us - opened)).astype(np.int64)
    closed = np.where(absent, swept, np.where(given_up, own // clock.SECOND * clock.SECOND, -1))
    table["closed"][:] = np.where((closed > stage.start_us) & (closed > opened), closed, -1)


def _adverts(stage: Stage, rng: np.random.Generator) -> None:
    """Sellers post their own payment account and number wherever they sell."""
    sellers = np.flatnonzero(stage.population.job == people.SELLER)
    sellers = np.repeat(sellers[rng.random(len(sellers)) < ADVERTISED_SELLERS], 2)
    at = _moments(stage, len(sellers), rng)
    account = rng.random(len(sellers)) < 0.6
    if account.any():
        stage.advertise_accounts(stage.held.main_account[sellers[account]], at[account])
    if (~account).any():
        stage.advertise_sims(stage.held.main_sim[sellers[~account]], at[~account])
