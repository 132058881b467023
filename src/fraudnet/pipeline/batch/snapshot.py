"""One cut-off: the graph, the features and the typology hits of everything before it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.progress import Progress
from fraudnet.errors import FraudnetError
from fraudnet.expressions import local_day
from fraudnet.features import FAMILIES, families
from fraudnet.features.compute import FeatureTable, Shelf, each_table, made_anew
from fraudnet.files import canonical_json, digest_of, write_bytes, write_parquet
from fraudnet.graph.link import link
from fraudnet.labels.population import population
from fraudnet.labels.seeds import seeds
from fraudnet.pipeline.batch.kept import Kept, code_of_families
from fraudnet.pipeline.reading.source import Source
from fraudnet.runs.manifest import MANIFEST, verify, write_manifest
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings
from fraudnet.typologies import TYPOLOGIES
from fraudnet.typologies.detect import detect


@dataclass(frozen=True)
class Snapshot:
    """What is known strictly before `as_of`, per kind: who can be scored, their features, their typology hits."""

    as_of: datetime
    nodes: pl.DataFrame
    features: dict[str, FeatureTable]
    hits: dict[str, pl.DataFrame]
    population: dict[str, pl.DataFrame]
    excluded: dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Cut:
    """Which snapshot is wanted: the moment, the kinds, and whether the graph may be used."""

    as_of: datetime
    kinds: tuple[str, ...]
    without_graph: bool = False

    def family_names(self) -> tuple[str, ...]:
        """The families that make up the features of this cut."""
        return tuple(f.name for f in families(FAMILIES) if not (self.without_graph and f.graph) and f.kind != "event")


def take(source: Source, cut: Cut, settings: Settings, progress: Progress, only: tuple[str, ...] = ()) -> Snapshot:
    """The snapshot of a cut, made or taken from the cache; `only` names the kinds to read, all unless said."""
    found = kept_snapshot(source, cut, settings, only)
    if found is not None:
        return found
    folder = _place(source, cut, settings)
    step = f"snapshot {local_day(cut.as_of)}"
    progress(step, 0, 2)
    kept = Kept(settings.home, source.digest, cut.as_of)
    linked = kept.linked(source.records, link)
    progress(step, 1, 2)
    _write(folder, linked, cut, kept.family)
    progress(step, 2, 2)
    return _read(folder, replace(cut, kinds=only or cut.kinds))


def kept_snapshot(source: Source, cut: Cut, settings: Settings, only: tuple[str, ...] = ()) -> Snapshot | None:
    """The snapshot of a cut from the cache, after its digests were checked; None when it is not there or damaged."""
    folder = _place(source, cut, settings)
    if not (folder / MANIFEST).exists():
        return None
    try:
        verify(folder)
        return _read(folder, replace(cut, kinds=only or cut.kinds))
    except FraudnetError:  # a damaged cache is made anew, never used
        shutil.rmtree(folder)
        return None


def _place(source: Source, cut: Cut, settings: Settings) -> Path:
    names = cut.family_names()
    patterns = code_of(*(f"fraudnet.typologies.{name}" for name in TYPOLOGIES))
    code = [code_of(__name__), code_of_families(names), patterns]
    identity = [source.digest, cut.as_of.isoformat(), cut.kinds, names, settings.hub_degree, code]
    return settings.home / "cache" / "snapshots" / digest_of(identity)[:16]


OfKind = tuple[str, FeatureTable, pl.DataFrame, tuple[pl.DataFrame, pl.DataFrame]]


def described(source: Source, cut: Cut, settings: Settings, linked: Callable[[], Linked]) -> Iterator[OfKind]:
    """Kind, features, hits, and population with who is left out, as a training left them, else from the linked graph.

    One kind after the other: who lets go of each holds no two of them in memory.
    """
    if kept_snapshot(source, cut, settings, cut.kinds[:1]) is not None:
        for kind in cut.kinds:
            kept = kept_snapshot(source, cut, settings, (kind,))
            assert kept is not None  # noqa: S101
            yield kind, kept.features[kind], kept.hits[kind], (kept.population[kind], kept.excluded[kind])
        return
    yield from _each(linked(), cut)


def _each(linked: Linked, cut: Cut, shelf: Shelf = made_anew) -> Iterator[OfKind]:
    for kind, table in each_table(linked, cut.kinds, seeds(linked), cut.family_names(), shelf):
        yield kind, table, detect(table.frame, kind), population(linked, kind)
        del table  # or the next kind would be made beside it


def describe(linked: Linked, cut: Cut) -> Snapshot:
    """Features, hits and population of a linked snapshot."""
    every = list(_each(linked, cut))
    return Snapshot(
        cut.as_of,
        _nodes(linked),
        {kind: table for kind, table, _, _ in every},
        {kind: hits for kind, _, hits, _ in every},
        {kind: people for kind, _, _, (people, _) in every},
        {kind: excluded for kind, _, _, (_, excluded) in every},
    )


def _nodes(linked: Linked) -> pl.DataFrame:
    return linked.nodes.select("node", "entity_id", "kind", "institution", "number", "listed").collect()


def _write(folder: Path, linked: Linked, cut: Cut, shelf: Shelf) -> None:
    """Keep a snapshot, one kind after the other."""
    write_parquet(folder / "nodes.parquet", _nodes(linked))
    for kind, table, hits, (people, excluded) in _each(linked, cut, shelf):
        write_parquet(folder / f"features-{kind}.parquet", table.frame)
        # Compact: thousands of columns with an indent took longer than their table.
        write_bytes(folder / f"columns-{kind}.json", canonical_json([vars(column) for column in table.columns]))
        write_parquet(folder / f"hits-{kind}.parquet", hits)
        write_parquet(folder / f"population-{kind}.parquet", people)
        write_parquet(folder / f"excluded-{kind}.parquet", excluded)
        del table
    write_manifest(folder, {"what": "snapshot", "as_of": cut.as_of.isoformat()})


def _read(folder: Path, cut: Cut) -> Snapshot:
    def frames(name: str) -> dict[str, pl.DataFrame]:
        return {kind: pl.read_parquet(folder / f"{name}-{kind}.parquet") for kind in cut.kinds}

    tables = {kind: FeatureTable(frame, _columns(folder, kind)) for kind, frame in frames("features").items()}
    nodes = pl.read_parquet(folder / "nodes.parquet")
    return Snapshot(cut.as_of, nodes, tables, frames("hits"), frames("population"), frames("excluded"))


def _columns(folder: Path, kind: str) -> tuple[Column, ...]:
    stored = json.loads((folder / f"columns-{kind}.json").read_text(encoding="utf-8"))
    return tuple(Column(**{**part, "categories": tuple(part["categories"])}) for part in stored)
