"""The graph of a cut-off, kept under the digest of the code that made it; what is made of it is kept beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Linked
from fraudnet.errors import FraudnetError
from fraudnet.files import digest_of, write_parquet
from fraudnet.graph.codes import large
from fraudnet.graph.link import KeyedRecords
from fraudnet.runs.manifest import MANIFEST, verify, write_manifest
from fraudnet.runs.version import code_of

LAYOUT = 2  # grows when the same things would be kept differently
GRAPH = "fraudnet.graph.link"
PARTS = ("nodes", "links", "identities", "evidence")


class Kept:
    """The graph of one cut-off of one source, and the folder for all that is made of it, below a data directory."""

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
        if not large(records):
            _write(folder, linked)
        return linked


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
