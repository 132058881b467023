"""Scatter-gather: a sum is split over many accounts and comes together again at one, within hours."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_WIDTH = (1.5, 4.0)
SEEN_MINUTES = (260, 900)
SEEN_NEW_PAYERS = (0.0, 0.6)
SEEN_IN_AMOUNT = (3_000_000, 14_000_000)
SEEN_LONG_AGE_DAYS = (300, 900)
SEEN_REPEAT_PAYERS = (0.2, 0.6)
SEEN_SLOW = (500, 1_400)

PLANT_ACCOUNTS = (7, 11)
PLANT_DAYS = (3, 10)
PLANT_ROUNDS = (2, 5)
PLANT_SUMS = (45_000_000, 280_000_000)
PLANT_SPLIT_MINUTES = (3, 75)
PLANT_MINUTES = (12, 420)
PLANT_CUT = (5, 35)
PLANT_NEW_SHARE = 0.6

ALIKE_AGENTS = (4, 8)
ALIKE_PAYOUT = (4_000_000, 30_000_000)
ALIKE_KINDS = {"platform": 2.0, "collectors": 1.0, "bonus": 1.0}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Money of one payer went through it and several others, new to each other, to one payee within hours."""
    strength = all_of(
        over("rejoined_width_90d", SEEN_WIDTH),
        under("rejoined_minutes_90d", SEEN_MINUTES),
        over("first_payers_30d", SEEN_NEW_PAYERS),
        over("in_amount_30d", SEEN_IN_AMOUNT),
    )
    settled = all_of(over("age_days", SEEN_LONG_AGE_DAYS), over("repeat_payer_share_all", SEEN_REPEAT_PAYERS))
    return graded(features, strength, any_of(settled, over("rejoined_minutes_90d", SEEN_SLOW)))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Credits beside the payments that took them on within a day, the largest credits, first-time payers."""
    return together(
        rows_of_money.passed_on(motifs, hits, minutes=24 * 60),
        rows_of_money.large_credits(records, hits),
        rows_of_money.new_partners(records, hits, "in"),
    )


def plant(scene: Scene) -> None:
    """A victim's large sum is cut over the ring's accounts in an hour and meets again at one of them by the evening."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (15, 150))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    order = scene.rng.permutation(crew.mules)
    for day in scene.rng.choice(staging.days_of(span), staging.draw(scene, PLANT_ROUNDS)):
        split_and_join(scene, crew, order, int(day))
    staging.mark_crew(scene, crew, "scatter_gather")


def split_and_join(scene: Scene, crew: Crew, order: Ints, day: int) -> None:
    """One round: the first splits, the last joins, those between carry."""
    at = np.array([day + staging.draw(scene, (8, 15)) * HOUR_US])
    got = staging.victims_pay(scene, order[:1], at, staging.sums(scene, PLANT_SUMS, 1))
    middles = order[1:-1]
    if not len(got):
        return
    parts = staging.in_parts(scene, got.where(np.arange(len(got)) == 0), (len(middles), len(middles)))
    parts = Flow(parts.accounts, staging.later(scene, parts.at_us, PLANT_SPLIT_MINUTES), parts.amounts)
    staging.send(scene, parts, middles)
    carried = Flow(middles, parts.at_us, parts.amounts)
    joined = staging.pass_on(scene, carried, order[-1:], PLANT_MINUTES, PLANT_CUT)
    out = staging.pass_on(scene, joined, crew.controller, PLANT_MINUTES, PLANT_CUT)
    staging.cash_out(scene, out.where(scene.rng.random(len(out)) < scene.habits.cash), (30, 900))


def plant_alike(scene: Scene) -> None:
    """A platform that pays agents who settle with one wholesaler, collectors of a round, bonuses paid into a fund."""
    span = staging.some_span(scene, (35, 110))
    kind = staging.either(scene, ALIKE_KINDS)
    agents = scene.main_account(scene.people(staging.draw(scene, ALIKE_AGENTS)))
    ends = scene.main_account(scene.people(2))
    settle(scene, agents, ends, (kind, span))
    staging.mark_alike(scene, np.concatenate([agents, ends]), "scatter_gather", span)


def settle(scene: Scene, agents: Ints, ends: Ints, how: tuple[str, Span]) -> None:
    """From one payer to all agents and on to one payee: weekly the next day, at once, or a part of it."""
    kind, span = how
    every = {"platform": 7, "collectors": 15, "bonus": 60}[kind]
    minutes = {"platform": (500, 2_600), "collectors": (120, 1_500), "bonus": (600, 4_000)}[kind]
    kept = {"platform": (40, 300), "collectors": (10, 120), "bonus": (300, 700)}[kind]
    for day in staging.days_of(span, every):
        at = day + 9 * HOUR_US + staging.draws(scene, (0, 90), len(agents)) * staging.MINUTE_US
        paid = Flow(agents, at, staging.sums(scene, ALIKE_PAYOUT, len(agents)))
        staging.send(scene, Flow(np.full(len(agents), ends[0]), paid.at_us, paid.amounts), agents)
        staging.pass_on(scene, paid.where(at < span[1] + DAY_US), ends[1:], minutes, kept)


TYPOLOGY = Typology(
    name="scatter_gather",
    number=8,
    kind="account",
    code=3,
    citation="Altman et al., Realistic Synthetic Financial Transactions (2023), scatter-gather; Decision 71, sign 3.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="platform settlement with sub-agents, collectors of a round, bonuses paid into one fund",
)
