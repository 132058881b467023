"""Traded list hit: an account was on offer in a group, changed hands, and strangers' money went through it."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_ADVERTS = (0, 1)
SEEN_PHONE = (0, 1)
SEEN_DEVICES = (1, 2)
SEEN_PASSED = (0.15, 0.5)
SEEN_MINUTES = (160, 560)
SEEN_LEFT = (0.6, 0.9)
SEEN_BURST = (2.5, 6)
SEEN_MANY_ADVERTS = (3, 8)
SEEN_SPAN_DAYS = (25, 70)
SEEN_REPEAT_PAYERS = (0.15, 0.5)

PLANT_ACCOUNTS = (4, 10)
PLANT_OPENED_DAYS = (20, 140)
PLANT_OFFERED_DAYS = (3, 18)
PLANT_SIGHTINGS = (1, 4)
PLANT_WITH_SIM = 0.45
PLANT_DAYS = (3, 9)
PLANT_CREDITS = (3, 9)
PLANT_SUMS = (1_000_000, 25_000_000)
PLANT_WAIT = (4, 410)
PLANT_CUT = (0, 38)

ALIKE_SELLERS = (3, 7)
ALIKE_POSTS = (4, 14)
ALIKE_TYPOS = (4, 9)
ALIKE_CUSTOMERS = (10, 40)
ALIKE_SALES = (60_000, 3_500_000)
ALIKE_SWEEPS, ALIKE_NEW_PHONE = 0.6, 0.5


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Advertised, on another phone since or offered with its number, and money that does not stay."""
    changed = any_of(
        over("phone_adverts_all", SEEN_PHONE),
        over("phone_changes_all", SEEN_PHONE),
        over("devices_count", SEEN_DEVICES),
    )
    strength = all_of(
        over("adverts_all", SEEN_ADVERTS),
        changed,
        any_of(soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT), over("peak_in_payers_1d", SEEN_BURST)),
    )
    posted = any_of(
        over("adverts_all", SEEN_MANY_ADVERTS), over("advert_span_days", SEEN_SPAN_DAYS),
        over("repeat_payer_share_all", SEEN_REPEAT_PAYERS), under("devices_count", SEEN_DEVICES),
    )  # fmt: skip
    return graded(features, strength, all_of(over("adverts_all", SEEN_ADVERTS), posted))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The sightings, changes of phone, the busiest day, and what was gone within the hour."""
    return together(
        rows_of_holdings.adverts(records, hits),
        rows_of_holdings.changes(records, hits, ("device_bound", "phone_changed")),
        rows_of_holdings.devices(records, hits),
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """A dealer shows accounts in a group, some with their SIM; a ring buys the lot and uses it for some days."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), 1.0, PLANT_OPENED_DAYS)
    n = len(crew.mules)
    offered = span[0] - staging.draws(scene, PLANT_OFFERED_DAYS, n) * DAY_US
    offered = np.maximum(offered, scene.opened_us(crew.mules) + DAY_US)
    for _ in range(staging.draw(scene, PLANT_SIGHTINGS)):
        scene.advertise_accounts(crew.mules, offered + staging.draws(scene, (0, 30), n) * HOUR_US)
    both = scene.rng.random(n) < PLANT_WITH_SIM
    if both.any():
        sims = scene.main_sim(scene.owner_of_account(crew.mules[both]))
        scene.advertise_sims(sims, offered[both] + HOUR_US)
    staging.hand_over(scene, crew.mules, crew.phones, np.maximum(span[0] - DAY_US, offered + HOUR_US))
    ring_staging.put_to_use(scene, crew, (PLANT_CREDITS, PLANT_SUMS), PLANT_WAIT, PLANT_CUT)
    staging.mark_crew(scene, crew, "traded_list")


def plant_alike(scene: Scene) -> None:
    """Sellers who post the account to pay into, again and again, and people whose number a typo put into a list."""
    span = staging.some_span(scene, (40, 100))
    sellers = scene.main_account(scene.people(staging.draw(scene, ALIKE_SELLERS)))
    posts = np.repeat(sellers, staging.draws(scene, ALIKE_POSTS, len(sellers)))
    scene.advertise_accounts(posts, staging.moments(scene, span, len(posts)))
    for seller in sellers:
        sell(scene, int(seller), span)
    mistyped = scene.main_account(scene.people(staging.draw(scene, ALIKE_TYPOS)))
    scene.advertise_accounts(mistyped, staging.moments(scene, span, len(mistyped)))
    ring_staging.everyday(scene, mistyped, span, (3, 9))
    staging.mark_alike(scene, np.concatenate([sellers, mistyped]), "traded_list", span)


def sell(scene: Scene, seller: int, span: Span) -> None:
    """Customers pay, some of them again; some sellers pay the supplier out of each sale, some have a new phone."""
    circle = staging.everyday_accounts(scene, staging.draw(scene, ALIKE_CUSTOMERS))
    n = len(circle) * 2
    sales = Flow(scene.rng.choice(circle, n), staging.moments(scene, span, n), staging.sums(scene, ALIKE_SALES, n))
    staging.send(scene, sales, np.full(n, seller))
    if scene.rng.random() < ALIKE_SWEEPS:
        bought = Flow(np.full(n, seller), sales.at_us, sales.amounts).where(scene.rng.random(n) < 0.85)
        staging.pass_on(scene, bought, staging.everyday_accounts(scene, 2), (5, 120), (40, 250))
    if scene.rng.random() < ALIKE_NEW_PHONE:
        one: Ints = np.array([seller])
        staging.hand_over(scene, one, scene.new_devices(1), np.array([span[0] + HOUR_US]))


TYPOLOGY = Typology(
    name="traded_list",
    number=33,
    kind="account",
    code=2,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 2; Circular 17/2024/TT-NHNN Art. 22; Directive 57-CT/TW of 2025.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="seller's own account in its own advert, a typo",
)
