"""The ends of big tables as whole numbers, looked up once for all snapshots of a drop."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.graph.csr import Nodes

ENDS = {"transfers": ("payer", "payee"), "calls": ("caller", "callee")}
HELD = 5_000_000  # rows of a table that are held in memory; longer ones are read from disk whenever they are asked for


def code_of(end: str) -> str:
    """The column that says by number what an end says by text."""
    return f"{end}_code"


def with_codes(rows: pl.LazyFrame, table: str) -> tuple[pl.LazyFrame, pl.Series]:
    """The table with the place of each end's text in the book beside it; and the book: all texts, each once, in order.

    Places are of the smallest unsigned type that holds them. In which order texts were met leaves no trace.
    """
    met = pl.Categorical(pl.Categories.random())
    ends = rows.select(pl.col(end).cast(met) for end in ENDS[table]).collect(engine="streaming")
    texts = pl.concat([ends[end].unique() for end in ENDS[table]]).unique().drop_nulls()
    book = texts.cast(pl.String).to_frame("text").with_columns(number=texts.to_physical()).sort("text")
    met_last = 0 if book.is_empty() else int(book["number"].to_numpy().max())
    place = np.zeros(met_last + 1, np.min_scalar_type(book.height))
    place[book["number"].to_numpy()] = np.arange(book.height)
    codes = [_looked_up(ends[end].to_physical(), place).alias(code_of(end)) for end in ENDS[table]]
    return pl.concat([rows, pl.DataFrame(codes).lazy()], how="horizontal"), book["text"]


def _looked_up(numbers: pl.Series, place: NDArray[Any]) -> pl.Series:
    codes = pl.Series(place[numbers.fill_null(0).to_numpy()])
    return codes.set(numbers.is_null(), None) if numbers.null_count() else codes


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


def large(records: Records) -> bool:
    """Whether a table of movements has more rows than are held in memory."""
    counts = [records.table(name).select(pl.len()) for name in ENDS if records.has(name)]
    return any(int(found.item()) > HELD for found in pl.collect_all(counts, engine="streaming"))


def keyed(records: Records, table: str, nodes: list[pl.Series]) -> pl.LazyFrame:
    """The table with node keys in place of texts and numbers; short tables are held, long ones stay on disk."""
    left_out = [name for end in ENDS[table] for name in (end, code_of(end))]
    rows = records.table(table).drop(left_out)
    narrow = pl.DataFrame(nodes).lazy()  # what is held; keys are long numbers only where they are asked for
    both = pl.concat([rows, narrow.select(pl.all().cast(pl.Int64))], how="horizontal")
    if len(nodes[0]) > HELD:
        return both
    return both.collect(engine="streaming").lazy()
