"""Pass-through: strangers' money leaves again within minutes, to ever other accounts, and nothing stays."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_PASSED = (0.45, 0.85)
SEEN_CREDITS = (2, 7)
SEEN_NEW_PAYERS = (1, 5)
SEEN_ONE_PAYEE = (0.7, 0.95)
SEEN_IN_AMOUNT = (10_000_000, 40_000_000)
SEEN_FAMILIAR = (0.6, 0.95)

PLANT_ACCOUNTS = (4, 11)
PLANT_DAYS = (5, 18)
PLANT_CREDITS = (8, 26)
PLANT_SUMS = (1_200_000, 27_000_000)
PLANT_MINUTES = (1, 62)
PLANT_CUT = (5, 90)
PLANT_KEPT = 0.12  # share of the credits that the mule leaves lying
PLANT_NEW_SHARE = 0.4

ALIKE_SWEEPS_A_DAY = (1, 4)
ALIKE_SALES = (150_000, 2_400_000)
ALIKE_ROUND_STOPS = (6, 16)
ALIKE_KINDS = {"sweep": 2.0, "drivers": 1.0, "spouse": 2.0, "dropship": 4.0}
ALIKE_ORDERS = (500_000, 6_000_000)
ALIKE_SUPPLIERS = (3, 6)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Most of what first-time payers send is gone within the hour, and not always to the same account."""
    passed = any_of(over("passed_1h_share_30d", SEEN_PASSED), over("passed_1h_share_all", SEEN_PASSED))
    strength = all_of(
        passed,
        over("in_count_30d", SEEN_CREDITS),
        over("first_payers_30d", SEEN_NEW_PAYERS),
        over("in_amount_30d", SEEN_IN_AMOUNT),
        under("top_payee_share_all", SEEN_ONE_PAYEE),
    )
    familiar = any_of(over("top_payee_share_all", SEEN_FAMILIAR), over("repeat_payer_share_all", SEEN_FAMILIAR))
    return graded(features, strength, all_of(over("passed_1h_share_all", SEEN_PASSED), familiar))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """First-time payers, and credits that were gone within the hour beside what took them on."""
    return together(
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """Mules take victims' money for days and send it on to two to four accounts within minutes."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (12, 110))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    for account in crew.mules:
        n = staging.draw(scene, PLANT_CREDITS)
        at = staging.moments(scene, span, n)
        got = staging.victims_pay(scene, np.full(n, account), at, staging.sums(scene, PLANT_SUMS, n))
        lying = got.where(scene.rng.random(len(got)) > PLANT_KEPT)
        staging.drain(scene, crew, staging.in_parts(scene, lying, (1, 2)), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "pass_through")


def plant_alike(scene: Scene) -> None:
    """Honest money that does not stay: a shop's sweep, drivers, pay that goes to the spouse, goods bought to order."""
    span = staging.some_span(scene, (40, 110))
    makers = {"sweep": sweep, "drivers": drivers, "spouse": pay_to_spouse, "dropship": dropship}
    accounts = makers[staging.either(scene, ALIKE_KINDS)](scene, span)
    staging.mark_alike(scene, accounts, "pass_through", span)


def sweep(scene: Scene, span: Span) -> Ints:
    """Shops whose takings are swept to their owner's other account or the supplier, every time within minutes."""
    owners = scene.people(staging.draw(scene, (2, 4)))
    shops = scene.open_accounts(owners, np.full(len(owners), span[0] - 90 * DAY_US), kind="merchant")
    homes = scene.main_account(owners)
    for shop, home in zip(shops, homes, strict=True):
        n = staging.draw(scene, ALIKE_SWEEPS_A_DAY) * len(staging.days_of(span)) // 2
        sales = Flow(np.full(n, shop), staging.moments(scene, span, n), staging.sums(scene, ALIKE_SALES, n))
        staging.send(scene, Flow(staging.everyday_accounts(scene, n), sales.at_us, sales.amounts), sales.accounts)
        supplier = staging.everyday_accounts(scene, 1)
        usual = np.where(scene.rng.random(n) < 0.9, home, supplier[0])
        staging.send(scene, Flow(sales.accounts, staging.later(scene, sales.at_us, (2, 25)), sales.amounts), usual)
    return shops


def dropship(scene: Scene, span: Span) -> Ints:
    """Sellers who buy each order from one of their suppliers as soon as the customer has paid."""
    sellers = scene.main_account(scene.people(staging.draw(scene, (1, 3))))
    for seller in sellers:
        n = len(staging.days_of(span))
        orders = Flow(np.full(n, seller), staging.moments(scene, span, n), staging.sums(scene, ALIKE_ORDERS, n))
        staging.send(scene, Flow(staging.everyday_accounts(scene, n), orders.at_us, orders.amounts), orders.accounts)
        suppliers = staging.everyday_accounts(scene, staging.draw(scene, ALIKE_SUPPLIERS))
        staging.pass_on(scene, orders, suppliers, (5, 85), (80, 260))
    return sellers


def drivers(scene: Scene, span: Span) -> Ints:
    """Drivers who are paid at every door and hand the day's sum to the shop right after the last one."""
    riders = scene.main_account(scene.people(staging.draw(scene, (2, 5))))
    shop = scene.main_account(scene.people(1))
    for rider in riders:
        for day in staging.days_of(span, 3):
            stops = staging.draw(scene, ALIKE_ROUND_STOPS)
            at = day + staging.draws(scene, (9 * 60, 17 * 60), stops) * staging.MINUTE_US
            amounts = staging.sums(scene, ALIKE_SALES, stops)
            staging.send(scene, Flow(staging.everyday_accounts(scene, stops), at, amounts), np.full(stops, rider))
            tail = Flow(np.array([rider]), np.array([at.max() + HOUR_US // 2]), np.array([amounts.sum()]))
            staging.send(scene, tail, shop)
    return riders


def pay_to_spouse(scene: Scene, span: Span) -> Ints:
    """Workers who send nearly all their pay home minutes after it came."""
    workers = scene.main_account(scene.people(staging.draw(scene, (3, 7))))
    homes = staging.everyday_accounts(scene, len(workers))
    firm = staging.everyday_accounts(scene, 1)
    for day in staging.days_of(span, 15):
        at = np.full(len(workers), day + 10 * HOUR_US) + staging.draws(scene, (0, 30), len(workers)) * staging.MINUTE_US
        pay = staging.sums(scene, (4_000_000, 12_000_000), len(workers))
        staging.send(scene, Flow(np.full(len(workers), firm[0]), at, pay), workers)
        staging.send(scene, Flow(workers, staging.later(scene, at, (3, 40)), pay * 19 // 20), homes)
    return workers


TYPOLOGY = Typology(
    name="pass_through",
    number=3,
    kind="account",
    code=3,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 3; Circular 17/2024/TT-NHNN Art. 22.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="wallet sweep, COD driver, pay that goes home to the spouse",
)
