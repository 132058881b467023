"""Each criterion falls when its own dirt is planted at one bank, and hardly anything else moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import quality_drop
from quality_drop import AS_OF, BANKS, START, Tables, clean, measured, values

from fraudnet.contracts.quality import QUALITIES
from fraudnet.sources import quality
from fraudnet.sources.quality import criteria

BANK = BANKS[0]
# Three of eleven rows of the bank are spoilt, in an order that no weekday and no neighbour shares.
HIT = (pl.int_range(pl.len()).over("source") * 7 % 11 < 3) & (pl.col("source") == BANK)
Spoil = Callable[[dict[str, pl.DataFrame]], dict[str, pl.DataFrame]]


def spoilt(table: str, **columns: pl.Expr) -> Spoil:
    """Some rows of the bank in one table get other values."""

    def spoil(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        new = [pl.when(HIT).then(value).otherwise(name).alias(name) for name, value in columns.items()]
        return {**tables, table: tables[table].with_columns(new)}

    return spoil


def without(table: str, rows: pl.Expr) -> Spoil:
    return lambda tables: {**tables, table: tables[table].filter(~rows)}


def twice(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {**tables, "transfers": pl.concat([tables["transfers"], tables["transfers"].filter(HIT)])}


MISREAD = pl.lit("Nguyễn Văn Bình".encode().decode("latin-1"))
DIRT: list[tuple[str, str, Spoil]] = [
    ("correct", "a province that does not exist", spoilt("identities", id_number="003" + pl.col("id_number").str.slice(3))),
    ("correct", "a sex that the number denies", spoilt("identities", sex=1 - pl.col("sex"))),
    ("correct", "a phone nobody can have", spoilt("accounts", phone=pl.lit("84100000001"))),
    ("correct", "an amount that is none", spoilt("transfers", amount=pl.lit(-5))),
    ("correct", "closed before it was opened", spoilt("accounts", closed_at=pl.lit(datetime(2019, 1, 1)))),
    ("correct", "born in the future", spoilt("identities", birth_date=pl.lit(date(2030, 5, 5)))),
    ("complete", "no address, no phone", spoilt("identities", address=None, phone=None, province=None, sex=None)),
    ("complete", "no number of the account", spoilt("accounts", account_number=None)),
    ("complete", "no record of the holder", spoilt("accounts", holder_source_id=pl.lit("nobody"))),
    ("clean", "rows that came twice", twice),
    ("clean", "a placeholder for a name", spoilt("identities", address=pl.lit("không có"))),
    ("clean", "text in the wrong encoding", spoilt("identities", address=MISREAD)),
    ("clean", "marks apart from their letters", spoilt("identities", address=pl.lit("Hàng Bông").str.normalize("NFD"))),
    ("up_to_date", "silent for two weeks", without("transfers", (pl.col("source") == BANK) & (pl.col("at") > datetime(2026, 1, 27)))),
    ("consistent", "another amount than the other bank", spoilt("transfers", amount=pl.col("amount") + 1)),
    ("consistent", "another birth date than elsewhere", spoilt("identities", birth_date=pl.col("birth_date").dt.offset_by("1d"))),
    ("consistent", "another name than in the own record", spoilt("accounts", holder_name=pl.lit("Trần Thị Khác"))),
    ("shareable", "numbers without their zeros", spoilt("identities", id_number=pl.col("id_number").str.strip_chars_start("0"))),
]  # fmt: skip
# What one kind of dirt may move beside its own criterion: the rest of the same bank, and everybody else.
BESIDE, ELSEWHERE = 6.0, 6.0
# Dirt that is dirt by another criterion too, whichever way one looks at it.
ALSO = {
    "a phone nobody can have": {"shareable"},
    "a sex that the number denies": {"consistent"},
    "born in the future": {"consistent"},
    "an amount that is none": {"complete"},
    "no number of the account": {"correct"},
    "silent for two weeks": {"complete"},
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], float | None]:
    return values(measured(tmp_path_factory.mktemp("good"), clean())[1])


def test_a_drop_without_a_fault_is_near_a_hundred_everywhere(good) -> None:
    assert all(good[bank, name] >= 99 for bank in BANKS for name in QUALITIES)
    assert all(good["list", name] is None for name in QUALITIES)  # five rows tell nothing


@pytest.mark.parametrize(("criterion", "what", "spoil"), DIRT, ids=[what for _, what, _ in DIRT])
def test_planted_dirt_moves_its_own_criterion(tmp_path, good, criterion: str, what: str, spoil: Spoil) -> None:
    found = values(measured(tmp_path, spoil(clean()))[1])
    fallen = {key: good[key] - found[key] for key in good if good[key] is not None}
    assert fallen[BANK, criterion] > 6
    beside = {name: round(fallen[BANK, name], 2) for name in QUALITIES if name != criterion}
    assert all(abs(moved) < BESIDE for name, moved in beside.items() if name not in ALSO.get(what, ())), beside
    elsewhere = {key: round(moved, 2) for key, moved in fallen.items() if key[0] != BANK and key[1] != criterion}
    assert all(abs(moved) < ELSEWHERE for key, moved in elsewhere.items() if key[1] not in ALSO.get(what, ())), (
        elsewhere
    )


def test_one_row_of_the_year_2099_makes_nobody_old(tmp_path, good) -> None:
    tables = clean()
    far = tables["transfers"].head(1).with_columns(at=pl.lit(datetime(2099, 1, 1)), transfer_id=pl.lit("far"))
    mapping = quality_drop.MAPPING.replace("[score]\nas_of = 2026-02-10\n", "")
    material, found = measured(tmp_path, {**tables, "transfers": pl.concat([tables["transfers"], far])}, mapping)
    assert material.day == AS_OF
    told = values(found)
    assert all(told[bank, "up_to_date"] == good[bank, "up_to_date"] for bank in BANKS[1:])


def test_the_registered_criteria_are_those_of_the_programme_and_of_the_folder() -> None:
    folder = Path(quality.__file__).parent
    with_criterion = {path.stem for path in folder.glob("*.py") if "\nCRITERION = " in path.read_text(encoding="utf-8")}
    assert quality.CRITERIA == QUALITIES
    assert with_criterion == set(QUALITIES)
    assert tuple(each.name for each in criteria()) == QUALITIES


def test_the_order_of_rows_changes_nothing(tmp_path) -> None:
    shuffled: Tables = {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in clean().items()}
    (one, first), (two, second) = measured(tmp_path / "a", clean()), measured(tmp_path / "b", shuffled)
    assert one.day == two.day and START.date() < one.day
    assert first.quality.equals(second.quality)
    assert first.parts.equals(second.parts)
    assert first.ranking.equals(second.ranking)
