"""The families of one cut-off: each as it was kept, and computed only where it would say something else.

A family that looks at neighbours is made of what it sees there, column by column, whatever code says it: of its own
columns only those are computed again that rest on one that has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import polars as pl

from fraudnet.contracts.graph import SCORED_KINDS, Linked
from fraudnet.features import families
from fraudnet.features.compute import FeatureTable
from fraudnet.features.family import Family, Inputs, schema_columns
from fraudnet.features.shape import side_by_side
from fraudnet.files import digest_of
from fraudnet.labels.seeds import seeds
from fraudnet.pipeline.batch.pieces import Pieces
from fraudnet.runs.version import code_of

SEEDS = "fraudnet.labels.seeds"
Base = dict[str, pl.DataFrame]


@dataclass
class Tables:
    """The tables of some families of a linked snapshot; of each family the last is kept among the pieces.

    A file whose bytes have changed is made anew, never used. What was computed is held in memory until it is assembled.
    """

    pieces: Pieces
    linked: Linked
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    _notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _held: dict[str, pl.DataFrame] = field(default_factory=dict)
    _base: Base = field(default_factory=dict)  # what neighbours are asked about, while it is needed

    def settle(self) -> None:
        """Compute every plain family that is not there as it would be computed now; `made_of` adds the others."""
        inputs = self._fresh_inputs()
        for family in seen_in_neighbours() if any(f.wants("base") for f in self._chosen) else ():
            self._settle(family, inputs)
        for family in self._chosen:
            if not family.graph:
                self._settle(family, inputs)

    def made_of(self, kind: str) -> str:
        """Digest of all that the assembled table of a kind is made of, once its families that read the graph are there.

        One kind after the other is asked for, when the plain families are settled.
        """
        inputs = self._fresh_inputs()
        mine = [f for f in self._chosen if f.kind == kind]
        for family in mine:
            if family.graph:
                self._settle(family, inputs)
        notes = [(f.name, self._notes[f.name]) for f in mine]
        return digest_of([code_of(__name__), [(name, note["sha256"], note["meant"]) for name, note in notes]])

    def assembled(self, kind: str) -> FeatureTable:
        """The features of the listed of a kind, and what they mean."""
        mine = [f for f in self._chosen if f.kind == kind]
        inputs = replace(self._inputs, base={kind: pl.DataFrame(schema=self._known(kind)) for kind in SCORED_KINDS})
        columns = tuple(column for f in mine for column in f.describe(inputs))
        listed = self._nodes.filter((pl.col("kind") == kind) & pl.col("listed"))["node"]
        tables = [self._held.pop(f.name) if f.name in self._held else self._table(f.name) for f in mine]
        return FeatureTable(side_by_side(listed, tables).select("node", *(c.name for c in columns)), columns)

    def _settle(self, family: Family, inputs: Callable[[], Inputs]) -> None:
        """Find a family as it was kept, or compute it, whole or where something was changed."""
        if family.name in self._notes:
            return
        key = _key(family)
        note = self.pieces.note(family.name)
        seen: dict[str, str] = note.get("seen", {})
        changed = {name for name, digest in seen.items() if self._seen.get(name) != digest}
        if note.get("key") != key:
            table, more = self._computed(family, inputs())
        elif changed:
            self._base.update({kind: self._joined(kind, changed) for kind in SCORED_KINDS})
            fresh = family.compute(inputs()).collect(engine="streaming").drop("node")
            self._base.clear()
            table = self.pieces.read(family.name, note["sha256"]).with_columns(fresh.get_columns())
            more = {"seen": {name: self._seen[name] for name in seen}, "meant": note["meant"]}
        else:
            self._notes[family.name] = note
            return
        self._notes[family.name] = self.pieces.keep(family.name, key, table, **more)
        self._held[family.name] = table

    def _computed(self, family: Family, inputs: Inputs) -> tuple[pl.DataFrame, dict[str, Any]]:
        """A family's whole table, sorted, and what is noted of it.

        meant: digest of what its columns mean; columns: digests of these, of plain families; seen: of those looked at.
        """
        around = family.wants("base")
        if around and not self._base:
            self._base.update({kind: self._joined(kind, None) for kind in SCORED_KINDS})
        table = family.compute(inputs).collect(engine="streaming")
        table = table if table["node"].is_sorted() else table.sort("node")
        columns = family.describe(inputs)
        noted: dict[str, Any] = {"meant": digest_of([vars(column) for column in columns])}
        if around:
            noted["seen"] = {column.base: self._seen[column.base] for column in columns}
        elif not family.graph:
            noted["columns"] = digests(table)
        return table, noted

    @cached_property
    def _seen(self) -> dict[str, str]:
        """By name of a plain column its digest; of all where several kinds have one of that name."""
        found: dict[str, list[str]] = {}
        for family in seen_in_neighbours():
            for name, digest in self._notes[family.name]["columns"].items():
                found.setdefault(name, []).append(digest)
        return {name: "".join(some) for name, some in found.items()}

    def _joined(self, kind: str, names: Collection[str] | None) -> pl.DataFrame:
        """Plain features of every node of a kind, those of some names or all of them."""
        tables = []
        for family in seen_in_neighbours():
            wanted = [c for c in self._notes[family.name]["columns"] if names is None or c in names]
            if family.kind == kind and wanted:
                tables.append(self._table(family.name, ["node", *wanted]))
        return side_by_side(self._nodes.filter(pl.col("kind") == kind)["node"], tables)

    def _table(self, name: str, columns: list[str] | None = None) -> pl.DataFrame:
        if name in self._held:
            return self._held[name] if columns is None else self._held[name].select(columns)
        return self.pieces.read(name, self._notes[name]["sha256"], columns)

    def _known(self, kind: str) -> dict[str, pl.DataType]:
        """The names of the plain columns of a kind."""
        mine = [f.name for f in seen_in_neighbours() if f.kind == kind and f.name in self._notes]
        return {column: pl.Float64() for name in mine for column in self._notes[name]["columns"]}

    @cached_property
    def _chosen(self) -> tuple[Family, ...]:
        return tuple(f for f in families(self.names) if f.kind in self.kinds)

    @cached_property
    def _nodes(self) -> pl.DataFrame:
        return self.linked.nodes.collect(engine="streaming").sort("node")

    @cached_property
    def _inputs(self) -> Inputs:
        linked = self.linked
        return Inputs(linked.records, self._nodes, linked.links, seeds(linked), self._base, linked.as_of)

    def _fresh_inputs(self) -> Callable[[], Inputs]:
        """Inputs made when first asked for: what families leave in them, such as graphs, goes with them."""
        return cache(lambda: replace(self._inputs))


def seen_in_neighbours() -> tuple[Family, ...]:
    """The families whose columns are looked at in neighbours: the plain ones of every kind."""
    return tuple(f for f in families() if not f.graph and f.kind in SCORED_KINDS)


def code_of_family(family: Family) -> str:
    """Digest of all code that a family's table depends on beside the graph: its own, seeds', and its neighbours'."""
    return digest_of([_code(family), *(_own(f) for f in _looked_at(family))])


