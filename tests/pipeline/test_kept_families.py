"""After a change in one family only this one is computed again, and who sees it in neighbours if it says otherwise."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from small_world import Demo, digests

from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.features import FAMILIES, families
from fraudnet.features.family import Family, Inputs, schema_columns
from fraudnet.pipeline import Request
from fraudnet.pipeline.batch import kept, snapshot
from fraudnet.pipeline.batch.snapshot import Cut, Snapshot, take
from fraudnet.pipeline.reading.source import Source, open_drops
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings

KINDS = ("account", "sim")
AROUND = {f.name for f in families() if f.wants("base")}


@pytest.fixture(scope="module")
def source(demo: Demo) -> Source:
    return open_drops(Request((demo.drop,)), Settings(home=demo.home), silent)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the families that were computed."""
    names: list[str] = []
    whole = Family.compute

    def noted(family: Family, inputs: Inputs) -> pl.LazyFrame:
        names.append(family.name)
        return whole(family, inputs)

    monkeypatch.setattr(Family, "compute", noted)
    return names


def taken(source: Source, home: Path) -> Snapshot:
    return take(source, Cut(start_of_day(date(2026, 6, 1)), KINDS), Settings(home=home), silent)


def files(home: Path) -> dict[str, str]:
    """Digests of the snapshot's own files."""
    (folder,) = (home / "cache" / "snapshots").iterdir()
    return digests(folder)


def changed(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the modules of some families said something else."""

    def other(*modules: str) -> str:
        return code_of(*modules) + "!" * sum(f"fraudnet.features.{name}" in modules for name in names)

    monkeypatch.setattr(kept, "code_of", other)


def test_only_what_changed_is_computed_again_and_the_bytes_stay(
    source: Source, tmp_path: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    linked: list[object] = []
    link = snapshot.link
    monkeypatch.setattr(snapshot, "link", lambda *told: linked.append(told) or link(*told))
    taken(source, tmp_path)
    first = files(tmp_path)
    every = {f.name for f in families() if f.kind in KINDS or (not f.graph and f.kind != "event")}
    assert set(computed) == every and len(computed) == len(every) and len(linked) == 1
    touched: list[str] = []
    for family in ("cash_use", "position_sim"):
        computed.clear()
        touched.append(family)
        changed(touched, monkeypatch)
        shutil.rmtree(tmp_path / "cache" / "snapshots")
        taken(source, tmp_path)
        assert computed == [family] and len(linked) == 1
        assert files(tmp_path) == first
    family = next((tmp_path / "cache" / "families").rglob("money.parquet"))
    family.write_bytes(family.read_bytes()[:-1] + b"?")
    computed.clear()
    shutil.rmtree(tmp_path / "cache" / "snapshots")
    taken(source, tmp_path)
    assert computed == ["money"] and files(tmp_path) == first


def test_who_sees_a_family_in_neighbours_is_made_again_when_it_says_otherwise(
    source: Source, tmp_path: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(source, tmp_path)
    first, whole = files(tmp_path), Family.compute

    def doubled(family: Family, inputs: Inputs) -> pl.LazyFrame:
        table = whole(family, inputs)
        return table.with_columns(pl.col("cash_out_count_all") * 2) if family.name == "cash_use" else table

    computed.clear()
    changed(["cash_use"], monkeypatch)
    monkeypatch.setattr(Family, "compute", doubled)
    shutil.rmtree(tmp_path / "cache" / "snapshots")
    taken(source, tmp_path)
    assert set(computed) == {"cash_use"} | {f.name for f in families() if f.name in AROUND and f.kind in KINDS}
    differing = {name for name, digest in files(tmp_path).items() if first[name] != digest}
    assert "features-account.parquet" in differing and "nodes.parquet" not in differing


def test_what_columns_mean_counts_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shelf = kept.Kept(tmp_path, "source", start_of_day(date(2026, 6, 1)))
    shelf._said.update({f.name: "the same table" for f in families()})
    around = next(f for f in families() if f.name == "neighbours_account")
    before = shelf._key(around)
    changed(["cash_use"], monkeypatch)
    assert shelf._key(around) == before
    changed(["extras_account"], monkeypatch)  # which columns it has only its code tells
    assert shelf._key(around) != before
    monkeypatch.undo()
    monkeypatch.setattr(
        kept, "schema_columns", lambda family: [replace(c, spread=True) for c in schema_columns(family)]
    )
    assert shelf._key(around) != before


def test_a_change_of_a_family_changes_the_name_of_the_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(name for name in FAMILIES if name != "event_windows")
    before = kept.code_of_families(names)
    changed(["salary"], monkeypatch)
    assert kept.code_of_families(names) != before
    assert kept.code_of_families(("position_sim",)) == kept.code_of_families(("position_sim",))
