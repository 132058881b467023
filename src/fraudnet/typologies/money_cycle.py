"""Money cycle: a sum returns within days through three to six accounts, round after round."""

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

SEEN_TURNOVER = (25_000_000, 100_000_000)
SEEN_LEFT_OVER = (0.55, 0.85)
SEEN_MORE_OUT_THAN_IN = (1.1, 1.6)
SEEN_ONE_PARTNER = (0.15, 0.4)
SEEN_BACK_AND_FORTH = (0.2, 0.5)
SEEN_DWELL_MINUTES = (1_900, 4_600)
SEEN_CREDITS = (2, 6)
SEEN_NEW_PAYERS = (0.05, 0.2)

PLANT_ACCOUNTS = (3, 6)
PLANT_CYCLES = (1, 2)
PLANT_DAYS = (7, 20)
PLANT_ROUNDS = (3, 5)
PLANT_POTS = (2, 4)
PLANT_SUMS = (22_000_000, 90_000_000)
PLANT_MINUTES = (25, 900)
PLANT_CUT = (0, 18)
PLANT_NEW_SHARE = 0.45

ALIKE_MEMBERS = (7, 13)
ALIKE_SHARE = (1_000_000, 6_000_000)
ALIKE_LOANS = (8_000_000, 45_000_000)
ALIKE_KINDS = {"circle": 1.0, "loans": 1.0, "trade": 1.3}
ALIKE_TRADERS = (3, 5)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """As much out as in, large, within a day or two, from one new payer above all and to one other payee above all."""
    strength = all_of(
        over("in_amount_30d", SEEN_TURNOVER),
        over("in_count_30d", SEEN_CREDITS),
        over("out_in_ratio_30d", SEEN_LEFT_OVER),
        under("out_in_ratio_30d", SEEN_MORE_OUT_THAN_IN),
        over("top_payer_share_all", SEEN_ONE_PARTNER),
        over("top_payee_share_all", SEEN_ONE_PARTNER),
        over("new_payer_share_30d", SEEN_NEW_PAYERS),
        under("reciprocal_share_all", SEEN_BACK_AND_FORTH),
        under("dwell_minutes_median_30d", SEEN_DWELL_MINUTES),
    )
    # Savings circles and family loans go back and forth between the same people.
    return graded(features, strength, any_of(over("reciprocal_share_all", SEEN_BACK_AND_FORTH)))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The month's transfers from the main payer and to the main payee, and first-time payers."""
    return together(
        rows_of_money.main_partner(records, hits, "in"),
        rows_of_money.main_partner(records, hits, "out"),
        rows_of_money.new_partners(records, hits, "in"),
    )


def plant(scene: Scene) -> None:
    """One or two circles of accounts turn a victim's money round for days before it leaves."""
    span = staging.some_span(scene, PLANT_DAYS)
    cycles = staging.draw(scene, PLANT_CYCLES)
    size = staging.draw(scene, PLANT_ACCOUNTS)
    crew = staging.gather_crew(scene, span, cycles * size, PLANT_NEW_SHARE, (20, 160))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    for circle in np.array_split(scene.rng.permutation(crew.mules), cycles):
        for _ in range(staging.draw(scene, PLANT_POTS)):
            turn(scene, crew, circle)
    staging.mark_crew(scene, crew, "money_cycle")


def turn(scene: Scene, crew: Crew, circle: Ints) -> None:
    """The pot goes round, each hop some hours after the one before; the last holder pays the controller."""
    at = np.array([crew.span[0] + staging.draw(scene, (8, 20)) * HOUR_US])
    flow = staging.victims_pay(scene, circle[:1], at, staging.sums(scene, PLANT_SUMS, 1))
    for hop in range(1, staging.draw(scene, PLANT_ROUNDS) * len(circle)):
        if len(flow) and int(flow.at_us[0]) < crew.span[1]:
            flow = staging.pass_on(scene, flow, circle[hop % len(circle)][None], PLANT_MINUTES, PLANT_CUT)
    flow = staging.pass_on(scene, flow, crew.controller, PLANT_MINUTES, PLANT_CUT)
    staging.cash_out(scene, flow, (30, 900))


def plant_alike(scene: Scene) -> None:
    """A savings circle (hụi) that pays the pot in turn, relatives who lend, shops that each buy from the next."""
    span = staging.some_span(scene, (50, 140))
    kind = staging.either(scene, ALIKE_KINDS)
    size = staging.draw(scene, ALIKE_MEMBERS if kind == "circle" else ALIKE_TRADERS)
    members = scene.main_account(scene.people(size))
    {"circle": savings_circle, "loans": loans, "trade": trade}[kind](scene, members, span)
    staging.mark_alike(scene, members, "money_cycle", span)


def savings_circle(scene: Scene, members: Ints, span: Span) -> None:
    """Every other week all pay their share to the one whose turn it is."""
    share = staging.sums(scene, ALIKE_SHARE, 1)
    for turn_of, day in enumerate(staging.days_of(span, 14)):
        at = staging.moments(scene, (day, day + 2 * DAY_US), len(members))
        taker = members[turn_of % len(members)]
        staging.send(scene, Flow(members, at, np.repeat(share, len(members))), np.full(len(members), taker))


def trade(scene: Scene, members: Ints, span: Span) -> None:
    """Neighbouring shops, each the customer of the next: what one takes it soon spends at the other."""
    for day in staging.days_of(span, 4):
        flow = Flow(members[:1], np.array([day + 9 * HOUR_US]), staging.sums(scene, ALIKE_LOANS, 1))
        for following in np.append(members[1:], members[0]):
            flow = staging.pass_on(scene, flow, following[None], (200, 4_000), (0, 300))


def loans(scene: Scene, members: Ints, span: Span) -> None:
    """Relatives lend on and pay back along the same way some days later."""
    for day in staging.days_of(span, 9):
        lender, borrower = scene.rng.choice(members, 2, replace=False)
        amount = staging.sums(scene, ALIKE_LOANS, 1)
        at = np.array([day + 10 * HOUR_US])
        staging.send(scene, Flow(lender[None], at, amount), borrower[None])
        back = at + staging.draws(scene, (2, 8), 1) * DAY_US
        staging.send(scene, Flow(borrower[None], back, amount), lender[None])


TYPOLOGY = Typology(
    name="money_cycle",
    number=7,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 6; FATF, Professional Money Laundering (2018).",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="savings circle (hụi), family loans",
)
