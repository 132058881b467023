"""Insider opening: one member of staff stands behind far more bad accounts than chance and the branch explain."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Desk, Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import BANKS, DAY_US, HOUR_US, MINUTE_US, Span
from fraudnet.typologies.typology import Typology

SEEN_KNOWN = (1, 3)
SEEN_KNOWN_SHARE = (0.08, 0.3)
SEEN_MONTH = (2, 5)
SEEN_AGE_DAYS = (200, 420)
SEEN_BRANCH_SHARE = (0.04, 0.2)
SEEN_REPEAT_PAYERS = (0.2, 0.6)
SEEN_PASSED = (0.15, 0.5)
SEEN_MINUTES = (150, 520)
SEEN_LEFT = (0.6, 0.9)
SEEN_BURST = (1.5, 4)

PLANT_ACCOUNTS = (7, 11)
PLANT_WAITING_DAYS = (14, 85)
PLANT_OPENING_DAYS = (1, 9)
PLANT_DAYS = (4, 13)
PLANT_CREDITS = (3, 8)
PLANT_SUMS = (900_000, 24_000_000)
PLANT_MINUTES = (5, 460)
PLANT_CUT = (0, 52)
PLANT_CUSTOMERS = (8, 20)

ALIKE_WORKERS = (16, 40)
ALIKE_PAYMENTS = (3, 12)
BRANCHES, STAFF = 40, 4  # of each bank


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Opened in a burst by somebody several of whose other accounts are known as fraud, and money does not stay."""
    strength = all_of(
        over("staff_known_count", SEEN_KNOWN),
        over("staff_known_share", SEEN_KNOWN_SHARE),
        over("staff_opened_month_count", SEEN_MONTH),
        under("age_days", SEEN_AGE_DAYS),
        any_of(soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT), over("peak_in_payers_1d", SEEN_BURST)),
    )
    busy = any_of(
        under("staff_known_share", SEEN_KNOWN_SHARE),
        over("desk_known_share", SEEN_BRANCH_SHARE),
        over("repeat_payer_share_all", SEEN_REPEAT_PAYERS),
    )
    return graded(features, strength, all_of(over("staff_opened_month_count", SEEN_MONTH), busy))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its opening, known fraud of the same member of staff, its busiest day, and what was gone within the hour."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_holdings.by_same_staff(records, hits),
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def some_desk(scene: Scene) -> Desk:
    """One member of staff at one branch of one bank."""
    bank, branch, staff = (staging.draw(scene, (0, size - 1)) for size in (BANKS, BRANCHES, STAFF))
    return Desk(bank=bank, branch=branch, staff=staff, channel="counter")


def plant(scene: Scene) -> None:
    """A clerk opens accounts for a ring within some days; weeks later they are all put to use."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_ACCOUNTS)
    people = scene.people(n)
    first = ring_staging.before(scene, span, PLANT_WAITING_DAYS, 1)
    opened = first + staging.draws(scene, (0, PLANT_OPENING_DAYS[1]), n) * DAY_US + office_hours(scene, n)
    desk = some_desk(scene)
    accounts = scene.open_accounts(people, opened, desk=desk)
    scene.use_account(accounts, scene.main_device(people), opened + HOUR_US)
    serve(scene, desk, (int(opened.min()), span[1]))
    crew = ring_staging.crew_of(scene, span, accounts, phones=3)
    staging.hand_over(scene, accounts, crew.phones, np.maximum(opened + DAY_US, span[0] - DAY_US))
    ring_staging.put_to_use(scene, crew, (PLANT_CREDITS, PLANT_SUMS), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "insider_opening")


def serve(scene: Scene, desk: Desk, span: Span) -> None:
    """The clerk's honest customers of the same days."""
    customers = scene.people(staging.draw(scene, PLANT_CUSTOMERS))
    n = len(customers)
    opened = span[0] + staging.draws(scene, PLANT_OPENING_DAYS, n) * DAY_US + office_hours(scene, n)
    accounts = scene.open_accounts(customers, opened, desk=desk)
    ring_staging.own_phones(scene, accounts, customers, opened)
    ring_staging.everyday(scene, accounts, (max(span[0], scene.start_us), span[1]), (2, 9))


def office_hours(scene: Scene, n: int) -> Ints:
    """A time of the working day."""
    return staging.draws(scene, (0, 8 * 60), n) * MINUTE_US


def plant_alike(scene: Scene) -> None:
    """A busy branch beside a factory: one clerk opens the accounts of a whole shift, for wages."""
    span = staging.some_span(scene, (30, 90))
    people = scene.people(staging.draw(scene, ALIKE_WORKERS))
    n = len(people)
    opened = span[0] + staging.draws(scene, (0, 2), n) * DAY_US + office_hours(scene, n)
    accounts = scene.open_accounts(people, opened, desk=some_desk(scene))
    ring_staging.own_phones(scene, accounts, people, opened)
    later: Span = (span[0] + 3 * DAY_US, span[1])
    ring_staging.wages(scene, accounts, later)
    ring_staging.everyday(scene, accounts, later, ALIKE_PAYMENTS)
    staging.mark_alike(scene, accounts, "insider_opening", span)


TYPOLOGY = Typology(
    name="insider_opening",
    number=30,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 6; FATF, Professional Money Laundering (2018).",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="busy branch near a factory",
    seeded=True,
)
