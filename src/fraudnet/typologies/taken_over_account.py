"""Taken-over account: a stranger's phone, a raised limit, and the holder's money goes to payees never paid before."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Flow
from fraudnet.typologies.typology import Typology

SEEN_NEW_PAYEES = (1, 2)
SEEN_TO_NEW = (0.15, 0.4)
SEEN_AFTER_LIMIT = (0.08, 0.3)
SEEN_AGE_DAYS = (90, 240)
SEEN_ONE_PAYEE = (1, 3)
SEEN_LITTLE = (0.2, 0.6)

PLANT_VICTIMS = (3, 6)
PLANT_MULES = (4, 6)
PLANT_NEW_SHARE = 0.5
PLANT_OPENED_DAYS = (9, 110)
PLANT_PAYMENTS = (3, 6)
PLANT_SUMS = (2_200_000, 48_000_000)
PLANT_RAISED = 0.9
PLANT_LIMITS = (50_000_000, 500_000_000)
PLANT_MINUTES = (4, 360)
PLANT_CUT = (0, 40)

ALIKE_PEOPLE = (8, 20)
ALIKE_RAISED = 0.4
ALIKE_BOUGHT = 0.55
ALIKE_BUYS = (500_000, 45_000_000)
ALIKE_PAYMENTS = (4, 14)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """An old account, a new device, a raised limit, and much money gone to several new payees within 72 hours."""
    gone = all_of(over("device_new_payees_90d", SEEN_NEW_PAYEES), over("device_new_payee_share_90d", SEEN_TO_NEW))
    strength = all_of(gone, over("limit_new_payee_share_90d", SEEN_AFTER_LIMIT), over("age_days", SEEN_AGE_DAYS))
    own = any_of(
        under("device_new_payees_90d", SEEN_ONE_PAYEE), under("device_new_payee_share_90d", SEEN_LITTLE),
        under("limit_new_payee_share_90d", SEEN_LITTLE),
    )  # fmt: skip
    return graded(features, strength, own)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The new device and raised limit, and payees first paid in the 72 hours after."""
    return together(
        rows_of_holdings.changes(records, hits, ("device_bound", "limit_raised", "password_reset")),
        rows_of_money.after(records, hits, rows_of_holdings.changed(records, hits, ("device_bound", "limit_raised"))),
    )


def plant(scene: Scene) -> None:
    """A ring gets into some people's banking apps, raises the limit and empties the accounts into its own."""
    span = staging.some_span(scene, (1, 5))
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_MULES), PLANT_NEW_SHARE, PLANT_OPENED_DAYS)
    victims = scene.main_account(scene.people(staging.draw(scene, PLANT_VICTIMS)))
    at = np.minimum(staging.moments(scene, span, len(victims)), scene.end_us - HOUR_US)
    ring_staging.taken_on(scene, victims, crew.phones, at)
    raise_limits(scene, victims, at + 6 * MINUTE_US, (PLANT_RAISED, PLANT_LIMITS))
    which = np.repeat(np.arange(len(victims)), staging.draws(scene, PLANT_PAYMENTS, len(victims)))
    paid_at = at[which] + staging.draws(scene, (9, 600), len(which)) * MINUTE_US
    lost = Flow(victims[which], paid_at, staging.sums(scene, PLANT_SUMS, len(which)))
    staging.drain(scene, crew, ring_staging.robbed(scene, lost, crew.mules), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "taken_over_account")
    scene.mark_accounts(victims, "victim", "taken_over_account", crew.number, (span[0], span[1] + DAY_US))


def raise_limits(scene: Scene, accounts: Ints, at_us: Ints, how: tuple[float, staging.Range]) -> None:
    """A share of the accounts get a higher limit."""
    raised = scene.rng.random(len(accounts)) < how[0]
    if raised.any():
        values = staging.draws(scene, how[1], int(raised.sum())) // 1_000_000 * 1_000_000
        scene.account_event(accounts[raised], at_us[raised], "limit_raised", values=values)


def plant_alike(scene: Scene) -> None:
    """People with a new phone set up the app again; some raise the limit and buy something large from a new payee."""
    span = staging.some_span(scene, (20, 60))
    people = scene.people(staging.draw(scene, ALIKE_PEOPLE))
    accounts, n = scene.main_account(people), len(people)
    at = np.minimum(staging.moments(scene, span, n), scene.end_us - HOUR_US)
    phones = scene.new_devices(n)
    scene.account_event(accounts, at, "device_bound", phones)
    scene.use_account(accounts, phones, at + MINUTE_US)
    scene.account_event(accounts, at + MINUTE_US, "login", phones)
    raise_limits(scene, accounts, at + 20 * MINUTE_US, (ALIKE_RAISED, (30_000_000, 300_000_000)))
    ring_staging.buy_after(scene, (accounts, at), ALIKE_BOUGHT, (60, 4_000), ALIKE_BUYS)
    ring_staging.everyday(scene, accounts, span, ALIKE_PAYMENTS)
    staging.mark_alike(scene, accounts, "taken_over_account", span)


TYPOLOGY = Typology(
    name="taken_over_account",
    number=18,
    kind="account",
    code=None,
    citation="Circular 50/2024/TT-NHNN on the security of online banking; malware cases of 2023-2025.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="new phone with a raised limit and one large purchase",
    alone=False,
    victim=True,
)
