"""Small drops for the tests of the graph: rows as dictionaries, everything else filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from fraudnet.contracts.drop import RECORDS, Records

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def day(n: float) -> datetime:
    return T0 + timedelta(days=n)


def table(name: str, rows: list[dict]) -> pl.LazyFrame:
    schema = RECORDS[name].create_empty().schema
    filled = [{"source": "s", "row_id": f"{name}:{i}", "known_at": T0, **row} for i, row in enumerate(rows)]
    return pl.DataFrame(filled, schema=schema).lazy() if filled else RECORDS[name].create_empty().lazy()


def drop(**rows: list[dict]) -> Records:
    return Records({name: table(name, given) for name, given in rows.items()})
