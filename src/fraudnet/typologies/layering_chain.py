"""Layering chain: money crosses three or more accounts within the hour and shrinks by a small cut at each."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_DWELL_MINUTES = (40, 120)
SEEN_PASSED = (0.4, 0.8)
SEEN_CREDITS = (1, 5)
SEEN_LARGEST_CREDIT = (6_000_000, 24_000_000)
SEEN_NEW_PAYERS = (0.1, 0.4)
SEEN_LEFT_OVER = (0.65, 0.85)
SEEN_REPEAT_PAYERS = (0.3, 0.8)
SEEN_LONG_AGE_DAYS = (180, 720)

PLANT_ACCOUNTS = (5, 12)
PLANT_LAYERS = (3, 5)
PLANT_DAYS = (3, 14)
PLANT_RUNS = (9, 24)
PLANT_SUMS = (7_000_000, 95_000_000)
PLANT_MINUTES = (2, 46)
PLANT_CUT = (3, 28)
PLANT_NEW_SHARE = 0.5

ALIKE_DEALERS = (4, 9)
ALIKE_ORDERS_A_WEEK = (2, 5)
ALIKE_ORDER = (2_000_000, 40_000_000)
ALIKE_MARGIN = (35, 110)
ALIKE_MINUTES = (5, 130)
ALIKE_REMITTED = 0.6
ALIKE_RELATIVES = (3, 5)
ALIKE_SENT = (5, 14)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Large credits from new payers stay for minutes, and all but a small cut goes on."""
    passed = any_of(over("passed_1h_share_30d", SEEN_PASSED), over("passed_1h_share_all", SEEN_PASSED))
    strength = all_of(
        passed,
        under("dwell_minutes_median_30d", SEEN_DWELL_MINUTES),
        over("in_count_30d", SEEN_CREDITS),
        over("in_max_amount_30d", SEEN_LARGEST_CREDIT),
        over("new_payer_share_30d", SEEN_NEW_PAYERS),
        over("out_in_ratio_30d", SEEN_LEFT_OVER),
    )
    dealer = all_of(over("age_days", SEEN_LONG_AGE_DAYS), over("repeat_payer_share_all", SEEN_REPEAT_PAYERS))
    return graded(features, strength, dealer)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Credits gone within the hour beside what took them on, the largest credits, first-time payers."""
    return together(
        rows_of_money.passed_on(motifs, hits),
        rows_of_money.large_credits(records, hits),
        rows_of_money.new_partners(records, hits, "in"),
    )


def plant(scene: Scene) -> None:
    """Victims pay the first layer; every sum runs through all layers to the controller, ever by other accounts."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (10, 100))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    layers = np.array_split(scene.rng.permutation(crew.mules), staging.draw(scene, PLANT_LAYERS))
    n = staging.draw(scene, PLANT_RUNS)
    entry = scene.rng.choice(layers[0], n)
    at = staging.moments(scene, span, n)
    run(scene, crew, layers[1:], staging.victims_pay(scene, entry, at, staging.sums(scene, PLANT_SUMS, n)))
    staging.mark_crew(scene, crew, "layering_chain")


def run(scene: Scene, crew: Crew, layers: list[Ints], flow: Flow) -> None:
    """One layer after the other; large sums travel in two pieces."""
    for layer in layers:
        flow = staging.pass_on(scene, staging.in_parts(scene, flow, (1, 2)), layer, PLANT_MINUTES, PLANT_CUT)
    flow = staging.pass_on(scene, flow, crew.controller, PLANT_MINUTES, PLANT_CUT)
    staging.cash_out(scene, flow.where(scene.rng.random(len(flow)) < 0.4), (20, 400))


def plant_alike(scene: Scene) -> None:
    """A dealer chain that pays upwards order by order with a margin, or relatives who pass money home."""
    span = staging.some_span(scene, (40, 120))
    if scene.rng.random() < ALIKE_REMITTED:
        chain = scene.main_account(scene.people(staging.draw(scene, ALIKE_RELATIVES)))
        remittances(scene, chain, span)
    else:
        chain = scene.main_account(scene.people(staging.draw(scene, ALIKE_DEALERS)))
        orders(scene, chain, span)
    staging.mark_alike(scene, chain, "layering_chain", span)


def remittances(scene: Scene, relatives: Ints, span: Span) -> None:
    """Workers send money for a house; each relative passes it on when it is seen, the last pays the builder."""
    n = staging.draw(scene, ALIKE_SENT)
    at = staging.moments(scene, span, n)
    flow = Flow(staging.everyday_accounts(scene, n), at, staging.sums(scene, ALIKE_ORDER, n))
    staging.send(scene, flow, np.full(n, relatives[0]))
    flow = Flow(np.full(n, relatives[0]), at, flow.amounts)
    for near in relatives[1:]:
        flow = staging.pass_on(scene, flow, near[None], (3, 90), (0, 60))
    staging.pass_on(scene, flow, staging.everyday_accounts(scene, 2), (30, 3_000), (0, 200))


def orders(scene: Scene, dealers: Ints, span: Span) -> None:
    """The same buyers order all year long; each dealer keeps the margin and pays the next one up."""
    buyers = staging.everyday_accounts(scene, 6)
    long = (max(scene.start_us, span[0] - 60 * DAY_US), span[1])
    n = staging.draw(scene, ALIKE_ORDERS_A_WEEK) * max(1, len(staging.days_of(long)) // 7)
    flow = Flow(scene.rng.choice(buyers, n), staging.moments(scene, long, n), staging.sums(scene, ALIKE_ORDER, n))
    staging.send(scene, flow, np.full(n, dealers[0]))
    flow = Flow(np.full(n, dealers[0]), flow.at_us, flow.amounts)
    for upper in dealers[1:]:
        flow = staging.pass_on(scene, flow, upper[None], ALIKE_MINUTES, ALIKE_MARGIN)
    staging.pass_on(scene, flow, staging.everyday_accounts(scene, 1), (60, 2_000), ALIKE_MARGIN)


TYPOLOGY = Typology(
    name="layering_chain",
    number=6,
    kind="account",
    code=3,
    citation="FATF, Professional Money Laundering (2018); Decision 71/QĐ-HHNH of 2025-09-30, signs 3 and 4.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="dealer chain, remittance through relatives",
)
