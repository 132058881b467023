"""What a cut-off was made of, kept under the digest of the code that made it: its graph, and the table of each family.

After a change in one family only this family, and those that look at it in neighbours, are computed again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import SCORED_KINDS, Linked
from fraudnet.errors import FraudnetError
from fraudnet.features import families
from fraudnet.features.family import Family
from fraudnet.files import digest_of, sha256, write_json, write_parquet
from fraudnet.graph.codes import HELD
from fraudnet.graph.link import KeyedRecords
from fraudnet.runs.manifest import MANIFEST, verify, write_manifest
from fraudnet.runs.version import code_of

LAYOUT = 1  # grows when the same things would be kept differently
GRAPH = "fraudnet.graph.link"
SEEDS = "fraudnet.labels.seeds"
PARTS = ("nodes", "links", "identities", "evidence")


class Kept:
    """The graph and the families of one cut-off of one source, below a data directory."""

    def __init__(self, home: Path, source: str, as_of: datetime) -> None:
        self.as_of = as_of
        self.identity = digest_of([LAYOUT, source, as_of.isoformat(), code_of(GRAPH)])
        self.folder = home / "cache" / "families" / self.identity[:16]

    def linked(self, records: Records, make: Callable[[Records, datetime], Linked]) -> Linked:
        """The graph as it was kept, else as it is made; tables of more rows than are held in memory are not kept."""
        folder = self.folder / "graph"
        if _whole(folder):
            return _read(folder, records, self.as_of)
        linked = make(records, self.as_of)
        if not _large(records):
            _write(folder, linked)
        return linked

    def family(self, family: Family, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The table of a family as it was kept by the same code, else as it is made; of each family the last is kept.

        A file whose bytes have changed is made anew, never used.
        """
        path = self.folder / f"{family.name}.parquet"
        note, key = path.with_suffix(".json"), code_of_family(family)
        try:
            if json.loads(note.read_text(encoding="utf-8")) == {"code": key, "sha256": sha256(path)}:
                return pl.read_parquet(path)
        except (OSError, ValueError, FraudnetError):
            pass
        table = make()
        write_parquet(path, table, lasting=False)
        write_json(note, {"code": key, "sha256": sha256(path)}, lasting=False)
        return table


def code_of_family(family: Family) -> str:
    """Digest of all code that a family's table depends on beside the graph: its own, seeds', and its neighbours'."""
    told = [_own(family)]
    if family.wants("seeds"):
        told.append(code_of(SEEDS))
    if family.wants("base"):
        told += [_own(f) for f in families() if not f.graph and f.kind in SCORED_KINDS]
    return digest_of(told)


def code_of_families(names: Iterable[str]) -> str:
    """Digest of all code that the tables of these families depend on beside the graph."""
    return digest_of([code_of_family(family) for family in families(tuple(names))])


def _own(family: Family) -> str:
    return code_of(f"fraudnet.features.{family.name}")


def _large(records: Records) -> bool:
    return any(
        records.table(name).select(pl.len()).collect(engine="streaming").item() > HELD
        for name in ("transfers", "calls")
        if records.has(name)
    )


def _write(folder: Path, linked: Linked) -> None:
    for name in PARTS:
        write_parquet(folder / f"{name}.parquet", getattr(linked, name).collect(engine="streaming"), lasting=False)
    records = linked.records
    blank = records.blank if isinstance(records, KeyedRecords) else {}
    for kind, tables in (("table", records.tables), ("blank", blank)):
        for name, table in tables.items():
            path = folder / f"{kind}-{name}.parquet"
            write_parquet(path, table.collect(engine="streaming"), lasting=False)
    write_manifest(folder, {"what": "graph", "tables": list(records.tables), "blank": list(blank)})


def _read(folder: Path, records: Records, as_of: datetime) -> Linked:
    said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))

    def opened(name: str) -> pl.LazyFrame:
        return pl.scan_parquet(folder / f"{name}.parquet", glob=False)

    tables, blank = (
        {name: opened(f"{kind}-{name}") for name in said[key]}
        for kind, key in (("table", "tables"), ("blank", "blank"))
    )
    told = (records.dated, records.outcome_extras, records.allowed_extras)
    keyed = KeyedRecords(tables, *told, blank=blank)
    nodes, links, identities, evidence = (opened(name) for name in PARTS)
    return Linked(as_of, nodes, links, keyed, identities, evidence)


def _whole(folder: Path) -> bool:
    if not (folder / MANIFEST).exists():
        return False
    try:
        verify(folder)
    except FraudnetError:
        return False
    return True
