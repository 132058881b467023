"""The ends of big tables as whole numbers, looked up once for all snapshots of a drop."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.graph.csr import Nodes

ENDS = {"transfers": ("payer", "payee"), "calls": ("caller", "callee")}
HELD = 5_000_000  # rows of a table that are held in memory; longer ones are read from disk whenever they are asked for


def code_of(end: str) -> str:
    """The column that says by number what an end says by text."""
    return f"{end}_code"


def book_of(rows: pl.LazyFrame, table: str) -> pl.Series:
    """All texts at the ends of a table, each once, in order."""
    every = pl.concat([rows.select(pl.col(end).alias("text")) for end in ENDS[table]])
    return every.unique().collect(engine="streaming").to_series().drop_nulls().sort()


def with_codes(rows: pl.LazyFrame, table: str, book: pl.Series) -> pl.LazyFrame:
    """The table with the place of each end's text in the book (UInt32) beside it."""
    if book.is_empty():
        return rows.with_columns(pl.lit(None, pl.UInt32).alias(code_of(end)) for end in ENDS[table])
    known = pl.Enum(book)
    return rows.with_columns(pl.col(end).cast(known).to_physical().alias(code_of(end)) for end in ENDS[table])


def coded(records: Records, table: str) -> bool:
    """Whether a table's ends are numbers as well."""
    if table not in records.books or not records.has(table):
        return False
    return code_of(ENDS[table][0]) in records.table(table).collect_schema().names()


def codes(records: Records, table: str) -> pl.DataFrame:
    """The numbers of both ends, and the moment, of every row of a table."""
    names = [code_of(end) for end in ENDS[table]]
    return records.table(table).select("at", *names).collect(engine="streaming")


def as_places(codes: pl.Series) -> Nodes:
    """Numbers as places in the book; -1 where a row names nobody."""
    return codes.cast(pl.Int32).fill_null(-1).to_numpy().astype(np.int32)


def keyed(records: Records, table: str, nodes: list[pl.Series]) -> pl.LazyFrame:
    """The table with node keys in place of texts and numbers; short tables are held, long ones stay on disk."""
    left_out = [name for end in ENDS[table] for name in (end, code_of(end))]
    rows = records.table(table).drop(left_out)
    both = pl.concat([rows, pl.DataFrame(nodes).lazy()], how="horizontal")
    if len(nodes[0]) > HELD:
        return both
    return both.collect(engine="streaming").lazy()
