"""Probe payments: a few thousand đồng try an account, then strangers' large sums come and leave."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, per, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_PROBED = (0.5, 3.5)
SEEN_PROBED_SUM = (4_000_000, 20_000_000)
SEEN_NEW_PAYERS = (0.2, 0.55)
SEEN_PASSED = (0.2, 0.6)
SEEN_MINUTES = (240, 1_300)
SEEN_LEFT = (0.55, 0.85)
SEEN_CHECKED = (0.2, 0.9)
SEEN_KEPT = (0.1, 0.4)

PLANT_ACCOUNTS = (4, 8)
PLANT_DAYS = (3, 9)
PLANT_PROBES = (1, 3)
PLANT_PROBE_SUMS = (1, 10)  # thousand đồng
PLANT_CREDITS = (4, 11)
PLANT_SUMS = (2_500_000, 60_000_000)
PLANT_WAIT_HOURS = (1, 20)
PLANT_MINUTES = (5, 330)
PLANT_CUT = (0, 45)
PLANT_NEW_SHARE = 0.55

ALIKE_PEOPLE = (3, 7)
ALIKE_LOANS = (1_500_000, 40_000_000)
ALIKE_SALES = (60_000, 2_200_000)
ALIKE_KINDS = {"name_check": 1.5, "qr_test": 1.0, "wholesale": 1.0}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """After somebody tried the account with a few thousand, others paid it large sums that did not stay."""
    strength = all_of(
        over("probed_in_count_90d", SEEN_PROBED),
        over("probed_in_amount_90d", SEEN_PROBED_SUM),
        over("new_payer_share_30d", SEEN_NEW_PAYERS),
        soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT),
    )
    checked = over(per("checked_in_count_90d", "probed_in_count_90d"), SEEN_CHECKED)
    return graded(features, strength, any_of(checked, under("passed_1h_share_all", SEEN_KEPT)))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The tiny payments that tried it, others' large ones after them, and what was gone within the hour."""
    return together(
        rows_of_money.probes(records, hits),
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """The ring tries each mule's account with a tiny transfer; within days the victims' sums come and are drained."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (8, 120))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    for account in crew.mules:
        tried = try_out(scene, crew, account[None])
        after = (tried, min(tried + 2 * DAY_US, crew.span[1] + DAY_US))
        got = money_staging.take(scene, account[None], after, PLANT_CREDITS, PLANT_SUMS)
        staging.drain(scene, crew, got, PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "probe_payments")


def try_out(scene: Scene, crew: Crew, account: Ints) -> int:
    """One to three tiny transfers from the controller or another mule; returns when the account is ready."""
    n = staging.draw(scene, PLANT_PROBES)
    at = int(staging.moments(scene, crew.span, 1)[0]) + staging.draws(scene, (0, 50), n) * MINUTE_US
    testers = scene.rng.choice(np.append(crew.mules, crew.controller), n)
    amounts = staging.draws(scene, PLANT_PROBE_SUMS, n) * 1_000
    staging.send(scene, Flow(testers, at, amounts), np.repeat(account, n))
    return int(at.max()) + staging.draw(scene, PLANT_WAIT_HOURS) * HOUR_US


def plant_alike(scene: Scene) -> None:
    """A payee's name is checked before a large payment, a QR code before the first sale, a new account before trade."""
    span = staging.some_span(scene, (20, 60))
    accounts = scene.main_account(scene.people(staging.draw(scene, ALIKE_PEOPLE)))
    kind = staging.either(scene, ALIKE_KINDS)
    for account in accounts:
        {"name_check": name_check, "qr_test": qr_test, "wholesale": wholesale}[kind](scene, account[None], span)
    staging.mark_alike(scene, accounts, "probe_payments", span)


def name_check(scene: Scene, account: Ints, span: Span) -> None:
    """Friends and buyers send a thousand, see the right name, and send the rest minutes later."""
    n = staging.draw(scene, (2, 6))
    payers, at = staging.everyday_accounts(scene, n), staging.moments(scene, span, n)
    staging.send(scene, Flow(payers, at, staging.draws(scene, (1, 5), n) * 1_000), np.repeat(account, n))
    rest = Flow(np.repeat(account, n), staging.later(scene, at, (2, 40)), staging.sums(scene, ALIKE_LOANS, n))
    staging.send(scene, Flow(payers, rest.at_us, rest.amounts), rest.accounts)
    staging.pass_on(scene, rest, staging.everyday_accounts(scene, 2), (100, 6_000), (50, 500))


def qr_test(scene: Scene, account: Ints, span: Span) -> None:
    """A relative pays two thousand to try the new code; customers' small sums follow."""
    relative = staging.everyday_accounts(scene, 1)
    at = np.array([span[0] + 2 * HOUR_US])
    staging.send(scene, Flow(relative, at, np.array([2_000])), account)
    week = (span[0] + 3 * HOUR_US, min(span[0] + 9 * DAY_US, scene.end_us))
    sold = money_staging.sales(scene, int(account[0]), week, (4, 14), ALIKE_SALES)
    money_staging.supplied(scene, sold, staging.everyday_accounts(scene, 2), 3, 600)


def wholesale(scene: Scene, account: Ints, span: Span) -> None:
    """A trader's partner tries the account; buyers pay for whole lots, and the importer is paid in the same days."""
    partner, buyers = staging.everyday_accounts(scene, 1), staging.everyday_accounts(scene, staging.draw(scene, (3, 8)))
    at = np.array([span[0] + 3 * HOUR_US])
    staging.send(scene, Flow(partner, at, np.array([5_000])), account)
    days = (span[0] + 4 * HOUR_US, span[0] + 5 * DAY_US)
    lots = Flow(
        np.repeat(account, len(buyers)), staging.moments(scene, days, len(buyers)),
        staging.sums(scene, ALIKE_LOANS, len(buyers)),
    )  # fmt: skip
    staging.send(scene, Flow(buyers, lots.at_us, lots.amounts), lots.accounts)
    staging.pass_on(scene, lots, staging.everyday_accounts(scene, 1), (120, 2_900), (60, 250))


TYPOLOGY = Typology(
    name="probe_payments",
    number=10,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 6; EMVCo and card-testing reports of 2022-2024.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="payee name check, QR test, first trade on a new account",
)
