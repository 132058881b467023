"""What reviewers are shown of one run: tables in a folder, looked up item by item."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.board import TABLES
from fraudnet.contracts.features import Column
from fraudnet.files import write_json, write_parquet
from fraudnet.identifiers.names import fold
from fraudnet.runs.manifest import verify, write_manifest

FACTS = "facts"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Facts:
    """What is true of the whole run: its name, cut-off, language, institutions by key, reviews a day, how far data go.

    columns: the feature columns by kind. without: tables that no source brought, so that their absence says nothing.
    """

    run: str
    as_of: datetime
    language: str
    institutions: Mapping[str, tuple[str, str]]
    per_day: int
    columns: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """The tables of `contracts.board` and the facts of the run; `cases`: tables of the cases, where there are any."""

    facts: Facts
    tables: Mapping[str, pl.DataFrame]
    cases: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def items(self) -> pl.DataFrame:
        """Everything that was scored."""
        return self.tables["items"]

    @cached_property
    def queue(self) -> pl.DataFrame:
        """The items in the order in which they should be reviewed."""
        return self.items.filter(pl.col("place").is_not_null()).sort("place")

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of each item by its number."""
        return {int(node): row for row, node in enumerate(self.items["node"])}

    @cached_property
    def node_of(self) -> dict[str, int]:
        """The number of each item by its entity id and by the id that decisions name."""
        names = {str(name): int(node) for name, node in self.items.select("reference", "node").iter_rows()}
        return names | {str(name): int(node) for name, node in self.items.select("entity_id", "node").iter_rows()}

    def item(self, node: int) -> dict[str, Any] | None:
        """One item."""
        row = self.row_of.get(node)
        return None if row is None else self.items.row(row, named=True)

    def of(self, table: str, node: int, column: str = "node") -> Rows:
        """The rows of a table about one item, in the order of the table."""
        frame, starts = self._parts(table, column)
        if node not in starts:
            return []
        start, length = starts[node]
        return frame.slice(start, length).to_dicts()

    @cached_property
    def names(self) -> pl.Series:
        """The holders' names as searches compare them."""
        return self.items.select(fold(pl.col("holder_name")))["holder_name"]

    @cached_property
    def _found(self) -> dict[str, tuple[pl.DataFrame, dict[int, tuple[int, int]]]]:
        return {}

    def _parts(self, table: str, column: str) -> tuple[pl.DataFrame, dict[int, tuple[int, int]]]:
        """A table sorted by item, and where the rows of each item begin: looked up, not searched."""
        if table not in self._found:
            frame = self.tables[table].sort(column, maintain_order=True)
            runs = frame.with_row_index("_at").group_by(column).agg(pl.col("_at").min(), n=pl.len())
            self._found[table] = frame, {int(k): (int(r), int(n)) for k, r, n in runs.iter_rows()}
        return self._found[table]

    def evidence(self, node: int) -> frozenset[str]:
        """What is known about an item by name: what must change for a decided item to come back."""
        return self._evidence.get(node, frozenset())

    @cached_property
    def _evidence(self) -> dict[int, frozenset[str]]:
        known = self.tables["support"].filter(pl.col("kind").is_in(["report", "hit"]))
        named = known.group_by("node").agg(pl.concat_str("kind", pl.lit(":"), "ref_id").alias("names"))
        return {int(node): frozenset(names) for node, names in named.iter_rows()}


def write_board(folder: Path, board: Board) -> Path:
    """Write a board into a folder, the manifest last."""
    for name, schema in TABLES.items():
        write_parquet(folder / f"{name}.parquet", schema.validate(board.tables[name], cast=True))
    for name, frame in board.cases.items():
        write_parquet(folder / f"{name}.parquet", frame)
    facts = board.facts
    columns = {kind: [vars(one) for one in found.values()] for kind, found in facts.columns.items()}
    told = {**vars(facts), "as_of": facts.as_of.isoformat(), "columns": columns, "cases": sorted(board.cases)}
    write_json(folder / f"{FACTS}.json", told)
    write_manifest(folder, {"what": "review board", "run": facts.run})
    return folder


def read_board(folder: Path) -> Board:
    """Read a board. Raises IntegrityError when its bytes are not the ones that were written."""
    verify(folder)
    told = json.loads((folder / f"{FACTS}.json").read_text(encoding="utf-8"))
    cases = {name: pl.read_parquet(folder / f"{name}.parquet") for name in told.pop("cases")}
    columns = {
        kind: {one["name"]: Column(**{**one, "categories": tuple(one["categories"])}) for one in found}
        for kind, found in told.pop("columns").items()
    }
    institutions = {key: (str(kind), str(name)) for key, (kind, name) in told.pop("institutions").items()}
    moment = datetime.fromisoformat(told.pop("as_of"))
    facts = Facts(told["run"], moment, told["language"], institutions, told["per_day"], columns, tuple(told["without"]))
    return Board(facts, {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}, cases)
