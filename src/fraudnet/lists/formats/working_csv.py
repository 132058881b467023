"""A CSV file for people: guarded against formulas, the sentence of the list above the entries."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path

import dataframely as dy
import polars as pl

from fraudnet.contracts.results import ListEntry
from fraudnet.files import write_bytes
from fraudnet.lists.cells import guard, runs, unguard
from fraudnet.lists.format import EVERY_ENTRY, EVERYBODY, ListFormat, Problem
from fraudnet.lists.header import ListHeader
from fraudnet.lists.working import COLUMNS, header_problems, row_problems, titles, working_table

# Lines above the column titles; each holds one cell that begins with this mark.
HEADER_LINES, MARK = 3, "# "
BOM = "\ufeff"
CSV = {"separator": ",", "quote_char": '"'}


def write(entries: dy.DataFrame[ListEntry], path: Path, header: ListHeader) -> tuple[Path, ...]:
    """Write UTF-8 with BOM, CRLF, every cell quoted, so that no spreadsheet splits or runs one."""
    table = working_table(entries, header.language).select(guard(name).alias(name) for name in COLUMNS)
    top = StringIO(newline="")
    lines = [[MARK + line] for line in header.lines()]
    csv.writer(top, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([*lines, titles(header.language)])
    body = table.write_csv(include_header=False, quote_style="always", line_terminator="\r\n")
    write_bytes(path, (BOM + top.getvalue() + body).encode())
    return (path,)


def read(path: Path) -> pl.DataFrame:
    """The entries as text, the guard taken off again."""
    return _raw(path)[2].select(unguard(name).alias(name) for name in COLUMNS)


def check(path: Path) -> tuple[Problem, ...]:
    """Everything wrong with the file: encoding, header, titles, a cell that would run, empty or long cells."""
    try:
        lines, found, raw = _raw(path)
    except (UnicodeDecodeError, pl.exceptions.PolarsError, csv.Error, ValueError):
        return (Problem(path.name, None, "file", "something else", "CSV in UTF-8 with the columns of a list"),)
    numbered = raw.with_row_index("row", offset=1)
    running = [
        Problem(path.name, row, name, "a text that a spreadsheet would run", "the guard ' before it")
        for name in COLUMNS
        for row in numbered.filter(runs(name))["row"]
    ]
    plain = raw.select(unguard(name).alias(name) for name in COLUMNS)
    return (*header_problems(lines, found, path.name), *running, *row_problems(plain, path.name))


def _raw(path: Path) -> tuple[list[str], list[str], pl.DataFrame]:
    """Header lines, titles, and the cells as they stand in the file."""
    parts = path.read_bytes().decode("utf-8-sig").split("\r\n", HEADER_LINES + 1)
    if len(parts) != HEADER_LINES + 2 or "\x00" in parts[-1]:
        raise ValueError("too few lines")
    top = list(csv.reader(parts[:-1], strict=True))
    lines = [row[0].removeprefix(MARK) if row else "" for row in top[:HEADER_LINES]]
    if len(top[-1]) != len(COLUMNS):
        raise ValueError("another number of columns")
    return lines, top[-1], _cells(parts[-1].encode())


def _cells(body: bytes) -> pl.DataFrame:
    schema = dict.fromkeys(COLUMNS, pl.String)
    if not body:
        return pl.DataFrame(schema=schema)
    table = pl.read_csv(BytesIO(body), has_header=False, infer_schema=False, empty_string_is_null=False)
    if table.width != len(COLUMNS):
        raise ValueError("another number of cells")
    return table.rename(dict(zip(table.columns, COLUMNS, strict=True)))


FORMAT = ListFormat("working_csv", "working", ".csv", EVERYBODY, write, read, check, EVERY_ENTRY)
