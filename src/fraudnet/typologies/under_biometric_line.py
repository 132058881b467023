"""Under the biometric line: transfers just under 10 million, days just under 20 million, to avoid the face check."""

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

SEEN_NEAR_10M = (1, 5)
SEEN_NEAR_20M_DAYS = (0, 2)
SEEN_NEW_PAYEES = (0, 2)
SEEN_NEW_PAYERS = (0, 3)
SEEN_ONE_PAYEE = (0.65, 0.95)
SEEN_RARE = (2, 6)
SEEN_ANY = (0, 1)

PLANT_ACCOUNTS = (4, 10)
PLANT_DAYS = (6, 16)
PLANT_PIECE = (9_250_000, 9_960_000)
PLANT_ACTIVE = 0.7
PLANT_PAYEES = (3, 6)
PLANT_VICTIMS_A_DAY = (1, 3)
PLANT_NEW_SHARE = 0.4

ALIKE_RENT = (9_300_000, 9_800_000)
ALIKE_SLICES = (9_400_000, 9_950_000)
ALIKE_SLICE_DAYS = (3, 9)
ALIKE_KINDS = {"rent": 1.0, "slices": 1.0, "works": 0.9}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Several transfers just under 10 million and days just under 20 million, from new payers to new payees."""
    strength = all_of(
        over("under_10m_out_count_30d", SEEN_NEAR_10M),
        over("under_20m_days_30d", SEEN_NEAR_20M_DAYS),
        over("first_payees_30d", SEEN_NEW_PAYEES),
        over("first_payers_30d", SEEN_NEW_PAYERS),
        under("top_payee_share_all", SEEN_ONE_PAYEE),
    )
    some = over("under_10m_out_count_all", SEEN_ANY)
    habit = any_of(over("top_payee_share_all", SEEN_ONE_PAYEE), under("under_10m_out_count_30d", SEEN_RARE))
    return graded(features, strength, all_of(some, habit))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Payments just under the line, and first-time payers and payees."""
    return together(
        rows_of_money.near_line(records, hits),
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.new_partners(records, hits, "out"),
    )


def plant(scene: Scene) -> None:
    """Mules take victims' money and send it on in two pieces a day that stay under both lines."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (15, 150))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    for account in crew.mules:
        targets = np.append(scene.rng.choice(crew.mules, 2), crew.controller)
        strangers = staging.everyday_accounts(scene, staging.draw(scene, PLANT_PAYEES))
        for day in staging.days_of(span):
            if scene.rng.random() < PLANT_ACTIVE:
                a_day(scene, int(account), day, np.append(targets, strangers))
    gathered = Flow(np.repeat(crew.controller, 12), staging.moments(scene, span, 12), np.full(12, 9_000_000))
    staging.cash_out(scene, gathered, (30, 200))
    staging.mark_crew(scene, crew, "under_biometric_line")


def a_day(scene: Scene, account: int, day: int, targets: Ints) -> None:
    """Victims pay in the morning, two pieces leave in the afternoon."""
    n = staging.draw(scene, PLANT_VICTIMS_A_DAY)
    at = day + staging.draws(scene, (8 * 60, 13 * 60), n) * staging.MINUTE_US
    staging.victims_pay(scene, np.full(n, account), at, staging.sums(scene, (6_000_000, 21_000_000), n))
    out = day + staging.draws(scene, (13 * 60, 22 * 60), 2) * staging.MINUTE_US
    pieces = staging.draws(scene, PLANT_PIECE, 2) // 10_000 * 10_000
    here = np.full(2, account)
    staging.send(scene, Flow(here, out, pieces), staging.others(scene, targets, here))


def plant_alike(scene: Scene) -> None:
    """Honest sums under the line: rent and instalments, savings moved in slices, a building site's bills."""
    span = staging.some_span(scene, (35, 110))
    accounts = scene.main_account(scene.people(staging.draw(scene, (3, 7))))
    makers = {"rent": rent, "slices": slices, "works": works}
    for account in accounts:
        makers[staging.either(scene, ALIKE_KINDS)](scene, account[None], span)
    staging.mark_alike(scene, accounts, "under_biometric_line", span)


def rent(scene: Scene, account: Ints, span: Span) -> None:
    """Rent and an instalment, both just under 10 million, to the same two payees every month."""
    payees = staging.everyday_accounts(scene, 2)
    amounts = staging.draws(scene, ALIKE_RENT, 2) // 100_000 * 100_000
    for day in staging.days_of(span, 30):
        at = day + staging.draws(scene, (8, 20), 2) * HOUR_US
        staging.send(scene, Flow(np.repeat(account, 2), at, amounts), payees)


def works(scene: Scene, account: Ints, span: Span) -> None:
    """A building site: owners pay in, workers and suppliers are paid in two bills a day just under the line."""
    payees = staging.everyday_accounts(scene, 5)
    days = staging.days_of(span, 3)[:14]
    owners = staging.everyday_accounts(scene, 4)
    stages = Flow(
        owners, scene.rng.choice(np.array(days), 4) + 8 * HOUR_US, staging.sums(scene, (30_000_000, 90_000_000), 4)
    )
    staging.send(scene, stages, np.repeat(account, 4))
    for day in days:
        at = day + staging.draws(scene, (9 * 60, 20 * 60), 2) * staging.MINUTE_US
        bills = staging.draws(scene, ALIKE_SLICES, 2) // 50_000 * 50_000
        staging.send(scene, Flow(np.repeat(account, 2), at, bills), scene.rng.choice(payees, 2))


def slices(scene: Scene, account: Ints, span: Span) -> None:
    """A builder or the own savings account is paid in two slices a day, day after day, to spare the face check."""
    payee = np.repeat(staging.everyday_accounts(scene, 1), 2)
    n = staging.draw(scene, ALIKE_SLICE_DAYS)
    buyers = staging.everyday_accounts(scene, 2)
    price = staging.sums(scene, (60_000_000, 160_000_000), 2)
    staging.send(scene, Flow(buyers, np.full(2, span[0] + HOUR_US), price), np.repeat(account, 2))
    for day in staging.days_of((span[0], span[0] + (n + 1) * DAY_US)):
        at = day + staging.draws(scene, (8 * 60, 22 * 60), 2) * staging.MINUTE_US
        amounts = staging.draws(scene, ALIKE_SLICES, 2) // 50_000 * 50_000
        staging.send(scene, Flow(np.repeat(account, 2), at, amounts), payee)


TYPOLOGY = Typology(
    name="under_biometric_line",
    number=11,
    kind="account",
    code=6,
    citation="Decision 2345/QĐ-NHNN of 2023-12-18: face match above 10 million a transfer or 20 million a day.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="rent, instalments, savings moved in slices out of habit",
)
