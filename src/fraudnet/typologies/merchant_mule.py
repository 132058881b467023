"""Merchant or QR mule: a shop's account that never refunds, buys nothing, and is paid round sums into the night."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Memo, Scene
from fraudnet.typologies import money_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, per, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_MERCHANT = (0.2, 0.8)
SEEN_REFUNDS = (0.001, 0.012)
SEEN_TO_BUSINESS = (0.06, 0.3)
SEEN_NIGHT = (0.06, 0.22)
SEEN_MEAN_SUM = (250_000, 1_100_000)
SEEN_PAYERS = (5, 16)
SEEN_REPEAT_PAYERS = (0.1, 0.35)

PLANT_ACCOUNTS = (4, 8)
PLANT_OPENED_DAYS = (14, 130)
PLANT_DAYS = (6, 20)
PLANT_CREDITS = (9, 28)
PLANT_SUMS = (300_000, 7_000_000)
PLANT_ROUND = 0.7
PLANT_HOURS = (9.0, 27.5)
PLANT_MINUTES = (10, 900)
PLANT_CUT = (0, 60)

ALIKE_SHOPS = (2, 5)
ALIKE_TAB = (25_000, 600_000)
ALIKE_GIFTS = (20_000, 2_000_000)
ALIKE_KINDS = {"cafe": 1.5, "stall": 1.0, "donation": 1.0}
ALIKE_REFUNDED = 0.025


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """A shop's account with many credits, some by night, large for a shop, no refund, no supplier."""
    strength = all_of(
        over("is_merchant", SEEN_MERCHANT),
        over("in_payers_30d", SEEN_PAYERS),
        under("refund_share_90d", SEEN_REFUNDS),
        under("business_out_share_90d", SEEN_TO_BUSINESS),
        over("in_night_share_30d", SEEN_NIGHT),
        over(per("in_amount_30d", "in_count_30d"), SEEN_MEAN_SUM),
    )
    shop = any_of(over("repeat_payer_share_all", SEEN_REPEAT_PAYERS), over("business_out_share_90d", SEEN_TO_BUSINESS))
    return graded(features, strength, shop)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its opening, credits by night, the day with most payers, and the largest credits."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_money.night_credits(records, hits),
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.large_credits(records, hits),
    )


def plant(scene: Scene) -> None:
    """Mules register shops; victims pay their codes by day and night; all of it moves on inside the ring."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_ACCOUNTS)
    owners = scene.people(n, young=True)
    aged = (staging.draws(scene, PLANT_OPENED_DAYS, n) * scene.habits.aging).astype(np.int64)
    shops = money_staging.new_shops(scene, owners, span[0] - aged * DAY_US)
    crew = Crew(
        number=scene.next_ring(), span=span, mules=shops, new=n,
        controller=scene.controller(), phones=scene.new_devices(2),
    )  # fmt: skip
    staging.hand_over(scene, shops, crew.phones, np.full(n, span[0]))
    exits = np.append(scene.exchange_accounts(1), np.repeat(crew.controller, 2))
    for shop in shops:
        got = paid_by_code(scene, shop, span)
        cashed = scene.rng.random(len(got)) < scene.habits.cash
        staging.cash_out(scene, got.where(cashed), PLANT_MINUTES)
        staging.pass_on(scene, got.where(~cashed), exits, PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "merchant_mule")


def paid_by_code(scene: Scene, shop: int, span: Span) -> Flow:
    """Victims' payments to one shop, most of them in whole hundred thousands."""
    n = staging.draw(scene, PLANT_CREDITS)
    amounts = staging.sums(scene, PLANT_SUMS, n)
    even = scene.rng.random(n) < PLANT_ROUND
    amounts = np.where(even, np.maximum(amounts // 100_000, 1) * 100_000, amounts)
    return staging.victims_pay(scene, np.full(n, shop), staging.moments(scene, span, n, PLANT_HOURS), amounts)


def plant_alike(scene: Scene) -> None:
    """New cafés, stalls at an event, the code on a donation box."""
    span = staging.some_span(scene, (30, 90))
    owners = scene.people(staging.draw(scene, ALIKE_SHOPS))
    shops = money_staging.new_shops(scene, owners, np.full(len(owners), span[0] - 20 * DAY_US))
    kind = staging.either(scene, ALIKE_KINDS)
    for shop in shops:
        {"cafe": cafe, "stall": stall, "donation": donation}[kind](scene, shop[None], span)
    staging.mark_alike(scene, shops, "merchant_mule", span)


def cafe(scene: Scene, shop: Ints, span: Span) -> None:
    """Small bills until late, now and then a refund, suppliers every few days."""
    sold = money_staging.sales(scene, int(shop[0]), span, (3, 14), ALIKE_TAB, hours=(7, 24))
    refunded(scene, sold)
    money_staging.supplied(scene, sold, scene.shop_accounts(3), 4, 550)


def refunded(scene: Scene, sold: Flow) -> None:
    """A few buyers come back: a sale made for them is paid back the same week."""
    n = int(scene.rng.binomial(len(sold), ALIKE_REFUNDED))
    early = sold.where((sold.at_us > scene.start_us) & (sold.at_us < scene.end_us - 5 * DAY_US))
    if not n or not len(early):
        return
    chosen = early.where(np.isin(np.arange(len(early)), scene.rng.integers(0, len(early), n)))
    buyers = staging.everyday_accounts(scene, len(chosen))
    keep = buyers != chosen.accounts
    chosen, buyers = chosen.where(keep), buyers[keep]
    if len(chosen):
        rows = scene.transfer(buyers, chosen.accounts, chosen.at_us + HOUR_US, chosen.amounts, memo=Memo(text="goods"))
        scene.refund(rows, staging.later(scene, chosen.at_us, (300, 5_000)))


def stall(scene: Scene, shop: Ints, span: Span) -> None:
    """Three loud nights at round prices; the wholesaler is paid afterwards."""
    nights = (span[0], span[0] + 3 * DAY_US)
    sold = money_staging.sales(scene, int(shop[0]), nights, (20, 60), ALIKE_TAB, hours=(17, 26))
    money_staging.supplied(scene, sold, scene.shop_accounts(2), 3, 700)


def donation(scene: Scene, shop: Ints, span: Span) -> None:
    """Round gifts at all hours; the whole goes to the hospital or the pagoda once a week."""
    given = money_staging.sales(scene, int(shop[0]), span, (1, 5), ALIKE_GIFTS, hours=(5, 26))
    money_staging.supplied(scene, given, staging.everyday_accounts(scene, 1), 7, 950)


TYPOLOGY = Typology(
    name="merchant_mule",
    number=13,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 6; Circular 40/2024/TT-NHNN on payment acceptance points.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="new café, event stall, donation code",
)
