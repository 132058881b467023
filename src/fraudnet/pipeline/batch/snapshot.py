"""One cut-off: the graph, the features and the typology hits of everything before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.progress import Progress
from fraudnet.errors import FraudnetError
from fraudnet.expressions import local_day
from fraudnet.features import FAMILIES, families
from fraudnet.features.compute import FeatureTable, each_table
from fraudnet.files import digest_of
from fraudnet.graph.link import link
from fraudnet.labels.population import population
from fraudnet.labels.seeds import seeds
from fraudnet.pipeline.batch.kept import Kept
from fraudnet.pipeline.batch.pieces import Pieces, opened
from fraudnet.pipeline.batch.tables import Tables, code_of_families
from fraudnet.pipeline.reading.source import Source
from fraudnet.runs.manifest import read_manifest, write_manifest
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings
from fraudnet.typologies import TYPOLOGIES
from fraudnet.typologies.detect import detect

LAYOUT = 2  # grows when the same things would be kept differently
PEOPLE = ("population", "excluded")


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


@dataclass(frozen=True)
class Wanted:
    """What is read of a snapshot: which kinds, all unless said, and whether nodes, features and hits are needed."""

    kinds: tuple[str, ...] = ()
    features: bool = True


ALL = Wanted()


def take(source: Source, cut: Cut, settings: Settings, progress: Progress, wanted: Wanted = ALL) -> Snapshot:
    """The snapshot of a cut, or what is wanted of it, made or taken from the cache."""
    found = kept_snapshot(source, cut, settings, wanted)
    if found is not None:
        return found
    make(source, cut, settings, progress)
    return _read(_place(source, cut, settings), cut, wanted)


def make(source: Source, cut: Cut, settings: Settings, progress: Progress) -> None:
    """Put together what is not there as it would be made now, one kind after the other; the last of a cut is kept."""
    folder, step = _place(source, cut, settings), f"snapshot {local_day(cut.as_of)}"
    progress(step, 0, 2)
    kept = Kept(settings.home, source.digest, cut.as_of)
    tables = Tables(Pieces(kept.folder), kept.linked(source.records, link), cut.kinds, cut.family_names())
    tables.settle()
    progress(step, 1, 2)
    pieces = Pieces(folder)
    _keep_nodes(pieces, kept.identity, tables.linked)
    for kind in cut.kinds:
        _keep_kind(pieces, kept.identity, tables, kind)
    write_manifest(folder, {"what": "snapshot", "as_of": cut.as_of.isoformat(), "code": _code(cut)})
    progress(step, 2, 2)


def kept_snapshot(source: Source, cut: Cut, settings: Settings, wanted: Wanted = ALL) -> Snapshot | None:
    """The snapshot of a cut from the cache, its bytes checked; None where it is not there, damaged or of other code."""
    try:
        return _read(_place(source, cut, settings), cut, wanted) if made(source, cut, settings) else None
    except FraudnetError:  # what is damaged is made anew, never used
        return None


def made(source: Source, cut: Cut, settings: Settings) -> bool:
    """Whether the snapshot of a cut was made by the code of today."""
    try:
        return read_manifest(_place(source, cut, settings)).get("code") == _code(cut)
    except FraudnetError:
        return False


def _place(source: Source, cut: Cut, settings: Settings) -> Path:
    identity = [LAYOUT, source.digest, cut.as_of.isoformat(), cut.kinds, cut.family_names(), settings.hub_degree]
    return settings.home / "cache" / "snapshots" / digest_of(identity)[:16]


def _code(cut: Cut) -> str:
    """Digest of all code that a snapshot depends on."""
    return digest_of([code_of(__name__), code_of_families(cut.family_names()), _patterns()])


def _patterns() -> str:
    return code_of("fraudnet.typologies.detect", *(f"fraudnet.typologies.{name}" for name in TYPOLOGIES))


OfKind = tuple[str, FeatureTable, pl.DataFrame, tuple[pl.DataFrame, pl.DataFrame]]


def described(source: Source, cut: Cut, settings: Settings, linked: Callable[[], Linked]) -> Iterator[OfKind]:
    """Kind, features, hits, and population with who is left out, as a training left them, else from the linked graph.

    One kind after the other: who lets go of each holds no two of them in memory.
    """
    if kept_snapshot(source, cut, settings, Wanted(cut.kinds[:1])) is not None:
        for kind in cut.kinds:
            kept = kept_snapshot(source, cut, settings, Wanted((kind,)))
            assert kept is not None  # noqa: S101
            yield kind, kept.features[kind], kept.hits[kind], (kept.population[kind], kept.excluded[kind])
        return
    yield from _each(linked(), cut)


def _each(linked: Linked, cut: Cut) -> Iterator[OfKind]:
    for kind, table in each_table(linked, cut.kinds, seeds(linked), cut.family_names()):
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


def _keep_nodes(pieces: Pieces, graph: str, linked: Linked) -> None:
    key = digest_of([graph, code_of(__name__)])
    if not pieces.has("nodes", key):
        pieces.keep("nodes", key, _nodes(linked))


def _keep_kind(pieces: Pieces, graph: str, tables: Tables, kind: str) -> None:
    """Keep what there is of a kind, each piece under what it is made of; graph: the identity of the linked graph."""
    whole = tables.made_of(kind)
    keys = {"features": whole, "hits": digest_of([whole, _patterns()])}
    table = None
    if not all(pieces.has(f"{name}-{kind}", key) for name, key in keys.items()):
        table = tables.assembled(kind)
        columns = [vars(column) for column in table.columns]
        pieces.keep(f"features-{kind}", keys["features"], table.frame, columns=columns)
        pieces.keep(f"hits-{kind}", keys["hits"], detect(table.frame, kind))
        del table
    key = digest_of([graph, code_of("fraudnet.labels.population")])
    if not all(pieces.has(f"{name}-{kind}", key) for name in PEOPLE):
        for name, found in zip(PEOPLE, population(tables.linked, kind), strict=True):
            pieces.keep(f"{name}-{kind}", key, found)


def _read(folder: Path, cut: Cut, wanted: Wanted) -> Snapshot:
    """What is wanted of a snapshot. Raises IntegrityError where the bytes of a file are not those of the manifest."""
    outputs = read_manifest(folder)["outputs"]

    def bytes_of(name: str) -> bytes:
        return opened(folder / name, outputs.get(name, {}).get("sha256", ""))

    def frames(name: str, asked: bool = True) -> dict[str, pl.DataFrame]:
        kinds = (wanted.kinds or cut.kinds) if asked else ()
        return {kind: pl.read_parquet(bytes_of(f"{name}-{kind}.parquet")) for kind in kinds}

    tables = {
        kind: FeatureTable(frame, _columns(bytes_of(f"features-{kind}.json")))
        for kind, frame in frames("features", wanted.features).items()
    }
    nodes = pl.read_parquet(bytes_of("nodes.parquet")) if wanted.features else pl.DataFrame()
    hits = frames("hits", wanted.features)
    return Snapshot(cut.as_of, nodes, tables, hits, frames("population"), frames("excluded"))


def _columns(note: bytes) -> tuple[Column, ...]:
    return tuple(Column(**{**part, "categories": tuple(part["categories"])}) for part in json.loads(note)["columns"])
