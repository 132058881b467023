"""What every reader gives: the columns of a file, then its rows in pieces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.near import near

ROW = "__row"  # number of the row inside the file, from 1, the header and blank lines not counted
# A file without a header shows its first row as names: only what can hardly be somebody's number may be repeated.
PLAIN = re.compile(r"(?!.*[0-9]{5})[A-Za-z_][A-Za-z0-9_ ]*")
BATCH_ROWS = 500_000
MAX_COLUMNS = 4_000
BROKEN = {"row": pl.Int64(), "rule": pl.String(), "raw": pl.String()}


@dataclass(frozen=True)
class Options:
    """How one file is written down."""

    encoding: str = "utf-8"
    separator: str = ","
    sheet: str | None = None
    header: int = 1  # the line of the headings, from 1; what stands above it is never read as data
    header_rows: int = 1  # over how many rows the headings go; workbooks only


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
    titles: tuple[str, ...] = ()  # the lines above the headings


Reader = Callable[[Path, str, Options], Raw]


def broken_rows(rows: Sequence[tuple[int, str, str]]) -> pl.DataFrame:
    """Rows that are no rows: number, what is wrong, text."""
    return pl.DataFrame(list(rows), schema=BROKEN, orient="row")


def check_header(names: Sequence[str], where: str) -> None:
    """Raise InputError when names repeat, are empty or are too many; it tells their places, never their text."""
    if len(names) > MAX_COLUMNS:
        raise InputError(
            "{where}: {count:,} columns; expected at most {most:,}; split the file",
            where=where,
            count=len(names),
            most=MAX_COLUMNS,
        )
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if not name.strip() or name == ROW:
            raise InputError(
                "{where}: column {place} has no name; expected one name per column in the first row",
                where=where,
                place=place,
            )
        if name in seen:
            raise InputError(
                "{where}: columns {first} and {place} have the same name; expected different names in the "
                "first row; rename one of them, or add the header if it is missing",
                where=where,
                first=seen[name],
                place=place,
            )
        seen[name] = place


def check_columns(wanted: Sequence[str], schema: Mapping[str, pl.DataType], where: str) -> None:
    """Raise InputError naming every column that the mapping names and the file lacks, with near names.

    Names of the file are told only when they are near and plain words: the first row may hold personal values.
    """
    missing = [name for name in wanted if name not in schema]
    if missing:
        plain = [name for name in schema if PLAIN.fullmatch(name)]
        told = ", ".join(f"{name!r}{near(name, plain, listed=False)}" for name in missing[:8])
        raise InputError(
            "{where}: the mapping names columns that the file lacks: {told}; correct one of them",
            where=where,
            told=told,
        )