def code_of_families(names: Iterable[str]) -> str:
    """Digest of all code that the tables of these families depend on beside the graph."""
    return digest_of([code_of_family(family) for family in families(tuple(names))])


def digests(table: pl.DataFrame) -> dict[str, str]:
    """Digest of the numbers of each column beside `node`; the rows are in order of their nodes."""
    return {name: hashlib.sha256(_bytes(table[name])).hexdigest()[:32] for name in table.columns if name != "node"}


def _bytes(column: pl.Series) -> bytes:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64).fill_null(float("nan")).to_numpy().tobytes()
    return column.to_frame().write_csv().encode()


def _key(family: Family) -> str:
    """The code of a family, and of those that it looks at in neighbours what their columns mean."""
    return digest_of([_code(family), [(f.name, _meant(f)) for f in _looked_at(family)]])


def _looked_at(family: Family) -> tuple[Family, ...]:
    return seen_in_neighbours() if family.wants("base") else ()


def _meant(family: Family) -> object:
    """What a family's columns mean, which says whether neighbours' means are taken; else the code that tells it."""
    return [vars(column) for column in schema_columns(family)] if family.schema is not None else _own(family)


def _code(family: Family) -> str:
    return digest_of([_own(family), code_of(SEEDS) if family.wants("seeds") else ""])


def _own(family: Family) -> str:
    return code_of(f"fraudnet.features.{family.name}")
