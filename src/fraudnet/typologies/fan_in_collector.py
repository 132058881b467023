"""Fan-in collector: many first-time payers within hours, sums too large for a stall, gone the same day."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, per, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_PAYERS_A_DAY = (2, 7)
SEEN_NEW_PAYERS = (0.25, 0.65)
SEEN_MEAN_SUM = (600_000, 2_200_000)
SEEN_PASSED = (0.2, 0.6)
SEEN_MINUTES = (220, 800)
SEEN_LEFT = (0.55, 0.85)
SEEN_REPEAT_PAYERS = (0.1, 0.5)
SEEN_LONG_AGE_DAYS = (180, 720)
SEEN_KEPT = (0.15, 0.5)

PLANT_ACCOUNTS = (4, 8)
PLANT_DAYS = (4, 13)
PLANT_PAYERS = (7, 19)
PLANT_HOURS = (2, 9)
PLANT_SUMS = (900_000, 16_000_000)
PLANT_CUT = (0, 40)
PLANT_MINUTES = (6, 480)
PLANT_NEW_SHARE = 0.5

ALIKE_BUYERS = (12, 45)
ALIKE_BASKET = (90_000, 700_000)
ALIKE_TENANTS = (8, 20)
ALIKE_RENT = (1_600_000, 4_200_000)
ALIKE_PARENTS = (24, 40)
ALIKE_KINDS = {"livestream": 1.0, "rents": 1.0, "fund": 1.0, "drive": 1.0, "preorders": 1.3}
ALIKE_GROUP = (2, 5)
ALIKE_PREORDERS = (7, 18)
ALIKE_PREORDER = (700_000, 6_500_000)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Many payers in one day, most of them new, a large sum each, and most of it gone within the hour."""
    passed = soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT)
    strength = all_of(
        passed,
        over("peak_in_payers_1d", SEEN_PAYERS_A_DAY),
        over("new_payer_share_30d", SEEN_NEW_PAYERS),
        over(per("in_amount_30d", "in_count_30d"), SEEN_MEAN_SUM),
    )
    seller = all_of(over("age_days", SEEN_LONG_AGE_DAYS), over("repeat_payer_share_all", SEEN_REPEAT_PAYERS))
    keeper = under("passed_1h_share_all", SEEN_KEPT)
    return graded(features, strength, any_of(seller, keeper))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The day with most payers, first-time payers, and what was gone within the hour."""
    return together(
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """Collectors are each open for one to three days; victims pay within hours, the sum leaves in a few pieces."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (10, 140))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    days = staging.days_of(span)
    for account in crew.mules:
        for day in scene.rng.choice(days, min(len(days), staging.draw(scene, (1, 3))), replace=False):
            got = wave(scene, int(account), int(day))
            staging.drain(scene, crew, got, PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "fan_in_collector")


def wave(scene: Scene, account: int, day: int) -> Flow:
    """One day's victims of one account, within a few hours."""
    n = staging.draw(scene, PLANT_PAYERS)
    first = day + staging.draw(scene, (8, 14)) * HOUR_US
    at = first + staging.draws(scene, (0, staging.draw(scene, PLANT_HOURS) * 60), n) * MINUTE_US
    return staging.victims_pay(scene, np.full(n, account), at, staging.sums(scene, PLANT_SUMS, n))


def plant_alike(scene: Scene) -> None:
    """Honest collecting: a livestream seller, a landlord, a class fund, a charity drive, pre-orders."""
    span = staging.some_span(scene, (35, 120))
    accounts = scene.main_account(scene.people(staging.draw(scene, ALIKE_GROUP)))
    for account in accounts:
        collect(scene, account[None], span, staging.either(scene, ALIKE_KINDS))
    staging.mark_alike(scene, accounts, "fan_in_collector", span)


def collect(scene: Scene, account: Ints, span: Span, kind: str) -> None:
    """One honest collector of a kind."""
    if kind in ("fund", "drive"):
        collection(scene, account, span, to_one=kind == "drive")
    else:
        {"livestream": livestream, "rents": rents, "preorders": preorders}[kind](scene, account, span)


def livestream(scene: Scene, account: Ints, span: Span) -> None:
    """Evenings of sales to many, a third of whom come back; suppliers are paid the next morning."""
    regulars = staging.everyday_accounts(scene, 15)
    for day in staging.days_of(span, 5):
        n = staging.draw(scene, ALIKE_BUYERS)
        buyers = staging.everyday_accounts(scene, n)
        buyers = np.where(scene.rng.random(n) < 0.3, scene.rng.choice(regulars, n), buyers)
        at = day + 19 * HOUR_US + staging.draws(scene, (0, 180), n) * MINUTE_US
        amounts = staging.sums(scene, ALIKE_BASKET, n)
        staging.send(scene, Flow(buyers, at, amounts), np.full(n, account[0]))
        goods = Flow(account, np.array([day + DAY_US + 9 * HOUR_US]), np.array([amounts.sum() * 7 // 10]))
        staging.send(scene, goods, regulars[:1])


def preorders(scene: Scene, account: Ints, span: Span) -> None:
    """Now and then a sale of phones or concert seats: strangers pay at once, the wholesaler is paid as they do."""
    wholesalers = staging.everyday_accounts(scene, 2)
    for day in staging.days_of(span, 16):
        n = staging.draw(scene, ALIKE_PREORDERS)
        at = day + 12 * HOUR_US + staging.draws(scene, (0, 400), n) * MINUTE_US
        paid = Flow(np.full(n, account[0]), at, staging.sums(scene, ALIKE_PREORDER, n))
        staging.send(scene, Flow(staging.everyday_accounts(scene, n), at, paid.amounts), paid.accounts)
        staging.pass_on(scene, paid, wholesalers, (10, 130), (90, 350))


def rents(scene: Scene, account: Ints, span: Span) -> None:
    """The same tenants pay in the first days of a month; the landlord pays the bank the week after."""
    tenants = staging.everyday_accounts(scene, staging.draw(scene, ALIKE_TENANTS))
    bank = staging.everyday_accounts(scene, 1)
    rent = staging.sums(scene, ALIKE_RENT, len(tenants))
    for day in staging.days_of(span, 30):
        at = staging.moments(scene, (day, day + 2 * DAY_US), len(tenants))
        staging.send(scene, Flow(tenants, at, rent), np.full(len(tenants), account[0]))
        staging.send(scene, Flow(account, np.array([day + 6 * DAY_US + 9 * HOUR_US]), rent.sum()[None] // 2), bank)


def collection(scene: Scene, account: Ints, span: Span, *, to_one: bool) -> None:
    """A class fund or a drive: many pay once within two days; spent in pieces, or handed over whole to one receiver."""
    n = staging.draw(scene, ALIKE_PARENTS)
    givers = staging.everyday_accounts(scene, n)
    at = staging.moments(scene, (span[0], span[0] + 2 * DAY_US), n)
    amounts = staging.sums(scene, (300_000, 2_500_000), n)
    staging.send(scene, Flow(givers, at, amounts), np.full(n, account[0]))
    parts = 1 if to_one else 6
    later = staging.moments(scene, (span[0] + 2 * DAY_US, span[1]), parts)
    spent = np.full(parts, amounts.sum() * 9 // 10 // parts)
    staging.send(scene, Flow(np.repeat(account, parts), later, spent), staging.everyday_accounts(scene, parts))


TYPOLOGY = Typology(
    name="fan_in_collector",
    number=4,
    kind="account",
    code=3,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 3; Circular 17/2024/TT-NHNN Art. 22.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="livestream seller, landlord, class fund, charity drive",
)
