"""Identity file mismatch: what the bank has on file about a holder is not what the population register says."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Desk, Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import HOUR_US, MINUTE_US
from fraudnet.typologies.typology import Typology

SEEN_MISMATCHES = (0.6, 2)
SEEN_FIELDS = (1, 3)
SEEN_ONE = (1, 2)
SEEN_SLIPS = (0, 2)

PLANT_ACCOUNTS = (4, 10)
PLANT_OPENED_DAYS = (9, 90)
PLANT_DAYS = (3, 11)
PLANT_CREDITS = (3, 9)
PLANT_SUMS = (1_000_000, 34_000_000)
PLANT_MINUTES = (6, 480)
PLANT_CUT = (0, 48)

ALIKE_PEOPLE = (12, 26)
ALIKE_TWO_FIXED = 0.22
ALIKE_PAYMENTS = (4, 14)

# With the number of another person everything else is compared with that person.
FORGED = (
    ("name", "birth_date", "face"), ("name", "birth_date"), ("id_number", "face"), ("birth_date", "sex", "name"),
    ("id_number",), ("name", "face"), ("name",), ("face",),
)  # fmt: skip
MENDED = (("name",), ("birth_date",), ("id_number",), ("birth_date", "name"))


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Two fields or more of the file that contradict the register, beyond spelling and slips of the pen."""
    strength = all_of(over("file_mismatch_count", SEEN_MISMATCHES), over("file_fields_count", SEEN_FIELDS))
    explained = any_of(
        under("file_mismatch_count", SEEN_ONE),
        over("file_slip_count", SEEN_SLIPS),
        over("file_spelling_count", SEEN_SLIPS),
    )
    return graded(features, strength, explained)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The bank's file on the holder beside the register's record."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_holdings.files(records, hits),
    )


def plant(scene: Scene) -> None:
    """A ring opens accounts by telephone with papers put together from those of several people."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_ACCOUNTS)
    people, owners = scene.people(n), scene.people(n, fresh=False)
    opened = ring_staging.before(scene, span, PLANT_OPENED_DAYS, n)
    accounts = scene.open_accounts(people, opened, desk=Desk(channel="ekyc"))
    for place in range(n):
        one = slice(place, place + 1)
        scene.misfile(accounts[one], FORGED[staging.draw(scene, (0, len(FORGED) - 1))], owners[one])
    crew = ring_staging.crew_of(scene, span, accounts)
    used = crew.phones[np.arange(n) % len(crew.phones)]
    scene.use_account(accounts, used, opened + 5 * MINUTE_US)
    ring_staging.put_to_use(scene, crew, (PLANT_CREDITS, PLANT_SUMS), PLANT_MINUTES, PLANT_CUT)
    staging.mark_crew(scene, crew, "file_mismatch")


def plant_alike(scene: Scene) -> None:
    """A new name, a birth date mended in the register, a number copied wrongly: the file has not followed yet."""
    span = staging.some_span(scene, (25, 70))
    people = scene.people(staging.draw(scene, ALIKE_PEOPLE))
    n = len(people)
    accounts = scene.open_accounts(people, span[0] - staging.draws(scene, (5, 100), n) * 24 * HOUR_US)
    mended = staging.draws(scene, (0, len(MENDED) - 2), n)
    mended = np.where(scene.rng.random(n) < ALIKE_TWO_FIXED, len(MENDED) - 1, mended)
    for place in range(n):
        rewrite(scene, accounts[place : place + 1], MENDED[mended[place]])
    ring_staging.own_phones(scene, accounts, people, scene.opened_us(accounts))
    ring_staging.everyday(scene, accounts, span, ALIKE_PAYMENTS)
    staging.mark_alike(scene, accounts, "file_mismatch", span)


def rewrite(scene: Scene, account: Ints, fields: tuple[str, ...]) -> None:
    """A slip of the pen, or a name or a birth date that was another one by law until lately."""
    by_law = fields != ("id_number",) and scene.rng.random() < 0.5
    scene.misfile(account, fields, scene.people(1, fresh=False) if by_law else None)


TYPOLOGY = Typology(
    name="file_mismatch",
    number=26,
    kind="account",
    code=1,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, sign 1; Circular 17/2024/TT-NHNN Art. 22; Dispatch 139/CĐ-TTg.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="9 to 12-digit number, missing accents, mended register, merged provinces",
)
