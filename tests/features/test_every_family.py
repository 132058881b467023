"""The generic checks, on every registered family."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest
from random_world import AS_OF, naming, random_records, turned

import checks
from fraudnet import features
from fraudnet.contracts.drop import Records
from fraudnet.features import FAMILIES, families
from fraudnet.features.family import Family

EVERY = {f.name: f for f in families()}
WORLDS = (1, 2)
SHARED = {
    "compute",
    "desks",
    "devices",
    "dust",
    "extras",
    "calling_kernels",
    "family",
    "histories",
    "history_kernels",
    "legs",
    "lookups",
    "neighbours",
    "position",
    "proximity",
    "registered",
    "shape",
    "tempo_kernels",
    "views",
}


@cache
def world(seed: int, variant: str = "plain") -> checks.Known:
    records = random_records(seed, turned) if variant == "renamed" else random_records(seed)
    changed = {
        "plain": lambda r: r,
        "renamed": lambda r: r,
        "shuffled": lambda r: checks.shuffled(r, 7),
        "before": lambda r: checks.before(r, AS_OF),
        "empty": checks.emptied,
        "nothing": lambda r: Records({}),
    }[variant]
    return checks.known(changed(records), AS_OF)


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    return EVERY[request.param]


def test_every_file_is_registered_or_shared() -> None:
    folder = Path(features.__file__).parent
    assert {p.stem for p in folder.glob("*.py")} == {*FAMILIES, *SHARED, "__init__"}


def test_the_name_of_a_family_is_the_name_of_its_file() -> None:
    assert tuple(f.name for f in families()) == FAMILIES


def test_the_world_reaches_past_the_snapshot() -> None:
    rows = random_records(1).table("transfers").select((pl.col("at") >= AS_OF).sum()).collect().item()
    assert rows > 20


@pytest.mark.parametrize("seed", WORLDS)
def test_row_order_does_not_matter(family: Family, seed: int) -> None:
    checks.check_row_order(family, world(seed), world(seed, "shuffled"))


@pytest.mark.parametrize("seed", WORLDS)
def test_rows_at_or_after_the_snapshot_do_not_matter(family: Family, seed: int) -> None:
    checks.check_later_rows(family, world(seed), world(seed, "before"))


def test_renaming_only_renames(family: Family) -> None:
    checks.check_renaming(family, world(1), world(1, "renamed"), naming())


@pytest.mark.parametrize("variant", ["empty", "nothing"])
def test_empty_in_empty_out(family: Family, variant: str) -> None:
    checks.check_empty(family, world(1, variant))


def test_one_row_per_node(family: Family) -> None:
    checks.check_one_row_per_node(family, world(1))


@pytest.mark.parametrize("seed", WORLDS)
def test_bounds_hold(family: Family, seed: int) -> None:
    checks.check_bounds(family, world(seed))


@pytest.mark.parametrize("kind", sorted({f.kind for f in EVERY.values()}))
def test_names_and_descriptions_are_there_and_differ(kind: str) -> None:
    checks.check_descriptions(world(1), kind)


@pytest.mark.parametrize("parts", [2, 7])
def test_partitions_equal_the_whole(family: Family, parts: int) -> None:
    checks.check_partitions(family, world(1), parts)
