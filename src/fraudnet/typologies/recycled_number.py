"""Recycled number: a number has a new owner while the old one's bank accounts still point at it. Nobody is at fault."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_holdings, sim_staging, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Span
from fraudnet.typologies.typology import Typology

SEEN_OLD_ACCOUNTS = (0, 1)
SEEN_HOLDERS = (0, 1)
SEEN_REST_DAYS = (8, 35)
SEEN_CALLS = (2, 20)
SEEN_ACTIVE_DAYS = (3, 15)

PLANT_NUMBERS = (4, 9)
PLANT_OLD_DAYS = (400, 1_100)
PLANT_NEW_DAYS = (4, 21)
PLANT_CALLS = (3, 40)
PLANT_CODES = (1, 6)

ALIKE_NUMBERS = (8, 18)
ALIKE_CALLS = (3, 45)
ALIKE_LEFT_DAYS = (65, 190)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Somebody else had the number, it rested, and accounts registered in those days are still on it."""
    strength = all_of(
        over("number_old_accounts_count", SEEN_OLD_ACCOUNTS),
        over("number_holders_before_count", SEEN_HOLDERS),
        over("number_rest_days", SEEN_REST_DAYS),
    )
    lives = any_of(over("out_calls_all", SEEN_CALLS), over("sim_active_days_all", SEEN_ACTIVE_DAYS))
    return graded(features, strength, all_of(over("number_holders_before_count", SEEN_HOLDERS), lives))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its own row, who had the number before, and accounts of theirs that still point at it."""
    return together(
        rows_of_holdings.sim(records, hits),
        rows_of_holdings.number_past(records, hits),
    )


def plant(scene: Scene) -> None:
    """Numbers given up by people who never told their bank go to new owners, who get the old owners' codes."""
    span = staging.some_span(scene, PLANT_NEW_DAYS)
    n = staging.draw(scene, PLANT_NUMBERS)
    old_owners, sims = given_up(scene, n, span)
    opened = span[0] - staging.draws(scene, PLANT_OLD_DAYS, n) * DAY_US + HOUR_US
    scene.open_accounts(old_owners, opened, sims=sims)
    taken = new_owners(scene, sims, span, PLANT_CALLS)
    sim_staging.codes_arrive(scene, taken, span, PLANT_CODES)
    scene.mark_sims(taken, "good_faith", "recycled_number", scene.next_ring(), span)


def given_up(scene: Scene, n: int, span: Span) -> tuple[Ints, Ints]:
    """People and second SIMs of theirs that are years old."""
    people = scene.people(n)
    sims = scene.activate_sims(people, np.full(n, span[0] - (PLANT_OLD_DAYS[1] + 30) * DAY_US))
    return people, sims


def new_owners(scene: Scene, sims: Ints, span: Span, calls: staging.Range) -> Ints:
    """The numbers go to other people, who use them from the first day."""
    people = scene.people(len(sims))
    taken = scene.recycle_sims(sims, people, np.full(len(sims), span[0]))
    scene.use_sim(taken, scene.main_device(people), np.full(len(sims), span[0] + HOUR_US))
    sim_staging.chatter(scene, taken, span, calls)
    return taken


def plant_alike(scene: Scene) -> None:
    """The same, but the old owner had closed the bank account or moved it to another number in time."""
    span = staging.some_span(scene, (15, 50))
    n = staging.draw(scene, ALIKE_NUMBERS)
    old_owners, sims = given_up(scene, n, span)
    opened = span[0] - staging.draws(scene, (420, 900), n) * DAY_US + HOUR_US
    accounts = scene.open_accounts(old_owners, opened, sims=sims)
    left = span[0] - staging.draws(scene, ALIKE_LEFT_DAYS, n) * DAY_US
    moving = (left > scene.start_us) & (scene.rng.random(n) < 0.5)
    if moving.any():
        scene.register_phone(accounts[moving], scene.main_sim(old_owners[moving]), left[moving])
    if not moving.all():
        scene.close_accounts(accounts[~moving], left[~moving])
    taken = new_owners(scene, sims, span, ALIKE_CALLS)
    scene.mark_sims(taken, "alike", "recycled_number", scene.next_ring(), span)


TYPOLOGY = Typology(
    name="recycled_number",
    number=24,
    kind="sim",
    code=None,
    citation="Lee and Narayanan, Security and Privacy Risks of Number Recycling (eCrime 2021); Decree 163/2024/NĐ-CP.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="new owner of a number that no bank account points at any more",
    alone=False,
)
