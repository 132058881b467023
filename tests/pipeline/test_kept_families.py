"""After a change in one family only what rests on it is computed and put together again, and nothing else differs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from small_world import SETTINGS, Demo, digests

from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.features import FAMILIES, families
from fraudnet.features.family import Family, Inputs, schema_columns
from fraudnet.model.card import card
from fraudnet.pipeline.batch import snapshot, tables
from fraudnet.pipeline.batch.snapshot import Cut, Snapshot, Wanted, take
from fraudnet.pipeline.reading.horizon import default_as_of
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.training import dated
from fraudnet.pipeline.training.examples import teacher
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings

KINDS = ("account", "sim")
AROUND = {f.name for f in families() if f.wants("base") and f.kind in KINDS}


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


@pytest.fixture(scope="module")
def made(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the snapshot."""
    home = tmp_path_factory.mktemp("made")
    taken(source, home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "home")


def taken(source: Source, home: Path) -> Snapshot:
    return take(source, Cut(start_of_day(date(2026, 6, 1)), KINDS), Settings(home=home), silent)


def files(home: Path) -> dict[str, str]:
    """Digests of the snapshot's own tables."""
    (folder,) = (home / "cache" / "snapshots").iterdir()
    return {name: digest for name, digest in digests(folder).items() if name.endswith(".parquet")}


