"""Rented or sold account: opened, handed over with phone and app, silent, then a burst of strangers' money."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Crew, Flow
from fraudnet.typologies.typology import Typology

SEEN_AGE_DAYS = (150, 300)
SEEN_SILENCE_DAYS = (4, 12)
SEEN_HANDED_OVER = (0, 1)
SEEN_DEVICES = (1, 3)
SEEN_PAYERS_A_DAY = (1, 4)
SEEN_PASSED = (0.25, 0.65)
SEEN_MINUTES = (200, 700)
SEEN_LEFT = (0.55, 0.85)
SEEN_REPEAT_PAYERS = (0.2, 0.7)
SEEN_SLOW = (0.1, 0.5)

PLANT_ACCOUNTS = (4, 10)
PLANT_SILENT_DAYS = (13, 70)
PLANT_USED_DAYS = (3, 9)
PLANT_CREDITS = (3, 11)
PLANT_SUMS = (1_200_000, 30_000_000)
PLANT_MINUTES = (3, 420)
PLANT_CUT = (0, 30)

ALIKE_FAMILIES = (3, 8)
ALIKE_WAIT_DAYS = (10, 60)
ALIKE_GIFTS = (5, 13)
ALIKE_GIFT_SUMS = (200_000, 5_000_000)
ALIKE_CATERED = 0.3


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Young account, taken over by another phone, silent, then many payers in a day and money that does not stay."""
    handed_over = any_of(
        over("phone_changes_all", SEEN_HANDED_OVER),
        over("phone_holder_differs", SEEN_HANDED_OVER),
        over("devices_count", SEEN_DEVICES),
    )
    passed = soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT)
    silent = any_of(over("gap_before_burst_days", SEEN_SILENCE_DAYS), over("gap_days_max_all", SEEN_SILENCE_DAYS))
    strength = all_of(
        handed_over, silent, passed, under("age_days", SEEN_AGE_DAYS), over("peak_in_payers_1d", SEEN_PAYERS_A_DAY)
    )
    kept = any_of(under("passed_1h_share_all", SEEN_SLOW), over("repeat_payer_share_all", SEEN_REPEAT_PAYERS))
    return graded(features, strength, all_of(handed_over, kept))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """When it was opened and handed over, its busiest day, and what was gone within the hour."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_holdings.changes(records, hits, ("device_bound", "phone_changed", "password_reset")),
        rows_of_holdings.devices(records, hits),
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """A ring buys accounts, takes them over, lets them rest and uses them for a few days."""
    used = staging.some_span(scene, PLANT_USED_DAYS)
    crew = staging.gather_crew(scene, used, staging.draw(scene, PLANT_ACCOUNTS), 1.0, PLANT_SILENT_DAYS)
    opened = scene.opened_us(crew.mules)
    taken = opened + np.minimum(staging.draws(scene, (1, 5), len(opened)) * DAY_US, (used[0] - opened) // 2)
    staging.hand_over(scene, crew.mules, crew.phones, taken)
    renumbered = scene.rng.random(len(opened)) < 0.7
    if renumbered.any():
        scene.account_event(crew.mules[renumbered], taken[renumbered] + HOUR_US, "phone_changed")
    burst(scene, crew)
    staging.mark_crew(scene, crew, "rented_account")


def burst(scene: Scene, crew: Crew) -> None:
    """Each account takes victims' money on one or two days and empties within the hour."""
    for account in crew.mules:
        n = staging.draw(scene, PLANT_CREDITS)
        days = staging.moments(scene, crew.span, staging.draw(scene, (1, 2)))
        at = days[scene.rng.integers(0, len(days), n)] + staging.draws(scene, (0, 240), n) * staging.MINUTE_US
        here = np.full(n, account)
        got = staging.victims_pay(scene, here, at, staging.sums(scene, PLANT_SUMS, n))
        staging.drain(scene, crew, got, PLANT_MINUTES, PLANT_CUT)


def plant_alike(scene: Scene) -> None:
    """Children open an account for a parent and set up the app on their phone; weeks later a feast pays in."""
    n = staging.draw(scene, ALIKE_FAMILIES)
    span = staging.some_span(scene, (20, 60))
    parents, children = scene.people(n), scene.people(n, fresh=False)
    opened = span[0] - staging.draws(scene, ALIKE_WAIT_DAYS, n) * DAY_US
    accounts = scene.open_accounts(parents, opened, sims=scene.main_sim(children))
    staging.hand_over(scene, accounts, scene.main_device(children), opened + 2 * HOUR_US)
    scene.account_event(accounts, opened + 3 * HOUR_US, "phone_changed")
    for account in accounts:
        feast(scene, int(account), (span[0], span[0] + 2 * DAY_US))
    spend(scene, np.repeat(accounts, 4), span)
    staging.mark_alike(scene, accounts, "rented_account", span)


def feast(scene: Scene, account: int, span: staging.Span) -> None:
    """Relatives give within two days; some families pay the caterers out of each gift as it comes."""
    n = staging.draw(scene, ALIKE_GIFTS)
    gifts = Flow(
        staging.everyday_accounts(scene, n), staging.moments(scene, span, n), staging.sums(scene, ALIKE_GIFT_SUMS, n)
    )
    staging.send(scene, gifts, np.full(n, account))
    if scene.rng.random() < ALIKE_CATERED:
        lying = Flow(np.full(n, account), gifts.at_us, gifts.amounts)
        staging.pass_on(scene, lying, staging.everyday_accounts(scene, 3), (8, 80), (50, 300))


def spend(scene: Scene, accounts: Ints, span: staging.Span) -> None:
    """The gifts are spent over the following weeks."""
    n = len(accounts)
    flow = Flow(accounts, staging.moments(scene, span, n), staging.sums(scene, ALIKE_GIFT_SUMS, n))
    staging.send(scene, flow, staging.everyday_accounts(scene, n))


TYPOLOGY = Typology(
    name="rented_account",
    number=1,
    kind="account",
    code=2,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 2; Circular 17/2024/TT-NHNN Art. 22; case reports 2023-2025.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="parent whose child set up the app on another phone",
)
