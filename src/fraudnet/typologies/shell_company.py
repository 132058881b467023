"""Shell company mule: a young, small firm, one of several of its head, pays on to a crypto desk at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, MINUTE_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_CORPORATE = (0.2, 0.8)
SEEN_FIRM_AGE_DAYS = (330, 560)
SEEN_HEADED = (1.0, 2.4)
SEEN_CAPITAL = (1_200_000_000, 6_000_000_000)
SEEN_TO_EXCHANGE = (0.15, 0.55)
SEEN_WAIT_MINUTES = (400, 1_500)
SEEN_BUSINESS = (0.15, 0.5)
SEEN_CREDITS = (1, 5)

PLANT_HEADS = (2, 3)
PLANT_FIRMS_EACH = (1, 4)
PLANT_CAPITAL = (100, 1_000)  # million đồng
PLANT_FOUNDED_DAYS = (35, 260)
PLANT_DAYS = (4, 14)
PLANT_CREDITS = (3, 9)
PLANT_SUMS = (12_000_000, 280_000_000)
PLANT_MINUTES = (6, 380)
PLANT_CUT = (0, 25)
PLANT_TO_DESK = 0.8

ALIKE_FIRMS = (3, 6)
ALIKE_CAPITAL = (100, 3_000)
ALIKE_SALES = (4_000_000, 160_000_000)
ALIKE_KINDS = {"startup": 1.5, "former_household": 1.5, "treasury": 1.0}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """A young firm, small or one of several of the same head, whose money goes to an exchange desk within hours."""
    strength = all_of(
        over("is_corporate", SEEN_CORPORATE),
        under("firm_age_days", SEEN_FIRM_AGE_DAYS),
        any_of(over("head_firms_count", SEEN_HEADED), under("firm_capital_amount", SEEN_CAPITAL)),
        over("exchange_out_share_90d", SEEN_TO_EXCHANGE),
        under("exchange_wait_minutes_median_90d", SEEN_WAIT_MINUTES),
        over("in_count_30d", SEEN_CREDITS),
    )
    return graded(features, strength, over("business_out_share_90d", SEEN_BUSINESS))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The firm and the other firms of its head, its opening, and payments to exchange desks."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_holdings.firm(records, hits),
        rows_of_money.to_exchanges(records, hits),
        rows_of_money.large_credits(records, hits),
    )


def plant(scene: Scene) -> None:
    """Straw men each found some firms; their accounts take companies' and investors' money and buy crypto with it."""
    span = staging.some_span(scene, PLANT_DAYS)
    firms = found(scene, span)
    crew = Crew(
        number=scene.next_ring(), span=span, mules=firms, new=len(firms),
        controller=scene.controller(), phones=scene.new_devices(2),
    )  # fmt: skip
    staging.hand_over(scene, firms, crew.phones, np.full(len(firms), span[0]))
    got = money_staging.take(scene, firms, span, PLANT_CREDITS, PLANT_SUMS)
    to_desk = scene.rng.random(len(got)) < PLANT_TO_DESK
    staging.pass_on(scene, got.where(to_desk), scene.exchange_accounts(2), PLANT_MINUTES, PLANT_CUT)
    staging.drain(scene, crew, got.where(~to_desk), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "shell_company")


def found(scene: Scene, span: Span) -> Ints:
    """Firms of two or three heads, founded months before, their accounts opened some days later."""
    heads = scene.people(staging.draw(scene, PLANT_HEADS))
    owners = np.repeat(heads, staging.draws(scene, PLANT_FIRMS_EACH, len(heads)))
    days = (staging.draws(scene, PLANT_FOUNDED_DAYS, len(owners)) * scene.habits.aging).astype(np.int64)
    founded = span[0] - days * DAY_US
    holders = scene.found_firms(owners, founded, staging.draws(scene, PLANT_CAPITAL, len(owners)) * 1_000_000)
    opened = founded + staging.draws(scene, (3, 20), len(owners)) * DAY_US
    return scene.open_accounts(holders, opened, kind="corporate")


def plant_alike(scene: Scene) -> None:
    """Start-ups, household businesses that became firms, and some that keep part of their money in crypto."""
    span = staging.some_span(scene, (40, 110))
    heads = scene.people(staging.draw(scene, ALIKE_FIRMS))
    owners = np.append(heads, heads[:1])  # one of them runs two
    founded = span[0] - staging.draws(scene, (30, 240), len(owners)) * DAY_US
    holders = scene.found_firms(owners, founded, staging.draws(scene, ALIKE_CAPITAL, len(owners)) * 1_000_000)
    firms = scene.open_accounts(holders, founded + 6 * DAY_US, kind="corporate")
    kind = staging.either(scene, ALIKE_KINDS)
    for firm in firms:
        trade(scene, firm[None], span, treasury=kind == "treasury")
    staging.mark_alike(scene, firms, "shell_company", span)


def trade(scene: Scene, firm: Ints, span: Span, *, treasury: bool) -> None:
    """Customers pay a firm, it pays suppliers and wages; a treasury also buys crypto at the end of a month."""
    sold = money_staging.sales(scene, int(firm[0]), span, (0, 2), ALIKE_SALES, hours=(8, 17))
    money_staging.supplied(scene, sold, scene.shop_accounts(3), 6, 450)
    money_staging.supplied(scene, sold, staging.everyday_accounts(scene, 4), 15, 250)
    if treasury and len(sold):
        desk = scene.exchange_accounts(1)
        for day in staging.days_of(span, 30):
            at = np.array([day + staging.draw(scene, (9, 16)) * 60 * MINUTE_US])
            amount = staging.sums(scene, ALIKE_SALES, 1) // 2
            staging.send(scene, Flow(firm, at, amount), desk)


TYPOLOGY = Typology(
    name="shell_company",
    number=12,
    kind="account",
    code=3,
    citation="FATF, Concealment of Beneficial Ownership (2018); State Bank of Vietnam on corporate accounts, 2025.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="new start-up, household business that became a firm, firm with a crypto treasury",
)
