"""Fan-out distributor: one large credit is split to many new payees within the hour."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_PAYEES_A_DAY = (2, 6)
SEEN_NEW_PAYEES = (2, 6)
SEEN_LARGEST_CREDIT = (8_000_000, 35_000_000)
SEEN_PASSED = (0.3, 0.7)
SEEN_MINUTES = (240, 800)
SEEN_LEFT = (0.55, 0.85)
SEEN_REGULAR = (0.3, 0.8)
SEEN_STAYED = (0.15, 0.5)

PLANT_ACCOUNTS = (4, 8)
PLANT_DAYS = (4, 15)
PLANT_SPLITS = (2, 5)
PLANT_PARTS = (7, 14)
PLANT_SUMS = (28_000_000, 260_000_000)
PLANT_MINUTES = (4, 130)
PLANT_CUT = (0, 35)
PLANT_NEW_SHARE = 0.45
PLANT_OUTSIDERS = (9, 20)

ALIKE_STAFF = (8, 26)
ALIKE_PAY = (5_000_000, 16_000_000)
ALIKE_REFUNDS = (8, 24)
ALIKE_VENDORS = (7, 14)
ALIKE_KINDS = {"payroll": 1.0, "refunds": 1.0, "wedding": 1.0, "gig": 1.2}
ALIKE_GROUP = (2, 5)
ALIKE_CREW = (5, 13)
ALIKE_FEE = (20_000_000, 130_000_000)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """A large credit leaves within the hour to many payees on one day, most of whom were never paid before."""
    passed = soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT)
    strength = all_of(
        passed,
        over("peak_out_payees_1d", SEEN_PAYEES_A_DAY),
        over("first_payees_30d", SEEN_NEW_PAYEES),
        over("in_max_amount_30d", SEEN_LARGEST_CREDIT),
    )
    # Payroll goes to payees known for longer than a month; refunds and feasts are paid out of money that lay there.
    known_payees = 1.0 - pl.when(pl.col("out_payees_30d") > 0).then(
        pl.col("first_payees_30d") / pl.col("out_payees_30d")
    )
    payroll = all_of(over(known_payees, SEEN_REGULAR), over("peak_out_payees_1d", SEEN_PAYEES_A_DAY))
    return graded(features, strength, any_of(payroll, under("passed_1h_share_all", SEEN_STAYED)))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The largest credits, the day with most payees, and payees never paid before."""
    return together(
        rows_of_money.large_credits(records, hits),
        rows_of_money.busy_day(records, hits, "out"),
        rows_of_money.new_partners(records, hits, "out"),
    )


def plant(scene: Scene) -> None:
    """Distributors take large credits and split each to one another, to runners and to bait for the next victims."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (15, 120))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    for account in crew.mules:
        n = staging.draw(scene, PLANT_SPLITS)
        outside = staging.everyday_accounts(scene, staging.draw(scene, PLANT_OUTSIDERS))
        at = staging.moments(scene, span, n)
        got = staging.victims_pay(scene, np.full(n, account), at, staging.sums(scene, PLANT_SUMS, n))
        parts = staging.in_parts(scene, got, PLANT_PARTS)
        bait = scene.rng.random(len(parts)) < 0.45
        staging.pass_on(scene, parts.where(bait), outside, PLANT_MINUTES, PLANT_CUT)
        staging.drain(scene, crew, parts.where(~bait), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "fan_out_distributor")


def plant_alike(scene: Scene) -> None:
    """Honest splitting: payroll of a small firm, refunds of a shop, the bills of a wedding, a crew's pay."""
    span = staging.some_span(scene, (45, 120))
    owners = scene.people(staging.draw(scene, ALIKE_GROUP))
    accounts = [spread_out(scene, owner[None], span, staging.either(scene, ALIKE_KINDS)) for owner in owners]
    staging.mark_alike(scene, np.concatenate(accounts), "fan_out_distributor", span)


def spread_out(scene: Scene, owner: Ints, span: Span, kind: str) -> Ints:
    """One honest payer of many, of a kind; returns the account it is done with."""
    if kind == "payroll":
        account = scene.open_accounts(owner, np.array([span[0] - 200 * DAY_US]), kind="corporate")
        payroll(scene, account, span)
        return account
    account = scene.main_account(owner)
    if kind == "gig":
        gigs(scene, account, span)
    else:
        pay_bills(scene, account, span, ALIKE_REFUNDS if kind == "refunds" else ALIKE_VENDORS)
    return account


def payroll(scene: Scene, account: Ints, span: Span) -> None:
    """The head office sends the month's wages, the firm pays its staff the same hour; one in ten leaves each month."""
    staff = staging.everyday_accounts(scene, staging.draw(scene, ALIKE_STAFF))
    office = staging.everyday_accounts(scene, 1)
    wage = staging.sums(scene, ALIKE_PAY, len(staff))
    for day in staging.days_of((span[0] - 60 * DAY_US, span[1]), 30):
        staff = np.where(scene.rng.random(len(staff)) < 0.1, staging.everyday_accounts(scene, len(staff)), staff)
        at = day + 9 * HOUR_US
        staging.send(scene, Flow(office, np.array([at]), wage.sum()[None] * 11 // 10), account)
        paid = at + staging.draws(scene, (5, 50), len(staff)) * MINUTE_US
        staging.send(scene, Flow(np.repeat(account, len(staff)), paid, wage), staff)


def gigs(scene: Scene, account: Ints, span: Span) -> None:
    """A builder or organiser is paid for a job and pays the crew the same hour or the same day, ever some new hands."""
    for day in staging.days_of(span, 18):
        n = staging.draw(scene, ALIKE_CREW)
        fee = Flow(
            staging.everyday_accounts(scene, 1), np.array([day + 11 * HOUR_US]), staging.sums(scene, ALIKE_FEE, 1)
        )
        staging.send(scene, fee, account)
        paid = fee.at_us + staging.draws(scene, (5, staging.draw(scene, (50, 400))), n) * MINUTE_US
        share = np.full(n, fee.amounts[0] * staging.draw(scene, (60, 95)) // 100 // n)
        staging.send(scene, Flow(np.repeat(account, n), paid, share), staging.everyday_accounts(scene, n))


def pay_bills(scene: Scene, account: Ints, span: Span, many: tuple[int, int]) -> None:
    """Money comes in over weeks from many and leaves on one or two days to as many who were never paid before."""
    n = staging.draw(scene, many)
    half = span[0] + (span[1] - span[0]) // 2
    amounts = staging.sums(scene, (1_000_000, 14_000_000), n)
    payers, payees = staging.everyday_accounts(scene, n), staging.everyday_accounts(scene, n)
    staging.send(scene, Flow(payers, staging.moments(scene, (span[0], half), n), amounts), np.repeat(account, n))
    out = Flow(np.repeat(account, n), staging.moments(scene, (half, half + 2 * DAY_US), n), amounts * 9 // 10)
    staging.send(scene, out, payees)


TYPOLOGY = Typology(
    name="fan_out_distributor",
    number=5,
    kind="account",
    code=3,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 3; Circular 17/2024/TT-NHNN Art. 22.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="payroll, refunds, the bills of a wedding",
)
