"""The shape of rows that are picked as evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.drop import Records

Evidence = Callable[[Records, pl.LazyFrame, pl.LazyFrame], pl.LazyFrame]
OTHER_SIDE = "other_row_id"
SHAPE: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "node": pl.Int64, "table": pl.String, "row_id": pl.String, "also_row_id": pl.String, "at": INSTANT,
    "what": pl.String,
}  # fmt: skip


def rows_of(rows: pl.LazyFrame, table: str, what: str, at: str = "at") -> pl.LazyFrame:
    """Rows with `node` and `row_id` as evidence of one thing: node, table, row_id, also_row_id, at, what."""
    known = rows.collect_schema().names()
    told = {"table": pl.lit(table), "also_row_id": pl.lit(None), "at": pl.lit(None), "what": pl.lit(what)}
    if OTHER_SIDE in known:
        told["also_row_id"] = pl.col(OTHER_SIDE)
    if at in known:
        told["at"] = pl.col(at)
    return rows.select("node", "row_id", **told).select(pl.col(c).cast(dtype) for c, dtype in SHAPE.items())


def before(days: int | None) -> pl.Expr:
    """Whether `at` lies in so many days before `as_of`; always without days."""
    return pl.lit(True) if days is None else pl.col("at") >= pl.col("as_of") - pl.duration(days=days)


def together(*parts: pl.LazyFrame) -> pl.LazyFrame:
    """All rows that several pickers found."""
    return pl.concat(parts)
