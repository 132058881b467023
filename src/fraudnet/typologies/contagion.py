"""Contagion only: several receipts from accounts known as fraud, otherwise ordinary; never a reason by itself.

A list that feeds on itself grows wrong entries: a popular shop, a landlord or a driver is paid by everybody.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.staging import DAY_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_RECEIPTS = (2.2, 4.5)
SEEN_FRESH = (1.5, 4.6)
SEEN_PAYERS = (1.0, 2.9)
SEEN_SHARE = (0.06, 0.2)
SEEN_ORDINARY = (80, 240)
SEEN_POPULAR = (45, 160)
SEEN_LITTLE = (0.04, 0.12)

PLANT_MULES = (4, 6)
PLANT_FRIENDS = (3, 5)
PLANT_DAYS = (8, 20)
PLANT_CREDITS = (6, 12)
PLANT_SUMS = (5_000_000, 48_000_000)
PLANT_GIFTS = (6, 12)
PLANT_GIFT = (600_000, 9_000_000)
PLANT_MINUTES = (20, 800)
PLANT_CUT = (0, 50)
PLANT_NEW_SHARE = 0.5

ALIKE_GROUP = (2, 4)
ALIKE_RECEIPTS = (3, 9)
ALIKE_TAB = (30_000, 2_500_000)
ALIKE_KINDS = {"shop": 1.5, "landlord": 1.0, "driver": 1.0}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """More than three receipts from at least two accounts known as fraud, and not a drop in an ocean of others."""
    strength = all_of(
        over("fraud_receipts_90d", SEEN_RECEIPTS),
        over("fraud_payers_90d", SEEN_PAYERS),
        over("fraud_in_share_90d", SEEN_SHARE),
        over("fraud_passed_count_90d", SEEN_FRESH),
        under("in_count_90d", SEEN_ORDINARY),
    )
    popular = any_of(over("in_payers_all", SEEN_POPULAR), under("fraud_in_share_90d", SEEN_LITTLE))
    return graded(features, strength, popular)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Credits from accounts known as fraud."""
    return rows_of_money.known_fraud(records, hits, "in")


def plant(scene: Scene) -> None:
    """Mules of a ring pay each other and some of its friends, whose accounts show nothing else."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_MULES), PLANT_NEW_SHARE, (15, 120))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    friends = scene.main_account(scene.people(staging.draw(scene, PLANT_FRIENDS)))
    got = money_staging.take(scene, crew.mules, span, PLANT_CREDITS, PLANT_SUMS)
    shared = staging.pass_on(scene, got, crew.mules, PLANT_MINUTES, PLANT_CUT)
    gifts(scene, crew.mules, friends, span)
    staging.drain(scene, crew, shared, PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "contagion")
    scene.mark_accounts(friends, "knowing_mule", "contagion", crew.number, (span[0], span[1] + DAY_US))


def gifts(scene: Scene, mules: Ints, friends: Ints, span: Span) -> None:
    """Each friend gets something of several mules in these days."""
    payees = np.repeat(friends, staging.draws(scene, PLANT_GIFTS, len(friends)))
    at = staging.moments(scene, span, len(payees))
    paid = Flow(scene.rng.choice(mules, len(payees)), at, staging.sums(scene, PLANT_GIFT, len(payees)))
    staging.send(scene, paid, payees)


def plant_alike(scene: Scene) -> None:
    """A popular shop, a landlord, a driver: among all who pay them are some whom victims have paid."""
    span = staging.some_span(scene, (60, 125))
    accounts = scene.main_account(scene.people(staging.draw(scene, ALIKE_GROUP)))
    kind = staging.either(scene, ALIKE_KINDS)
    a_day = {"shop": (2, 8), "landlord": (0, 1), "driver": (1, 4)}[kind]
    for account in accounts:
        sold = money_staging.sales(scene, int(account), span, a_day, ALIKE_TAB)
        money_staging.supplied(scene, sold, staging.everyday_accounts(scene, 2), 8, 500)
        from_suspects(scene, account[None], span)
    staging.mark_alike(scene, accounts, "contagion", span)


def from_suspects(scene: Scene, account: Ints, span: Span) -> None:
    """A few payments of accounts that victims have paid."""
    suspects = money_staging.open_by(scene, scene.suspects(staging.draw(scene, ALIKE_RECEIPTS)), span[0] + DAY_US)
    n = len(suspects)
    at = staging.moments(scene, (max(span[0], span[1] - 40 * DAY_US), span[1]), n)
    money_staging.bought(scene, suspects, Flow(np.repeat(account, n), at, staging.sums(scene, ALIKE_TAB, n)))


TYPOLOGY = Typology(
    name="contagion",
    number=34,
    kind="account",
    code=4,
    citation="SIMO sign 4: more than three receipts from suspected accounts; never used alone.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="popular shop, landlord, driver",
    alone=False,
    seeded=True,
)
