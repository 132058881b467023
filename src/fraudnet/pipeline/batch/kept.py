"""What a cut-off was made of, kept under the digest of the code that made it: its graph, and the table of each family.

After a change in one family only this family is computed again, and those that look at it in neighbours only where what
it says has changed as well.
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
from fraudnet.features.family import Family, schema_columns
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
        self._said: dict[str, str] = {}  # digests of the tables that were asked for

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
        """The table of a family as it was kept, else as it is made; of each family the last is kept.

        A file whose bytes have changed is made anew, never used.
        """
        path = self.folder / f"{family.name}.parquet"
        note, key = path.with_suffix(".json"), self._key(family)
        try:
            self._said[family.name] = sha256(path)
            if json.loads(note.read_text(encoding="utf-8")) == {"key": key, "sha256": self._said[family.name]}:
                return pl.read_parquet(path)
        except (OSError, ValueError, FraudnetError):
            pass
        table = make()
        write_parquet(path, table, lasting=False)
        self._said[family.name] = sha256(path)
        write_json(note, {"key": key, "sha256": self._said[family.name]}, lasting=False)
        return table

    def _key(self, family: Family) -> str:
        """The code of a family, and of those that it looks at in neighbours what they say, whatever code says it."""
        seen = [(f.name, self._said[f.name], _meant(f)) for f in _seen_by(family)]
        return digest_of([_code(family), seen])


def code_of_family(family: Family) -> str:
    """Digest of all code that a family's table depends on beside the graph: its own, seeds', and its neighbours'."""
    return digest_of([_code(family), *(_own(f) for f in _seen_by(family))])


def code_of_families(names: Iterable[str]) -> str:
    """Digest of all code that the tables of these families depend on beside the graph."""
    return digest_of([code_of_family(family) for family in families(tuple(names))])


def _seen_by(family: Family) -> tuple[Family, ...]:
    """The families that one looks at in neighbours; all of them are made before it."""
    return tuple(f for f in families() if not f.graph and f.kind in SCORED_KINDS) if family.wants("base") else ()


def _meant(family: Family) -> object:
    """What a family's columns mean, which says whether neighbours' means are taken; else the code that tells it."""
    return [vars(column) for column in schema_columns(family)] if family.schema is not None else _own(family)


def _code(family: Family) -> str:
    return digest_of([_own(family), code_of(SEEDS) if family.wants("seeds") else ""])


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