def changed(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the modules of some families said something else."""

    def other(*modules: str) -> str:
        return code_of(*modules) + "!" * sum(f"fraudnet.features.{name}" in modules for name in names)

    monkeypatch.setattr(tables, "code_of", other)


def saying(column: str, otherwise: Callable[[pl.Expr], pl.Expr], monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the code of `cash_use` were another, and one of its columns said something else."""
    whole = Family.compute

    def other(family: Family, inputs: Inputs) -> pl.LazyFrame:
        table = whole(family, inputs)
        return table.with_columns(otherwise(pl.col(column))) if family.name == "cash_use" else table

    changed(["cash_use"], monkeypatch)
    monkeypatch.setattr(Family, "compute", other)


def twice(said: pl.Expr) -> pl.Expr:
    return (said * 2).cast(pl.Float64).fill_null(1)


@pytest.fixture
def assembled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds whose tables were put together."""
    kinds: list[str] = []
    whole = tables.Tables.assembled

    def noted(self: tables.Tables, kind: str) -> object:
        kinds.append(kind)
        return whole(self, kind)

    monkeypatch.setattr(tables.Tables, "assembled", noted)
    return kinds


def test_what_says_the_same_is_neither_put_together_nor_looked_at_again(
    source: Source, tmp_path: Path, computed: list[str], assembled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    linked: list[object] = []
    link = snapshot.link
    monkeypatch.setattr(snapshot, "link", lambda *told: linked.append(told) or link(*told))
    first = taken(source, tmp_path)
    bytes_of = files(tmp_path)
    every = {f.name for f in families() if f.kind in KINDS or (not f.graph and f.kind != "event")}
    assert set(computed) == every and len(computed) == len(every) and len(linked) == 1
    assert assembled == list(KINDS)
    touched: list[str] = []
    for family in ("cash_use", "position_sim"):
        computed.clear()
        touched.append(family)
        changed(touched, monkeypatch)
        again = taken(source, tmp_path)
        assert computed == [family] and len(linked) == 1 and assembled == list(KINDS)
        assert files(tmp_path) == bytes_of
        assert again.features["account"].columns == first.features["account"].columns
    computed.clear()
    taken(source, tmp_path)
    assert not computed


def damaged(path: Path) -> None:
    """Change a byte; in a note one that leaves it readable."""
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"money", b"honey", 1) if path.suffix == ".json" else whole[:-1] + b"?")
    assert path.read_bytes() != whole


def test_whatever_is_damaged_is_made_anew(
    source: Source, home: Path, computed: list[str], assembled: list[str]
) -> None:
    first, whole = taken(source, home), files(home)
    for name, expected, kinds in (
        ("features-sim.parquet", [], ["sim"]),
        ("features-account.json", [], ["account"]),
        ("population-sim.parquet", [], []),
        ("money.parquet", [], []),  # read only when something is put together
    ):
        (path,) = (home / "cache").rglob(name)
        damaged(path)
        computed.clear()
        assembled.clear()
        again = taken(source, home)
        assert (computed, assembled) == (expected, kinds) and files(home) == whole
        assert all(again.features[kind].frame.equals(first.features[kind].frame) for kind in KINDS)
    (path,) = (home / "cache").rglob("hits-sim.parquet")
    path.unlink()
    taken(source, home)
    assert computed == ["money"] and files(home) == whole


def test_only_the_columns_that_rest_on_a_change_are_made_again_and_all_is_as_without_a_cache(
    source: Source,
    made: Path,
    tmp_path: Path,
    computed: list[str],
    assembled: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for column, around, kinds in (
        ("cash_out_count_all", {"neighbours_account"}, ["account"]),  # looked at in the closest neighbours alone
        ("cash_out_share_all", AROUND, list(KINDS)),
    ):
        kept, fresh = shutil.copytree(made, tmp_path / f"kept-{column}"), tmp_path / f"fresh-{column}"
        before = files(kept)
        with monkeypatch.context() as patch:
            saying(column, twice, patch)
            computed.clear()
            assembled.clear()
            again = taken(source, kept)
            assert set(computed) == {"cash_use"} | around and assembled == kinds
            alone = taken(source, fresh)
        assert files(kept) == files(fresh) and files(kept) != before
        assert all(again.features[kind].frame.equals(alone.features[kind].frame) for kind in KINDS)
        assert again.features["account"].columns == alone.features["account"].columns


def test_a_training_after_a_change_gives_what_one_without_a_cache_gives(
    demo: Demo, source: Source, tmp_path: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trees, figures, scores and what the card says; beside what the demo's training left, and beside nothing."""
    kinds, as_of = ("account", "sim", "identity"), default_as_of(source)
    saying("cash_out_share_all", twice, monkeypatch)

    def measured(home: Path) -> Outcome:
        tools = (Settings(home=home, **{**SETTINGS, "snapshots": 1}), silent)
        guide = dated.prepare(teacher(source, as_of, kinds, False, tools), as_of, keep=False)
        return dated.measure(guide, "account", as_of)

    shutil.copytree(demo.home / "cache", tmp_path / "kept" / "cache")
    one = measured(tmp_path / "kept")
    assert set(computed) == {"cash_use"} | {f.name for f in families() if f.wants("base")}
    other = measured(tmp_path / "fresh")
    assert one.model is not None and other.model is not None
    assert (one.model.text, one.facts, one.notes) == (other.model.text, other.facts, other.notes)
    assert card(one.model) == card(other.model)
    for mine, theirs in zip(one.evaluations, other.evaluations, strict=True):
        assert mine.figures.equals(theirs.figures) and mine.rows.equals(theirs.rows)


def test_only_what_is_wanted_is_read(source: Source, home: Path) -> None:
    whole = taken(source, home)
    cut = Cut(start_of_day(date(2026, 6, 1)), KINDS)
    part = take(source, cut, Settings(home=home), silent, Wanted(("sim",), features=False))
    assert not part.features and not part.hits and set(part.population) == {"sim"}
    assert part.population["sim"].equals(whole.population["sim"])


def test_what_columns_mean_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    around = next(f for f in families() if f.name == "neighbours_account")
    before = tables._key(around)
    changed(["cash_use"], monkeypatch)
    assert tables._key(around) == before
    changed(["extras_account"], monkeypatch)  # which columns it has only its code tells
    assert tables._key(around) != before
    monkeypatch.undo()
    monkeypatch.setattr(
        tables, "schema_columns", lambda family: [replace(c, spread=True) for c in schema_columns(family)]
    )
    assert tables._key(around) != before


def test_rows_of_a_family_in_another_order_say_the_same(
    source: Source, home: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, whole = files(home), Family.compute

    def turned(family: Family, inputs: Inputs) -> pl.LazyFrame:
        return whole(family, inputs).reverse() if family.name == "cash_use" else whole(family, inputs)

    changed(["cash_use"], monkeypatch)
    monkeypatch.setattr(Family, "compute", turned)
    computed.clear()
    taken(source, home)
    assert computed == ["cash_use"] and files(home) == first


def test_a_change_of_a_family_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(name for name in FAMILIES if name != "event_windows")
    before = tables.code_of_families(names)
    changed(["salary"], monkeypatch)
    assert tables.code_of_families(names) != before
    assert tables.code_of_families(("position_sim",)) == tables.code_of_families(("position_sim",))
