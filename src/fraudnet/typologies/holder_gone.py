"""Holder abroad or dead: an account comes alive for strangers after its holder is known to be gone."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_PAYERS = (1, 4)
SEEN_PAYMENTS = (1, 4)
SEEN_TO_NEW = (0.2, 0.6)
SEEN_DEVICES = (0, 1)
SEEN_PASSED = (0.15, 0.5)
SEEN_MINUTES = (150, 540)
SEEN_LEFT = (0.6, 0.9)
SEEN_KNOWN_PAYEES = (0.3, 0.7)
SEEN_AUTHORISED = (0, 1)

PLANT_ACCOUNTS = (3, 8)
PLANT_GONE_DAYS = (65, 220)
PLANT_OPENED_DAYS = (300, 1_500)
PLANT_DEAD = 0.5
PLANT_OTHER_PHONE = 0.85
PLANT_DAYS = (3, 12)
PLANT_CREDITS = (3, 9)
PLANT_SUMS = (1_000_000, 30_000_000)
PLANT_WAIT = (6, 430)
PLANT_CUT = (0, 46)

ALIKE_PEOPLE = (8, 18)
ALIKE_GONE_DAYS = (62, 200)
ALIKE_DEAD = 0.6
ALIKE_GIVERS = (6, 25)
ALIKE_GIFTS = (100_000, 2_000_000)
ALIKE_BILLS = (4, 14)
ALIKE_FUNERAL = 0.5


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Since the holder was gone: new payers, most money on to new payees, on another device and at once."""
    taken = all_of(over("gone_new_devices_count", SEEN_DEVICES), soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT))
    strength = all_of(
        over("gone_new_payers_all", SEEN_PAYERS),
        over("gone_out_count_all", SEEN_PAYMENTS),
        over("gone_new_payee_share_all", SEEN_TO_NEW),
        taken,
    )
    relative = any_of(
        under("gone_new_payee_share_all", SEEN_KNOWN_PAYEES), over("gone_is_authorised", SEEN_AUTHORISED),
        under("gone_new_devices_count", SEEN_DEVICES),
    )  # fmt: skip
    return graded(features, strength, all_of(over("gone_out_count_all", SEEN_PAYMENTS), relative))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """What says that the holder is gone, transfers since, the phones it was used on."""
    return together(
        rows_of_holdings.gone(records, hits),
        rows_of_money.since(records, hits, rows_of_holdings.gone_since(records, hits)),
        rows_of_holdings.devices(records, hits),
    )


def plant(scene: Scene) -> None:
    """Accounts of the dead, and of workers who sold theirs before they left, are worked from a ring's phones."""
    span = staging.some_span(scene, PLANT_DAYS)
    people = scene.people(staging.draw(scene, PLANT_ACCOUNTS))
    n = len(people)
    accounts = scene.open_accounts(people, span[0] - staging.draws(scene, PLANT_OPENED_DAYS, n) * DAY_US)
    leave(scene, people, span[0] - staging.draws(scene, PLANT_GONE_DAYS, n) * DAY_US, PLANT_DEAD)
    crew = ring_staging.crew_of(scene, span, accounts)
    other = accounts[scene.rng.random(n) < PLANT_OTHER_PHONE]
    if len(other):
        staging.hand_over(scene, other, crew.phones, np.full(len(other), span[0] - 2 * HOUR_US))
    ring_staging.put_to_use(scene, crew, (PLANT_CREDITS, PLANT_SUMS), PLANT_WAIT, PLANT_CUT)
    staging.mark_crew(scene, crew, "holder_gone")


def leave(scene: Scene, people: Ints, at_us: Ints, dead: float) -> NDArray[np.bool_]:
    """Some die, the others go abroad, and their everyday accounts are closed; returns who died."""
    died = scene.rng.random(len(people)) < dead
    for status, who in (("deceased", died), ("abroad", ~died)):
        if who.any():
            scene.set_status(people[who], status, at_us[who])
    scene.close_accounts(scene.main_account(people), at_us + HOUR_US)
    return died


def plant_alike(scene: Scene) -> None:
    """A widow pays bills and takes in condolence money; somebody abroad lets the family live on the account."""
    span = staging.some_span(scene, (30, 80))
    people = scene.people(staging.draw(scene, ALIKE_PEOPLE))
    n = len(people)
    accounts = scene.open_accounts(people, span[0] - staging.draws(scene, (400, 1_400), n) * DAY_US)
    gone = span[0] - staging.draws(scene, ALIKE_GONE_DAYS, n) * DAY_US
    died = leave(scene, people, gone, ALIKE_DEAD)
    relatives = np.array([scene.household_of(int(person))[-1] for person in people])
    scene.use_account(accounts, scene.main_device(relatives), np.full(n, span[0] + MINUTE_US))
    for account in accounts[died]:
        condolences(scene, int(account), span)
    paid_before = (max(span[0] - 260 * DAY_US, scene.start_us), span[1])
    ring_staging.everyday(scene, accounts, paid_before, ALIKE_BILLS)
    staging.mark_alike(scene, accounts, "holder_gone", span)


def condolences(scene: Scene, account: int, span: Span) -> None:
    """Relatives and neighbours give once each; some of it pays the funeral at once."""
    n = staging.draw(scene, ALIKE_GIVERS)
    days = (span[0], span[0] + 6 * DAY_US)
    gifts = Flow(
        staging.everyday_accounts(scene, n), staging.moments(scene, days, n), staging.sums(scene, ALIKE_GIFTS, n)
    )
    staging.send(scene, gifts, np.full(n, account))
    if scene.rng.random() < ALIKE_FUNERAL:
        lying = Flow(np.full(n, account), gifts.at_us, gifts.amounts)
        staging.pass_on(scene, lying, staging.everyday_accounts(scene, 2), (10, 240), (50, 300))


TYPOLOGY = Typology(
    name="holder_gone",
    number=32,
    kind="account",
    code=1,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, signs 1 and 6; Circular 17/2024/TT-NHNN Art. 22.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="authorised relative, family of somebody abroad",
    role="knowing_mule",
)
