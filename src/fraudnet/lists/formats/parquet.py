"""Parquet for machines: the entries exactly as their contract has them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import dataframely as dy
import polars as pl

from fraudnet.contracts.results import ListEntry
from fraudnet.files import canonical_json, write_bytes
from fraudnet.lists.contract import contract_problems
from fraudnet.lists.format import EVERY_ENTRY, EVERYBODY, ListFormat, Problem
from fraudnet.lists.header import ListHeader


def write(entries: dy.DataFrame[ListEntry], path: Path, header: ListHeader) -> tuple[Path, ...]:
    """Write the entries; the header of the list stands in the file's metadata under `fraudnet.list`."""
    buffer = BytesIO()
    metadata = {"fraudnet.list": canonical_json(header.plain()).decode()}
    entries.lazy().collect().write_parquet(buffer, metadata=metadata)
    write_bytes(path, buffer.getvalue())
    return (path,)


def read(path: Path) -> pl.DataFrame:
    """The entries."""
    return pl.read_parquet(path.read_bytes())


def check(path: Path) -> tuple[Problem, ...]:
    """Everything wrong with the file: not Parquet, other columns, a row that breaks the contract."""
    try:
        frame = read(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        return (Problem(path.name, None, "file", "something else", "a Parquet file of list entries"),)
    return contract_problems(frame, path.name)


FORMAT = ListFormat("parquet", "entries", ".parquet", EVERYBODY, write, read, check, EVERY_ENTRY)
