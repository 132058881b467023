"""JSON Lines for machines: one entry a line, every column of the contract."""

from __future__ import annotations

import json
from pathlib import Path

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.results import ListEntry
from fraudnet.files import write_bytes
from fraudnet.lists.contract import contract_problems
from fraudnet.lists.format import EVERY_ENTRY, EVERYBODY, ListFormat, Problem
from fraudnet.lists.header import ListHeader

MOMENT, DAY = "%Y-%m-%dT%H:%M:%S%.6fZ", "%Y-%m-%d"


def write(entries: dy.DataFrame[ListEntry], path: Path, header: ListHeader) -> tuple[Path, ...]:
    """Write the entries in the columns and order of the contract, moments in UTC."""
    worded = entries.lazy().with_columns(
        as_of=pl.col("as_of").dt.strftime(MOMENT), expires_on=pl.col("expires_on").dt.strftime(DAY)
    )
    write_bytes(path, worded.collect().write_ndjson().encode())
    return (path,)


def read(path: Path) -> pl.DataFrame:
    """The entries under their contract's types."""
    return _table([json.loads(line) for line in _lines(path)])


def check(path: Path) -> tuple[Problem, ...]:
    """Every line that is not a JSON object, and every column that breaks the contract of list entries."""
    try:
        lines = _lines(path)
    except UnicodeDecodeError:
        return (Problem(path.name, None, "file", "something that is not UTF-8", "JSON Lines in UTF-8"),)
    bad = [row for row, line in enumerate(lines, 1) if not _is_object(line)]
    if bad:
        return tuple(Problem(path.name, row, "line", "something else", "a JSON object") for row in bad)
    try:
        return contract_problems(_table([json.loads(line) for line in lines]), path.name) if lines else ()
    except (pl.exceptions.PolarsError, TypeError, OverflowError):
        return (Problem(path.name, None, "file", "values of other types", "the types of list entries"),)


def _lines(path: Path) -> list[str]:
    """The lines; one that was cut off before its end stays in, so that it is found."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    return lines if lines[-1] else lines[:-1]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _table(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows as a table; a moment or day that cannot be read becomes null, which the contract then names."""
    types: dict[str, pl.DataType | type[pl.DataType]] = {n: c.dtype for n, c in ListEntry.columns().items()}
    written = {**types, "as_of": pl.String, "expires_on": pl.String}
    present = {name: written.get(name, pl.String) for name in (dict.fromkeys(k for row in rows for k in row) or types)}
    table = pl.DataFrame(rows, schema=present, strict=False)
    moments = {
        "as_of": pl.col("as_of").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", strict=False).dt.replace_time_zone("UTC"),
        "expires_on": pl.col("expires_on").str.to_date(DAY, strict=False),
    }
    return table.with_columns(**{name: moment for name, moment in moments.items() if name in present}).with_columns(
        *([pl.col("as_of").cast(INSTANT)] if "as_of" in present else [])
    )


FORMAT = ListFormat("json_lines", "entries", ".jsonl", EVERYBODY, write, read, check, EVERY_ENTRY)
