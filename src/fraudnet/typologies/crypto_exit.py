"""Crypto P2P exit: many strangers pay in, one exchange desk is paid within minutes."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_TO_EXCHANGE = (0.12, 0.5)
SEEN_WAIT_MINUTES = (180, 700)
SEEN_NEW_PAYERS = (1.5, 6.5)
SEEN_FROM_EXCHANGE = (0.04, 0.3)
SEEN_SUM = (6_000_000, 35_000_000)
SEEN_DATES = (10, 22)
SEEN_MANY_DATES = (9, 28)
SEEN_LONG_AGE_DAYS = (250, 800)

PLANT_ACCOUNTS = (4, 8)
PLANT_DAYS = (4, 12)
PLANT_CREDITS = (7, 22)
PLANT_SUMS = (900_000, 45_000_000)
PLANT_MINUTES = (4, 210)
PLANT_CUT = (0, 30)
PLANT_TO_DESK = 0.75
PLANT_NEW_SHARE = 0.45

ALIKE_TRADERS = (2, 5)
ALIKE_TRADES = (0, 4)
ALIKE_SUMS = (500_000, 40_000_000)
ALIKE_KINDS = {"evening": 1.5, "steady": 1.5, "quick": 1.0}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Several new payers, and most of the money at an exchange desk within hours; nothing ever comes back from one."""
    strength = all_of(
        over("exchange_out_share_90d", SEEN_TO_EXCHANGE),
        under("exchange_wait_minutes_median_90d", SEEN_WAIT_MINUTES),
        over("first_payers_30d", SEEN_NEW_PAYERS),
        over("in_amount_30d", SEEN_SUM),
        under("exchange_in_share_90d", SEEN_FROM_EXCHANGE),
        under("exchange_dates_90d", SEEN_DATES),
    )
    regular = all_of(over("exchange_dates_90d", SEEN_MANY_DATES), over("age_days", SEEN_LONG_AGE_DAYS))
    return graded(features, strength, any_of(regular, over("exchange_in_share_90d", SEEN_FROM_EXCHANGE)))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """First-time payers, and payments to exchange desks."""
    return together(
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.to_exchanges(records, hits),
    )


def plant(scene: Scene) -> None:
    """Mules turn each victim's payment into crypto at one desk as soon as it has come."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (10, 150))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    desk = scene.exchange_accounts(1)
    got = money_staging.take(scene, crew.mules, span, PLANT_CREDITS, PLANT_SUMS)
    sold = scene.rng.random(len(got)) < PLANT_TO_DESK
    staging.pass_on(scene, got.where(sold), desk, PLANT_MINUTES, PLANT_CUT)
    staging.drain(scene, crew, got.where(~sold), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "crypto_exit")


def plant_alike(scene: Scene) -> None:
    """Honest P2P traders: strangers buy coins from them, they refill at the desk, and sell to it on other days."""
    span = staging.some_span(scene, (60, 125))
    traders = scene.main_account(scene.people(staging.draw(scene, ALIKE_TRADERS)))
    kind = staging.either(scene, ALIKE_KINDS)
    for trader in traders:
        trade(scene, trader[None], span, kind)
    staging.mark_alike(scene, traders, "crypto_exit", span)


def trade(scene: Scene, trader: Ints, span: Span, kind: str) -> None:
    """Buyers pay by day; the desk is paid in the evening, the next day, or at once; sometimes it pays out."""
    desk = scene.exchange_accounts(1)
    if desk[0] == trader[0]:
        return
    sold = money_staging.sales(scene, int(trader[0]), span, ALIKE_TRADES, ALIKE_SUMS)
    if kind == "quick":
        staging.pass_on(scene, sold, desk, (10, 300), (5, 60))
    elif len(sold):
        money_staging.supplied(scene, sold, desk, 1 if kind == "evening" else 4, 900)
    if kind == "evening":
        return
    for day in staging.days_of(span, 6):
        sum_back = staging.sums(scene, ALIKE_SUMS, 1)
        at = np.array([day + staging.draw(scene, (9, 20)) * HOUR_US])
        staging.send(scene, Flow(desk, at, sum_back), trader)
        back = Flow(trader, at, sum_back).where(at < scene.end_us - DAY_US)
        staging.pass_on(scene, back, staging.everyday_accounts(scene, 3), (30, 900), (5, 40))


TYPOLOGY = Typology(
    name="crypto_exit",
    number=15,
    kind="account",
    code=3,
    citation="FATF, Virtual Assets Red Flag Indicators (2020); Decision 71/QĐ-HHNH of 2025-09-30, sign 3.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="honest P2P trader, paid now and then with tainted money",
)
