"""A graph of a handful of entities, written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.graph import IdentityMap, Link, Linked, Node
from fraudnet.expressions import known_before

T0 = datetime(2026, 3, 31, 17, tzinfo=UTC)  # 2026-04-01 00:00 in Vietnam


def day(n: float) -> datetime:
    """n days after T0."""
    return T0 + timedelta(days=n)


@dataclass
class Tiny:
    """Collects nodes, links and judgements, then builds the snapshot known before a moment."""

    dated: bool = True
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: list[tuple[str, str, str]] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, *entities: str, **facts: Any) -> Tiny:
        for entity in entities:
            self.nodes[entity] = {"listed": True, **facts}
        return self

    def link(self, source: str, target: str, kind: str = "uses") -> Tiny:
        self.links.append((source, target, kind))
        return self

    def decide(self, entity: str, outcome: str, at: datetime, **facts: Any) -> Tiny:
        usual = {"decided_at": at, "known_at": at, "decided_by": "police", "basis": "police_file"}
        return self._row("dispositions", entity, {**usual, "outcome": outcome, **facts})

    def report(self, entity: str, at: datetime, **facts: Any) -> Tiny:
        usual = {"at": at, "known_at": at, "reporter": "victim", "report_id": str(len(self.rows.get("reports", [])))}
        return self._row("reports", entity, {**usual, **facts})

    def split(self, entity: str, fold: str) -> Tiny:
        return self._row("splits", entity, {"fold": fold, "known_at": day(-900)})

    def _row(self, table: str, entity: str, facts: dict[str, Any]) -> Tiny:
        rows = self.rows.setdefault(table, [])
        rows.append({"source": "test", "row_id": f"r:{len(rows)}", "entity": entity, **facts})
        return self

    def build(self, as_of: datetime) -> Linked:
        ids = sorted(self.nodes)
        key = {entity: node for node, entity in enumerate(ids)}
        nodes = [
            {"node": key[e], "entity_id": e, "kind": e.split(":")[0], **self.nodes[e]}
            | ({"holder": key[self.nodes[e]["holder"]]} if self.nodes[e].get("holder") else {})
            for e in ids
        ]
        links = [
            {"source": key[s], "target": key[t], "kind": k, "directed": False, "n": 1, "amount": 0, "weight": 1.0}
            for s, t, k in self.links
        ]
        tables = {name: _table(name, rows, key) for name, rows in self.rows.items()}
        return Linked(
            as_of,
            _shaped(Node, nodes).lazy(),
            _shaped(Link, links).lazy(),
            known_before(Records({n: f.lazy() for n, f in tables.items()}, dated=self.dated), as_of),
            IdentityMap.create_empty().lazy(),
        )


def _shaped(schema: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = schema.column_names()
    wide = [{name: row.get(name) for name in names} for row in rows]
    return schema.validate(pl.DataFrame(wide, infer_schema_length=None), cast=True) if wide else schema.create_empty()


def _table(name: str, rows: list[dict[str, Any]], key: dict[str, int]) -> pl.DataFrame:
    plain = _shaped(RECORDS[name], rows)
    return plain.with_columns(entity=pl.Series([key[row["entity"]] for row in rows], dtype=pl.Int64))
