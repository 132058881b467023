"""Dormant, then busy: nothing for months, then within a day large credits from strangers that do not stay."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

# Idle bands of 3, 6 and 12 months are those of the Tazama rules.
SEEN_IDLE_DAYS = (45, 135)
SEEN_DAY_AMOUNT = (6_000_000, 28_000_000)
SEEN_NEW_PAYERS = (1, 4)
SEEN_PASSED = (0.2, 0.6)
SEEN_MINUTES = (240, 900)
SEEN_LEFT = (0.55, 0.85)
SEEN_KEPT = (0.15, 0.5)
SEEN_ACTIVE_DAYS = (9, 24)

PLANT_ACCOUNTS = (4, 9)
PLANT_IDLE_DAYS = (150, 420)
PLANT_DAYS = (3, 12)
PLANT_CREDITS = (4, 15)
PLANT_SUMS = (2_500_000, 60_000_000)
PLANT_MINUTES = (5, 520)
PLANT_CUT = (0, 45)

ALIKE_PEOPLE = (3, 8)
ALIKE_AWAY_DAYS = (140, 430)
ALIKE_SALE = (25_000_000, 900_000_000)
ALIKE_BUILDERS = 0.45


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """A long silence, then several first-time payers and a large sum in a day, most of it gone within the hour."""
    # Late records make many accounts look silent: a gap counts before the busiest day, or where days of use are few.
    hardly_used = all_of(over("gap_days_max_all", SEEN_IDLE_DAYS), under("active_days_all", SEEN_ACTIVE_DAYS))
    idle = any_of(over("gap_before_burst_days", SEEN_IDLE_DAYS), hardly_used)
    passed = soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT)
    strength = all_of(
        idle, passed, over("first_payers_30d", SEEN_NEW_PAYERS), over("peak_in_amount_1d", SEEN_DAY_AMOUNT)
    )
    return graded(features, strength, all_of(idle, under("passed_1h_share_all", SEEN_KEPT)))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """What woke it, the day with most payers, the largest credits, and what was gone within the hour."""
    return together(
        rows_of_holdings.changes(records, hits, ("reactivated", "device_bound")),
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.large_credits(records, hits),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """A ring wakes accounts that lay idle for months and runs victims' money through them for a few days."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_ACCOUNTS)
    owners = scene.people(n)
    opened = span[0] - staging.draws(scene, PLANT_IDLE_DAYS, n) * DAY_US
    accounts = scene.open_accounts(owners, opened)
    staging.small_life(scene, accounts, (int(opened.min()), int(opened.max()) + 10 * DAY_US), (0, 2))
    controller = scene.controller()
    crew = Crew(scene.next_ring(), span, accounts, n, controller, scene.new_devices(max(1, n // 3)))
    woken = span[0] + staging.draws(scene, (0, 12), n) * HOUR_US
    scene.account_event(accounts, woken, "reactivated")
    staging.hand_over(scene, accounts, crew.phones, woken + HOUR_US)
    for account in accounts:
        busy(scene, crew, int(account))
    staging.mark_crew(scene, crew, "dormant_then_busy")


def busy(scene: Scene, crew: Crew, account: int) -> None:
    """Credits of one account over its days and what becomes of them."""
    n = staging.draw(scene, PLANT_CREDITS)
    at = np.maximum(staging.moments(scene, crew.span, n), crew.span[0] + 14 * HOUR_US)
    got = staging.victims_pay(scene, np.full(n, account), at, staging.sums(scene, PLANT_SUMS, n))
    staging.drain(scene, crew, got, PLANT_MINUTES, PLANT_CUT)


def plant_alike(scene: Scene) -> None:
    """People whose account wakes for a good reason: back from work abroad, land sold, a harvest."""
    span = staging.some_span(scene, (15, 60))
    n = staging.draw(scene, ALIKE_PEOPLE)
    owners = scene.people(n)
    accounts = scene.open_accounts(owners, span[0] - staging.draws(scene, ALIKE_AWAY_DAYS, n) * DAY_US)
    scene.account_event(accounts, np.full(n, span[0]), "reactivated")
    scene.use_account(accounts, scene.main_device(owners), np.full(n, span[0] + HOUR_US))
    for account in accounts:
        windfall(scene, account[None], span)
    staging.mark_alike(scene, accounts, "dormant_then_busy", span)


def windfall(scene: Scene, account: Ints, span: Span) -> None:
    """One to five credits in the first days; a part goes home the same hour, or all of it to the builders."""
    n = staging.draw(scene, (1, 5))
    at = staging.moments(scene, (span[0], span[0] + 2 * DAY_US), n)
    amounts = staging.sums(scene, ALIKE_SALE, n)
    staging.send(scene, Flow(staging.everyday_accounts(scene, n), at, amounts), np.repeat(account, n))
    home = scene.main_account(scene.owner_of_account(account))
    if scene.rng.random() < ALIKE_BUILDERS:
        builders = staging.everyday_accounts(scene, 3)
        staging.pass_on(scene, Flow(np.repeat(account, n), at, amounts), builders, (10, 110), (0, 400))
        return
    staging.send(scene, Flow(account, at[:1] + HOUR_US // 2, amounts[:1] // 5), home)
    spent = staging.moments(scene, (span[0] + 3 * DAY_US, span[1]), 6)
    staging.send(scene, Flow(np.repeat(account, 6), spent, np.full(6, amounts.sum() // 9)), np.repeat(home, 6))


TYPOLOGY = Typology(
    name="dormant_then_busy",
    number=9,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 6; Tazama open rules on dormant accounts (3, 6 and 12 months).",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="worker back from abroad, land sale, harvest",
)
