"""The ends of big tables as whole numbers, looked up once for all snapshots of a drop."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.graph import pairing
from fraudnet.graph.csr import Nodes
from fraudnet.graph.interning import Met, Numbers

ENDS = {"transfers": ("payer", "payee"), "calls": ("caller", "callee")}
SEEDS = (17, 31)
HELD = 5_000_000  # rows of a table that are held in memory; longer ones are read from disk whenever they are asked for


def code_of(end: str) -> str:
    """The column that says by number what an end says by text."""
    return f"{end}_code"


def with_codes(rows: pl.LazyFrame, table: str) -> tuple[pl.LazyFrame, pl.Series]:
    """The table with the place of each end's text in the book beside it; and the book: all texts, each once, in order.

    Places are of the smallest unsigned type that holds them. In which order texts were met leaves no trace. Texts are
    compared by two independent 64-bit hashes: one chance in 10^25 to take two for one among 10 million.
    """
    ends, met = ENDS[table], Met()
    both = [pl.col(end).hash(seed).alias(f"{end}{seed}") for end in ends for seed in SEEDS]
    hashes = rows.select(both).collect(engine="streaming")
    numbers, texts = [], []
    for end in ends:
        since = met.known
        first, second = (hashes[f"{end}{seed}"].to_numpy() for seed in SEEDS)
        numbers.append(met.numbers(first, second))
        brought = pairing.texts(rows, met.rows(since), hashes.height, (end,))
        texts.append(brought.select(text=end))
    book = pl.concat(texts).with_row_index("number").drop_nulls().sort("text")
    place = np.zeros(met.known, np.min_scalar_type(book.height))
    place[book["number"].to_numpy()] = np.arange(book.height)
    nobody = pl.concat(texts)["text"].is_null().arg_true()
    codes = [_looked_up(found, place, nobody).alias(code_of(end)) for end, found in zip(ends, numbers, strict=True)]
    return pl.concat([rows, pl.DataFrame(codes).lazy()], how="horizontal"), book["text"]


def in_words(end: str, book: pl.Series) -> pl.Expr:
    """The text of an end, of its number."""
    return pl.col(code_of(end)).map_batches(book.gather, return_dtype=pl.String, is_elementwise=True)


def _looked_up(numbers: Numbers, place: NDArray[Any], nobody: pl.Series) -> pl.Series:
    """The place of each number; null where it is that of no text."""
    codes = pl.Series(place[numbers])
    return codes.set(pl.Series(numbers == nobody[0]), None) if len(nobody) else codes


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


def between(records: Records, table: str, texts: pl.Series) -> pl.LazyFrame:
    """The rows of a table of which an end is one of some texts; by number where ends are numbers as well."""
    some, ends = texts.unique(), [pl.col(end) for end in ENDS[table]]
    if coded(records, table):
        some = records.books[table].is_in(some.implode()).arg_true()
        ends = [pl.col(code_of(end)) for end in ENDS[table]]
    return records.table(table).filter(pl.any_horizontal(end.is_in(some.implode()) for end in ends))
