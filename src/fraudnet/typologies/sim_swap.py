"""SIM swap before transfer: the card of the registered number is exchanged, and within hours the money is gone."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import HOUR_US, MINUTE_US, Flow
from fraudnet.typologies.typology import Typology

SEEN_NEW_PAYEES = (1, 2)
SEEN_TO_NEW = (0.12, 0.4)
SEEN_HOURS = (60, 90)
SEEN_LARGEST = (2_000_000, 9_000_000)
SEEN_ONE_PAYEE = (1, 3)
SEEN_LITTLE = (0.25, 0.65)

PLANT_VICTIMS = (3, 6)
PLANT_MULES = (3, 5)
PLANT_NEW_SHARE = 0.75
PLANT_OPENED_DAYS = (10, 120)
PLANT_WAIT_MINUTES = (40, 3_400)
PLANT_PAYMENTS = (3, 6)
PLANT_SUMS = (6_000_000, 95_000_000)
PLANT_MINUTES = (3, 420)
PLANT_CUT = (0, 35)

ALIKE_PEOPLE = (10, 24)
ALIKE_BOUGHT = 0.5
ALIKE_BUYS = (800_000, 35_000_000)
ALIKE_PAYMENTS = (4, 15)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Much money went to several new payees within 72 hours after an exchange of the card, the largest sum too."""
    gone = all_of(over("swap_new_payees_90d", SEEN_NEW_PAYEES), over("swap_new_payee_share_90d", SEEN_TO_NEW))
    strength = all_of(gone, under("swap_top_out_hours", SEEN_HOURS), over("out_max_amount_90d", SEEN_LARGEST))
    own = any_of(under("swap_new_payees_90d", SEEN_ONE_PAYEE), under("swap_new_payee_share_90d", SEEN_LITTLE))
    return graded(features, strength, own)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The exchange of the card, and payees first paid in the 72 hours after."""
    return together(
        rows_of_holdings.swaps(records, hits),
        rows_of_money.after(records, hits, rows_of_holdings.swapped(records, hits)),
    )


def plant(scene: Scene) -> None:
    """A ring has people's numbers issued anew to itself, those of the accounts it bought too, and moves the money."""
    span = staging.some_span(scene, (3, 6))
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_MULES), PLANT_NEW_SHARE, PLANT_OPENED_DAYS)
    people = scene.people(staging.draw(scene, PLANT_VICTIMS))
    victims = scene.main_account(people)
    both = np.concatenate([people, scene.owner_of_account(crew.mules)])
    at = span[0] + staging.draws(scene, (0, 9 * 60), len(both)) * MINUTE_US
    sims = scene.main_sim(both)
    scene.sim_event(sims, at, "swap")
    scene.use_sim(sims, crew.phones[scene.rng.integers(0, len(crew.phones), len(both))], at + 10 * MINUTE_US)
    at = at[: len(victims)] + staging.draws(scene, PLANT_WAIT_MINUTES, len(victims)) * MINUTE_US
    ring_staging.taken_on(scene, victims, crew.phones, at)
    which = np.repeat(np.arange(len(victims)), staging.draws(scene, PLANT_PAYMENTS, len(victims)))
    paid_at = at[which] + staging.draws(scene, (5, 400), len(which)) * MINUTE_US
    lost = Flow(victims[which], paid_at, staging.sums(scene, PLANT_SUMS, len(which)))
    staging.drain(scene, crew, ring_staging.robbed(scene, lost, crew.mules), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "sim_swap")
    scene.mark_accounts(victims, "victim", "sim_swap", crew.number, span)


def plant_alike(scene: Scene) -> None:
    """An eSIM, a 5G card or a lost phone: the card is exchanged, life goes on, now and then a new phone is bought."""
    span = staging.some_span(scene, (20, 60))
    people = scene.people(staging.draw(scene, ALIKE_PEOPLE))
    accounts, sims, n = scene.main_account(people), scene.main_sim(people), len(people)
    at = np.minimum(staging.moments(scene, span, n, (8, 20)), scene.end_us - 2 * HOUR_US)
    scene.sim_event(sims, at, "swap")
    scene.use_sim(sims, scene.main_device(people), at + HOUR_US)
    ring_staging.buy_after(scene, (accounts, at), ALIKE_BOUGHT, (30, 4_000), ALIKE_BUYS)
    ring_staging.everyday(scene, accounts, span, ALIKE_PAYMENTS)
    staging.mark_alike(scene, accounts, "sim_swap", span)


TYPOLOGY = Typology(
    name="sim_swap",
    number=19,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 6; ENISA, Countering SIM-Swapping (2021); cases of 2022-2024.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="eSIM or 5G card, lost phone, number carried to another operator",
)
