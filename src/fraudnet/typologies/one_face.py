"""Stolen or forged identities: one face opens accounts by telephone under several names."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Desk, Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import MINUTE_US, Span
from fraudnet.typologies.typology import Typology

SEEN_PEOPLE = (2, 4)
SEEN_BIRTHS = (1, 3)
SEEN_ONLINE = (1, 3)
SEEN_TWO = (2, 4)
SEEN_ONE_BIRTH = (1, 3)
SEEN_ONE_SURNAME = (1, 2)
SEEN_AGE_DAYS = (180, 420)

PLANT_NAMES = (2, 8)
PLANT_OPENED_DAYS = (10, 100)
PLANT_APART_MINUTES = (20, 4_000)
PLANT_DAYS = (3, 10)
PLANT_CREDITS = (3, 8)
PLANT_SUMS = (1_300_000, 36_000_000)
PLANT_MINUTES = (4, 450)
PLANT_CUT = (0, 42)

ALIKE_TWINS = (3, 6)
ALIKE_STRANGERS = (5, 12)
ALIKE_ONE_CAMERA = 0.3
ALIKE_PAYMENTS = (4, 13)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """A face under more names and birth dates than twins have, with accounts opened online under several of them."""
    strength = all_of(
        over("face_people_count", SEEN_PEOPLE),
        over("face_births_count", SEEN_BIRTHS),
        over("face_ekyc_count", SEEN_ONLINE),
        under("age_days", SEEN_AGE_DAYS),
    )
    explained = any_of(
        under("face_people_count", SEEN_TWO), under("face_births_count", SEEN_ONE_BIRTH),
        under("face_surnames_count", SEEN_ONE_SURNAME),
    )  # fmt: skip
    return graded(features, strength, explained)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The holder's files, and records of other people with the same face."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_holdings.files(records, hits),
        rows_of_holdings.faces(records, hits),
    )


def plant(scene: Scene) -> None:
    """One sits before the camera again and again, with the papers of people who lost them."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_NAMES)
    people = scene.people(n)
    scene.share_face(people)
    first = ring_staging.before(scene, span, PLANT_OPENED_DAYS, 1)
    apart = np.cumsum(staging.draws(scene, PLANT_APART_MINUTES, n)) * MINUTE_US
    opened = np.minimum(first + apart, span[0] - MINUTE_US)
    accounts = scene.open_accounts(people, opened, desk=Desk(channel="ekyc"))
    crew = ring_staging.crew_of(scene, span, accounts, phones=staging.draw(scene, (1, 4)))
    scene.use_account(accounts, crew.phones[np.arange(n) % len(crew.phones)], opened + 4 * MINUTE_US)
    ring_staging.put_to_use(scene, crew, (PLANT_CREDITS, PLANT_SUMS), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "one_face")


def plant_alike(scene: Scene) -> None:
    """Twins, and people whose poor pictures a machine takes for somebody else's, some all for the same one."""
    span = staging.some_span(scene, (25, 70))
    elder, younger = scene.twins(staging.draw(scene, ALIKE_TWINS))
    strangers = scene.people(staging.draw(scene, ALIKE_STRANGERS))
    people = np.concatenate([elder, younger, strangers])
    accounts = opened_online(scene, people, span)
    mistaken = accounts[len(elder) * 2 :]
    taken_for = scene.people(len(mistaken), fresh=False)
    if scene.rng.random() < ALIKE_ONE_CAMERA:
        taken_for[: len(mistaken) // 2] = taken_for[0]
    scene.misfile(mistaken, ("face",), taken_for)
    ring_staging.everyday(scene, accounts, span, ALIKE_PAYMENTS)
    staging.mark_alike(scene, accounts, "one_face", span)


def opened_online(scene: Scene, people: Ints, span: Span) -> Ints:
    """One account each, opened on the own phone in the weeks before a span."""
    opened = span[0] - staging.draws(scene, (60, 90_000), len(people)) * MINUTE_US
    accounts = scene.open_accounts(people, opened, desk=Desk(channel="ekyc"))
    ring_staging.own_phones(scene, accounts, people, opened)
    return accounts


TYPOLOGY = Typology(
    name="one_face",
    number=28,
    kind="account",
    code=1,
    citation="Decision 2345/QĐ-NHNN of 2023; Circular 17/2024/TT-NHNN Art. 22; Decision 71/QĐ-HHNH, sign 1.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="twins, poor pictures, legal change of name",
)
