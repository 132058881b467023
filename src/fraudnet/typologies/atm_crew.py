"""ATM cash-out crew: several cards at one machine minutes apart, strangers' money out as notes the same day."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, per, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import HOUR_US, MACHINES, MINUTE_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_CROWD_DAYS = (0.0, 1.8)
SEEN_CASH = (6_000_000, 22_000_000)
SEEN_CASH_SHARE = (0.18, 0.5)
SEEN_NEW_PAYERS = (0.5, 3.5)
SEEN_FEW_PAYERS = (0.5, 2.5)
SEEN_SMALL_CASH = (5_000_000, 14_000_000)

PLANT_ACCOUNTS = (4, 8)
PLANT_DAYS = (4, 12)
PLANT_ROUNDS = (2, 4)
PLANT_CREDITS = (1, 4)
PLANT_SUMS = (3_000_000, 15_000_000)
PLANT_PULLS = (2, 5)
PLANT_NOTES = (20, 50)  # of 100,000 đồng each time
PLANT_SECONDS = (35, 150)
PLANT_NEW_SHARE = 0.5

ALIKE_WORKERS = (6, 12)
ALIKE_WAGE = (5_000_000, 13_000_000)
ALIKE_KINDS = {"payday": 2.0, "cashier": 1.0, "family": 1.0}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Others' cards beside it at the machine, on days when several new payers' money left as cash."""
    strength = all_of(
        over("machine_crowd_days_90d", SEEN_CROWD_DAYS),
        over("cash_out_amount_30d", SEEN_CASH),
        over(per("cash_out_amount_30d", "in_amount_30d"), SEEN_CASH_SHARE),
        over("first_payers_30d", SEEN_NEW_PAYERS),
    )
    queue = any_of(under("first_payers_30d", SEEN_FEW_PAYERS), under("cash_out_amount_30d", SEEN_SMALL_CASH))
    return graded(features, strength, queue)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its withdrawals, others' at the same machine within ten minutes, and first-time payers."""
    return together(
        rows_of_money.cash_out(records, hits),
        rows_of_money.new_partners(records, hits, "in"),
    )


def plant(scene: Scene) -> None:
    """A runner goes to one machine with the cards of all accounts on each day that victims' money came."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (10, 120))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    for day in scene.rng.choice(staging.days_of(span), staging.draw(scene, PLANT_ROUNDS)):
        morning = (int(day) + 8 * HOUR_US, int(day) + 15 * HOUR_US)
        at = int(day) + staging.draw(scene, (16 * 60, 23 * 60)) * MINUTE_US
        got = payments(scene, crew, morning)
        run(scene, crew.mules, at)
        late = got.where(scene.rng.random(len(got)) < 0.25)
        staging.pass_on(scene, late, crew.controller, (400, 900), (0, 40))
    staging.mark_crew(scene, crew, "atm_crew")


def payments(scene: Scene, crew: Crew, hours: Span) -> Flow:
    """Victims pay into all accounts of the crew within some hours."""
    payees = np.repeat(crew.mules, staging.draws(scene, PLANT_CREDITS, len(crew.mules)))
    at = hours[0] + staging.draws(scene, (0, (hours[1] - hours[0]) // MINUTE_US), len(payees)) * MINUTE_US
    return staging.victims_pay(scene, payees, at, staging.sums(scene, PLANT_SUMS, len(payees)))


def run(scene: Scene, cards: Ints, at_us: int) -> None:
    """One card after the other at one machine, each a few times."""
    pulls = np.repeat(scene.rng.permutation(cards), staging.draws(scene, PLANT_PULLS, len(cards)))
    at = at_us + np.cumsum(staging.draws(scene, PLANT_SECONDS, len(pulls))) * 1_000_000
    draw_notes(scene, pulls, at, -staging.draws(scene, PLANT_NOTES, len(pulls)) * 100_000)


def draw_notes(scene: Scene, accounts: Ints, at_us: Ints, amounts: Ints) -> None:
    """Withdrawals at one random machine, none after the end of the world."""
    keep = (at_us < scene.end_us) & (at_us >= scene.start_us)
    if keep.any():
        scene.cash(accounts[keep], at_us[keep], amounts[keep], staging.draw(scene, (0, MACHINES - 1)))


def plant_alike(scene: Scene) -> None:
    """The queue at the factory's machine on payday, a cashier with colleagues' cards, a family of migrants."""
    span = staging.some_span(scene, (60, 120))
    kind = staging.either(scene, ALIKE_KINDS)
    people = scene.people(staging.draw(scene, ALIKE_WORKERS if kind == "payday" else (3, 5)))
    accounts = scene.main_account(people)
    firms = staging.everyday_accounts(scene, 1 if kind != "family" else 3)
    for day in staging.days_of(span, {"payday": 30, "cashier": 12, "family": 25}[kind]):
        pay_and_queue(scene, accounts, firms, day)
    staging.mark_alike(scene, accounts, "atm_crew", span)


def pay_and_queue(scene: Scene, accounts: Ints, firms: Ints, day: int) -> None:
    """Pay comes in the morning, and in the evening one after the other takes most of it out."""
    n = len(accounts)
    wage = staging.sums(scene, ALIKE_WAGE, n)
    paid_at = day + 9 * HOUR_US + staging.draws(scene, (0, 40), n) * MINUTE_US
    staging.send(scene, Flow(scene.rng.choice(firms, n), paid_at, wage), accounts)
    at = day + 17 * HOUR_US + np.cumsum(staging.draws(scene, (50, 240), n)) * 1_000_000
    notes = np.minimum(wage * staging.draws(scene, (2, 9), n) // 1_000_000, 100) * 100_000
    draw_notes(scene, accounts, at, -np.maximum(notes, 500_000))


TYPOLOGY = Typology(
    name="atm_crew",
    number=14,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 6; Europol, Money Muling (EMMA) operations 2019-2024.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="payday queue at the factory, cashier with colleagues' cards, family of migrants",
)
