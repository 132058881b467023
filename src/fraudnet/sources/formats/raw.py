"""What every reader gives: the columns of a file, then its rows in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.near import near

ROW = "__row"  # number of the row inside the file, from 1, the header and blank lines not counted
BATCH_ROWS = 500_000
MAX_COLUMNS = 4_000
BROKEN = {"row": pl.Int64(), "rule": pl.String(), "raw": pl.String()}


@dataclass(frozen=True)
class Options:
    """How one file is written down."""

    encoding: str = "utf-8"
    separator: str = ","
    sheet: str | None = None


@dataclass(frozen=True)
class Batch:
    """Consecutive rows: those that could be told apart, and those that could not, with their text."""

    rows: pl.DataFrame
    broken: pl.DataFrame


@dataclass(frozen=True)
class Raw:
    """An opened file; `batches` takes the columns that are wanted and gives rows with their number in `__row`."""

    schema: Mapping[str, pl.DataType]
    batches: Callable[[Sequence[str]], Iterator[Batch]]


Reader = Callable[[Path, str, Options], Raw]


def broken_rows(rows: Sequence[tuple[int, str, str]]) -> pl.DataFrame:
    """Rows that are no rows: number, what is wrong, text."""
    return pl.DataFrame(list(rows), schema=BROKEN, orient="row")


def check_header(names: Sequence[str], where: str) -> None:
    """Raise InputError when names repeat, are empty or are too many."""
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{where}: {len(names):,} columns; expected at most {MAX_COLUMNS:,}; split the file")
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        if not name.strip() or name == ROW:
            raise InputError(f"{where}: column {place} has no name; expected one name per column in the first row")
        if name in seen:
            raise InputError(f"{where}: two columns are called {name!r}; expected different names; rename one of them")
        seen.add(name)


def check_columns(wanted: Sequence[str], schema: Mapping[str, pl.DataType], where: str) -> None:
    """Raise InputError naming every column that the mapping names and the file lacks, with near names."""
    missing = [name for name in wanted if name not in schema]
    if missing:
        told = ", ".join(f"{name!r}{near(name, schema)}" for name in missing[:8])
        raise InputError(f"{where}: the mapping names columns that the file lacks: {told}; correct one of them")
