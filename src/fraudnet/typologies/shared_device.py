"""Shared device: accounts of several unrelated holders worked from one phone, with strangers' money passing through."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Flow
from fraudnet.typologies.typology import Typology

SEEN_ACCOUNTS = (2, 5)
SEEN_HOLDERS = (2, 4)
SEEN_PASSED = (0.15, 0.45)
SEEN_MINUTES = (150, 520)
SEEN_LEFT = (0.6, 0.9)
SEEN_NEW_PAYERS = (0, 4)
SEEN_FAMILY = (1, 4)
SEEN_KEPT = (0.1, 0.4)

PLANT_ACCOUNTS = (6, 12)
PLANT_PHONES = (1, 2)
PLANT_DAYS = (7, 20)
PLANT_LOGINS = (4, 10)
PLANT_CREDITS = (3, 9)
PLANT_SUMS = (1_000_000, 22_000_000)
PLANT_MINUTES = (8, 380)
PLANT_CUT = (0, 50)
PLANT_NEW_SHARE = 0.6

ALIKE_CUSTOMERS = (9, 22)
ALIKE_HELPERS = (4, 7)
ALIKE_KINDS = {"family": 1.0, "tablet": 1.0, "helpers": 1.0, "market": 2.2}
ALIKE_TAKINGS = (200_000, 5_000_000)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Many accounts and many holders on one device, credits from new payers, and money gone within the hour."""
    shared = all_of(over("device_accounts_max", SEEN_ACCOUNTS), over("device_holders_max", SEEN_HOLDERS))
    passed = soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT)
    strength = all_of(shared, passed, over("first_payers_30d", SEEN_NEW_PAYERS))
    family = under("device_holders_max", SEEN_FAMILY)
    return graded(features, strength, any_of(family, all_of(shared, under("passed_1h_share_all", SEEN_KEPT))))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Who else was seen on its phone, first-time payers, and what was gone within the hour."""
    return together(
        rows_of_holdings.devices(records, hits),
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """One person works the accounts of many from one or two phones."""
    span = staging.some_span(scene, PLANT_DAYS)
    crew = staging.gather_crew(scene, span, staging.draw(scene, PLANT_ACCOUNTS), PLANT_NEW_SHARE, (8, 130))
    phones = scene.new_devices(staging.draw(scene, PLANT_PHONES))
    work(scene, crew.mules, phones, span)
    for account in crew.mules:
        n = staging.draw(scene, PLANT_CREDITS)
        at = staging.moments(scene, span, n)
        got = staging.victims_pay(scene, np.full(n, account), at, staging.sums(scene, PLANT_SUMS, n))
        staging.drain(scene, crew, got, PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "shared_device")


def work(scene: Scene, accounts: Ints, phones: Ints, span: staging.Span) -> None:
    """Every account is bound to one of the phones and logged in to there again and again."""
    phone = phones[scene.rng.integers(0, len(phones), len(accounts))]
    scene.account_event(accounts, np.full(len(accounts), span[0]), "device_bound", phone)
    for _ in range(staging.draw(scene, PLANT_LOGINS)):
        at = staging.moments(scene, span, len(accounts))
        scene.use_account(accounts, phone, at)
        scene.account_event(accounts, at + MINUTE_US, "login", phone)


def plant_alike(scene: Scene) -> None:
    """One device, many honest accounts: the family phone, the tablet of a branch, a shop's phone, a market's."""
    span = staging.some_span(scene, (20, 70))
    kind = staging.either(scene, ALIKE_KINDS)
    if kind == "family":
        accounts = family(scene)
    elif kind == "tablet":
        accounts = branch_tablet(scene, span)
    else:
        accounts = scene.main_account(scene.people(staging.draw(scene, ALIKE_HELPERS)))
    if kind == "market":
        market(scene, accounts, span)
    device = scene.main_device(scene.owner_of_account(accounts[:1])) if kind == "family" else scene.new_devices(1)
    at = staging.moments(scene, (span[0], span[0] + DAY_US) if kind == "tablet" else span, len(accounts))
    scene.use_account(accounts, np.repeat(device, len(accounts)), at)
    scene.account_event(accounts, at + MINUTE_US, "login", np.repeat(device, len(accounts)))
    staging.mark_alike(scene, accounts, "shared_device", span)


def market(scene: Scene, stalls: Ints, span: staging.Span) -> None:
    """Stalls whose neighbour minds the phone for all: customers pay in, the wholesaler is paid soon after."""
    wholesaler = staging.everyday_accounts(scene, 2)
    n = len(staging.days_of(span)) // 2 + 3
    for stall in stalls:
        takings = Flow(np.full(n, stall), staging.moments(scene, span, n), staging.sums(scene, ALIKE_TAKINGS, n))
        customers = staging.everyday_accounts(scene, n)
        staging.send(scene, Flow(customers, takings.at_us, takings.amounts), takings.accounts)
        bought = takings.where(scene.rng.random(n) < 0.6)
        staging.pass_on(scene, bought, wholesaler, (5, 140), (100, 400))


def family(scene: Scene) -> Ints:
    """The largest of a few households, whose accounts all live on one phone."""
    homes = [scene.household_of(int(person)) for person in scene.people(3)]
    largest = max(homes, key=len)
    return np.unique(scene.main_account(largest))


def branch_tablet(scene: Scene, span: staging.Span) -> Ints:
    """Customers who opened an account at one stall on one day; afterwards each uses it on the own phone."""
    customers = scene.people(staging.draw(scene, ALIKE_CUSTOMERS))
    opened = span[0] + staging.draws(scene, (0, 8 * 60), len(customers)) * MINUTE_US
    accounts = scene.open_accounts(customers, opened)
    scene.use_account(accounts, scene.main_device(customers), opened + 2 * HOUR_US)
    staging.small_life(scene, accounts, span, (3, 9))
    return accounts


TYPOLOGY = Typology(
    name="shared_device",
    number=27,
    kind="account",
    code=7,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 7; Circular 17/2024/TT-NHNN Art. 22.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="family phone, tablet of a branch, a shop's phone",
)
