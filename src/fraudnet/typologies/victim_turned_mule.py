"""Victim turned mule: first pays known fraud, then strangers' money comes and is passed on; was misled."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_LOST = (300_000, 1_900_000)
SEEN_SINCE_DAYS = (55, 125)
SEEN_NEW_PAYERS = (1.5, 5.0)
SEEN_CAME_AFTER = (4_000_000, 22_000_000)
SEEN_WENT_AFTER = (0.45, 0.8)
SEEN_AGE_DAYS = (100, 280)
SEEN_PASSED = (0.2, 0.6)
SEEN_MINUTES = (330, 1_050)
SEEN_LEFT = (0.4, 0.7)
SEEN_FRIENDS = (0.1, 0.4)
SEEN_KEPT = (0.25, 0.6)

PLANT_TURNED = (4, 7)
PLANT_MULES = (2, 3)
PLANT_DAYS = (6, 14)
PLANT_LEAD_DAYS = (3, 9)
PLANT_DEPOSITS = (1, 3)
PLANT_DEPOSIT = (1_200_000, 35_000_000)
PLANT_CREDITS = (4, 11)
PLANT_SUMS = (1_500_000, 32_000_000)
PLANT_MINUTES = (10, 700)
PLANT_CUT = (0, 45)
PLANT_NEW_SHARE = 0.7

ALIKE_PEOPLE = (3, 7)
ALIKE_LOSS = (800_000, 40_000_000)
ALIKE_HELP = (500_000, 12_000_000)
ALIKE_HELPERS = (1, 6)
ALIKE_SELLS = 0.35


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """An old account that paid known fraud and since then takes money from new payers and sends most of it on."""
    strength = all_of(
        over("fraud_paid_amount_all", SEEN_LOST),
        under("fraud_paid_days", SEEN_SINCE_DAYS),
        over("after_paid_new_payers_all", SEEN_NEW_PAYERS),
        over("after_paid_in_amount_all", SEEN_CAME_AFTER),
        over("after_paid_out_ratio_all", SEEN_WENT_AFTER),
        over("age_days", SEEN_AGE_DAYS),
        soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT),
    )
    friends = any_of(over("reciprocal_share_all", SEEN_FRIENDS), under("after_paid_out_ratio_all", SEEN_KEPT))
    return graded(features, strength, friends)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """What it paid known fraud, then first-time payers, and what was gone within the hour."""
    return together(
        rows_of_money.known_fraud(records, hits, "out", None),
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """People are cheated by a job or a romance, then asked to receive and forward money for the same ring."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_MULES), PLANT_NEW_SHARE, (15, 120))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    turned = scene.main_account(scene.people(staging.draw(scene, PLANT_TURNED)))
    lead = staging.draw(scene, PLANT_LEAD_DAYS) * DAY_US
    middle = min(span[0] + lead, (span[0] + span[1]) // 2)
    cheat(scene, turned, crew.mules, (span[0], middle))
    got = money_staging.take(scene, turned, (middle, span[1]), PLANT_CREDITS, PLANT_SUMS)
    gathered = staging.pass_on(scene, got, crew.mules, PLANT_MINUTES, PLANT_CUT)
    staging.drain(scene, crew, gathered, PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "victim_turned_mule")
    scene.mark_accounts(turned, "misled_mule", "victim_turned_mule", crew.number, (middle, span[1] + DAY_US))


def cheat(scene: Scene, people: Ints, mules: Ints, span: Span) -> None:
    """They pay deposits into the ring's accounts, and will report it one day."""
    which = np.repeat(people, staging.draws(scene, PLANT_DEPOSITS, len(people)))
    at = staging.moments(scene, span, len(which))
    lost(scene, Flow(which, at, staging.sums(scene, PLANT_DEPOSIT, len(which))), scene.rng.choice(mules, len(which)))


def lost(scene: Scene, flow: Flow, payees: Ints) -> None:
    """Payments of victims into given accounts that are open by then."""
    keep = (flow.accounts != payees) & (flow.at_us >= scene.start_us) & (flow.at_us < scene.end_us)
    keep &= scene.opened_us(payees) < flow.at_us
    paid, payees = flow.where(keep), payees[keep]
    if len(paid):
        scene.transfer(paid.accounts, payees, paid.at_us, paid.amounts)
        scene.defrauded(paid.accounts, payees, paid.at_us, paid.amounts, "job")


def plant_alike(scene: Scene) -> None:
    """Victims whom friends help afterwards, who pay back, or who sell what they own."""
    span = staging.some_span(scene, (25, 70))
    people = scene.main_account(scene.people(staging.draw(scene, ALIKE_PEOPLE)))
    suspects = scene.suspects(6)
    n = len(people)
    at = staging.moments(scene, (max(span[0], span[1] - 24 * DAY_US), span[1] - 8 * DAY_US), n)
    if len(suspects):
        lost(scene, Flow(people, at, staging.sums(scene, ALIKE_LOSS, n)), scene.rng.choice(suspects, n))
    for person, since in zip(people, at, strict=True):
        helped(scene, person[None], (int(since), span[1]))
    staging.mark_alike(scene, people, "victim_turned_mule", span)


def helped(scene: Scene, person: Ints, span: Span) -> None:
    """Friends lend, some things are sold, and bills and debts are paid out of it."""
    n = staging.draw(scene, ALIKE_HELPERS)
    friends = staging.everyday_accounts(scene, n)
    got = Flow(np.repeat(person, n), staging.moments(scene, span, n), staging.sums(scene, ALIKE_HELP, n))
    staging.send(scene, Flow(friends, got.at_us, got.amounts), got.accounts)
    sells = scene.rng.random() < ALIKE_SELLS
    to = staging.everyday_accounts(scene, 2) if sells else friends
    staging.pass_on(scene, got, to, (600, 9_000), (100, 700))


TYPOLOGY = Typology(
    name="victim_turned_mule",
    number=31,
    kind="account",
    code=3,
    citation="UK Finance and Cifas, Money Mules (2023): victims in the chain; Decision 71/QĐ-HHNH, sign 3.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="victim helped by friends afterwards, ordinary transfers between friends",
    role="misled_mule",
    seeded=True,
)
