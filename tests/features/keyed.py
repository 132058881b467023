"""Small keyed records and nodes written by hand, without linking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.graph import Link, Linked, Node, Seed
from fraudnet.features.compute import feature_table

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = {
    "accounts": ("entity", "holder"),
    "sims": ("entity", "holder"),
    "identities": ("entity",),
    "uses": ("entity", "device"),
    "sim_events": ("entity",),
    "account_events": ("entity",),
    "transfers": ("payer", "payee"),
    "cash": ("entity",),
    "calls": ("caller", "callee"),
    "reports": ("entity",),
    "holdings": ("holder", "thing"),
    "adverts": (),
}


def ago(minutes: float) -> datetime:
    """A moment that many minutes before the snapshot."""
    return AS_OF - timedelta(minutes=minutes)


def keyed(name: str, rows: Sequence[dict[str, Any]]) -> pl.LazyFrame:
    """A linked table: the contract's columns, node keys where it names entities, extras at the end."""
    kinds = dict(RECORDS[name].create_empty().schema) | {key: pl.Int64() for key in KEYS.get(name, ())}
    filled = [{"source": "s", "row_id": f"{i}", "known_at": r.get("at", ago(1)), **r} for i, r in enumerate(rows)]
    extras = sorted({key for row in filled for key in row if key not in kinds})
    frame = pl.DataFrame(filled, infer_schema_length=None) if filled else pl.DataFrame()
    shaped = [(pl.col(c) if c in frame.columns else pl.lit(None)).cast(k).alias(c) for c, k in kinds.items()]
    return frame.lazy().select(*shaped, *extras) if filled else RECORDS[name].create_empty().with_columns(
        [pl.lit(None, dtype=pl.Int64).alias(key) for key in KEYS.get(name, ())]
    ).lazy()  # fmt: skip


def nodes(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Nodes from 0 in the order given; kind account and listed unless said otherwise."""
    filled = [
        {"node": i, "entity_id": f"{r.get('kind', 'account')}:{i:06d}", "kind": "account", "listed": True, **r}
        for i, r in enumerate(rows)
    ]
    frame = pl.DataFrame(filled, infer_schema_length=None)
    shape = Node.create_empty().schema
    return frame.select(
        [(pl.col(c) if c in frame.columns else pl.lit(None)).cast(k).alias(c) for c, k in shape.items()]
    )


def linked(
    people: Sequence[dict[str, Any]], records: Records | None = None, **tables: Sequence[dict[str, Any]]
) -> Linked:
    """A snapshot of these nodes and tables."""
    found = records or Records({name: keyed(name, rows) for name, rows in tables.items()})
    return Linked(AS_OF, nodes(people).lazy(), Link.create_empty().lazy(), found, pl.LazyFrame())


def row(
    family: str, people: Sequence[dict[str, Any]], node: int = 0, **tables: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The features of one node by one family."""
    kind = people[node].get("kind", "account")
    frame = feature_table(linked(people, **tables), kind, Seed.create_empty(), (family,)).frame
    return frame.filter(pl.col("node") == node).row(0, named=True)


def rows(family: str, people: Sequence[dict[str, Any]], **tables: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The features of all accounts by one family, in order of node."""
    return feature_table(linked(people, **tables), "account", Seed.create_empty(), (family,)).frame.rows(named=True)
