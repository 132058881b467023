"""Batch opening: accounts opened for sale by the dozen, on one handset in a row, on numbers in a few other names."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Desk, Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Span
from fraudnet.typologies.typology import Typology

SEEN_SAME_WEEK = (1, 4)
SEEN_SERVED = (2, 4)
SEEN_ANOTHERS = (0, 1)
SEEN_AGE_DAYS = (180, 400)
SEEN_OWN_NUMBERS = (1.5, 3)
SEEN_REPEAT_PAYERS = (0.2, 0.6)

PLANT_ACCOUNTS = (6, 11)
PLANT_WAITING_DAYS = (12, 80)
PLANT_DAYS = (1, 3)
PLANT_MINUTES_APART = (6, 55)
PLANT_PER_NAME = (2, 6)
PLANT_OWN_NUMBER = 0.2
PLANT_CREDITS = (2, 7)
PLANT_SUMS = (900_000, 26_000_000)
PLANT_MINUTES = (5, 500)
PLANT_CUT = (0, 45)

ALIKE_PEOPLE = (12, 28)
ALIKE_WITH_PARENTS = 0.35
ALIKE_LED, ALIKE_WITH_LEADER = 0.4, 0.3
ALIKE_PAYMENTS = (3, 12)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Young accounts of one handset and week, on numbers whose owner serves several account holders."""
    batch = any_of(
        over("device_opened_week_count", SEEN_SAME_WEEK), over("opened_same_day_same_device_count", SEEN_SAME_WEEK)
    )
    foreign = all_of(over("phone_holder_differs", SEEN_ANOTHERS), over("phone_owner_serves_count", SEEN_SERVED))
    strength = all_of(batch, foreign, under("age_days", SEEN_AGE_DAYS))
    own = any_of(
        under("phone_owner_serves_count", SEEN_OWN_NUMBERS), over("repeat_payer_share_all", SEEN_REPEAT_PAYERS)
    )
    return graded(features, strength, all_of(batch, own))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its opening, accounts of one phone opened beside it, and whose number it is registered on."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_holdings.opened_beside(records, hits),
        rows_of_holdings.devices(records, hits),
        rows_of_holdings.registered_phone(records, hits),
    )


def plant(scene: Scene) -> None:
    """A recruiter sits with young people for some days: one phone, one account after the other, his own SIM cards."""
    used = staging.some_span(scene, (3, 10))
    n = staging.draw(scene, PLANT_ACCOUNTS)
    people = scene.people(n, young=True)
    first = int(ring_staging.before(scene, used, PLANT_WAITING_DAYS, 1)[0])
    opened = in_sequence(scene, first, n)
    names = scene.people(max(1, n // staging.draw(scene, PLANT_PER_NAME)))
    cards = scene.activate_sims(names[np.arange(n // 2) % len(names)], opened[: n // 2] - 2 * DAY_US)
    own = scene.rng.random(n) < PLANT_OWN_NUMBER
    sims = np.where(own, scene.main_sim(people), cards[np.arange(n) % len(cards)])
    accounts = scene.open_accounts(people, opened, sims=sims, desk=Desk(channel="ekyc"))
    handset = scene.new_devices(1)
    scene.use_account(accounts, np.repeat(handset, n), opened + 3 * MINUTE_US)
    scene.use_sim(cards, np.repeat(handset, len(cards)), opened[: n // 2] - HOUR_US)
    crew = ring_staging.crew_of(scene, used, accounts)
    staging.hand_over(scene, accounts, crew.phones, np.full(n, used[0] - HOUR_US))
    ring_staging.put_to_use(scene, crew, (PLANT_CREDITS, PLANT_SUMS), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "batch_opening")


def in_sequence(scene: Scene, first: int, n: int) -> Ints:
    """Moments one after the other, over one to three days."""
    apart = np.cumsum(scene.rng.uniform(*PLANT_MINUTES_APART, n) * MINUTE_US).astype(np.int64)
    day = np.sort(scene.rng.integers(0, staging.draw(scene, PLANT_DAYS), n)) * DAY_US
    return first + day + apart


def plant_alike(scene: Scene) -> None:
    """Enrolment week or a factory's payroll day: many open an account at one stall, some on a parent's number."""
    span = staging.some_span(scene, (30, 90))
    n = staging.draw(scene, ALIKE_PEOPLE)
    people = scene.people(n, young=bool(scene.rng.random() < 0.5))
    opened = span[0] + np.sort(staging.draws(scene, (0, 9 * 60), n)) * MINUTE_US
    accounts = scene.open_accounts(people, opened, sims=scene.main_sim(phone_owners(scene, people)))
    scene.use_account(accounts, np.repeat(scene.new_devices(1), n), opened + 4 * MINUTE_US)
    ring_staging.own_phones(scene, accounts, people, opened + HOUR_US)
    later: Span = (span[0] + DAY_US, span[1])
    ring_staging.wages(scene, accounts, later)
    ring_staging.everyday(scene, accounts, later, ALIKE_PAYMENTS)
    staging.mark_alike(scene, accounts, "batch_opening", span)


def phone_owners(scene: Scene, people: Ints) -> Ints:
    """Whose number each gives: mostly the own, some that of the head of the household, some that of a class monitor."""
    heads = np.array([scene.household_of(int(person))[0] for person in people])
    owners = np.where(scene.rng.random(len(people)) < ALIKE_WITH_PARENTS, heads, people)
    if scene.rng.random() < ALIKE_LED:
        owners = np.where(scene.rng.random(len(people)) < ALIKE_WITH_LEADER, people[0], owners)
    return owners


TYPOLOGY = Typology(
    name="batch_opening",
    number=2,
    kind="account",
    code=7,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, signs 6 and 7; Circular 17/2024/TT-NHNN Art. 22; cases of 2023-2025.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="enrolment week, payroll day of a factory, a bank's stall",
)
