"""Laundering by shopping: one large payment of a known fraud in a long-lived shop; the shop acts in good faith.

Nothing follows from it against the shop: it says where the money went, and it speaks for the shop.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_TAINTED_SUM = (3_000_000, 9_000_000)
SEEN_TIMES_USUAL = (8.0, 24.0)
SEEN_TAINTED_SHARE = (0.06, 0.25)
SEEN_BUSY_DAYS = (16, 45)
SEEN_CUSTOMERS = (40, 110)
SEEN_AGE_DAYS = (120, 300)
SEEN_EVERYDAY = (1.5, 5.0)

PLANT_MULES = (2, 3)
PLANT_SHOPS = (4, 8)
PLANT_DAYS = (4, 14)
PLANT_SUMS = (18_000_000, 95_000_000)
PLANT_BASKET = (6_500_000, 48_000_000)
PLANT_MINUTES = (15, 900)
PLANT_CUT = (0, 40)
PLANT_NEW_SHARE = 0.5

ALIKE_SHOPS = (2, 4)
ALIKE_SALES = (2, 6)
ALIKE_BASKET = (40_000, 700_000)
ALIKE_VISITS = (1, 4)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """A busy, old account with one credit out of known fraud's fresh money, many times its usual one."""
    strength = all_of(
        over("fraud_passed_max_amount_90d", SEEN_TAINTED_SUM),
        over("fraud_passed_max_ratio_90d", SEEN_TIMES_USUAL),
        under("fraud_in_share_90d", SEEN_TAINTED_SHARE),
        over("active_days_90d", SEEN_BUSY_DAYS),
        over("in_payers_all", SEEN_CUSTOMERS),
        over("age_days", SEEN_AGE_DAYS),
    )
    everyday = under("fraud_passed_max_ratio_90d", SEEN_EVERYDAY)
    return graded(features, strength, any_of(everyday, under("fraud_passed_max_amount_90d", SEEN_TAINTED_SUM)))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Credits from accounts known as fraud, and the largest credits."""
    return together(
        rows_of_money.known_fraud(records, hits, "in"),
        rows_of_money.large_credits(records, hits, days=90, most=1),
    )


def plant(scene: Scene) -> None:
    """Mules spend part of the victims' money on gold and phones in shops that know nothing, and pass the rest on."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_MULES), PLANT_NEW_SHARE, (12, 120))
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, np.full(crew.new, span[0]))
    got = money_staging.take(scene, crew.mules, span, (4, 8), PLANT_SUMS)
    shops = np.setdiff1d(scene.shop_accounts(staging.draw(scene, PLANT_SHOPS)), crew.mules)
    shops = shops[scene.owner_of_account(shops) != scene.owner_of_account(crew.controller)[0]]
    spend(scene, got, shops)
    staging.drain(scene, crew, got.where(scene.rng.random(len(got)) < 0.6), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "shopping")
    unmarked = np.setdiff1d(shops, crew.controller)
    scene.mark_accounts(unmarked, "good_faith", "shopping", crew.number, span)


def spend(scene: Scene, got: Flow, shops: Ints) -> None:
    """Each shop sells once to one of the accounts that hold the money."""
    if not len(got):
        return
    which = scene.rng.integers(0, len(got), len(shops))
    at = staging.later(scene, got.at_us[which], PLANT_MINUTES)
    baskets = Flow(shops, at, np.minimum(staging.sums(scene, PLANT_BASKET, len(shops)), got.amounts[which]))
    money_staging.bought(scene, got.accounts[which], baskets)


def plant_alike(scene: Scene) -> None:
    """Corner shops where people whom victims have paid buy what everybody buys."""
    span = staging.some_span(scene, (50, 120))
    sellers = scene.main_account(scene.people(staging.draw(scene, ALIKE_SHOPS)))
    for seller in sellers:
        sold = money_staging.sales(scene, int(seller), span, ALIKE_SALES, ALIKE_BASKET)
        money_staging.supplied(scene, sold, staging.everyday_accounts(scene, 3), 5, 600)
        visit(scene, seller[None], span)
    staging.mark_alike(scene, sellers, "shopping", span)


def visit(scene: Scene, shop: Ints, span: Span) -> None:
    """One to four small purchases of accounts that victims have paid."""
    suspects = money_staging.open_by(scene, scene.suspects(staging.draw(scene, ALIKE_VISITS)), span[0] + DAY_US)
    n = len(suspects)
    at = staging.moments(scene, (max(span[0], span[1] - 25 * DAY_US), span[1]), n)
    baskets = Flow(np.repeat(shop, n), at, staging.sums(scene, ALIKE_BASKET, n))
    money_staging.bought(scene, suspects, baskets)


TYPOLOGY = Typology(
    name="shopping",
    number=16,
    kind="account",
    code=None,
    citation="FATF, Trade-Based Money Laundering (2020); Penal Code Art. 323: only who knows the origin launders.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="corner shop where somebody known as fraud buys what everybody buys",
    alone=False,
    role="good_faith",
    seeded=True,
)
