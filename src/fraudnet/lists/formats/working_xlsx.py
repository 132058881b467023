"""A workbook for people: identifiers as text, nothing in it can run, the header stays in view."""

from __future__ import annotations

import re
import zipfile
import zlib
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import dataframely as dy
import fastexcel
import polars as pl
import xlsxwriter

from fraudnet.contracts.results import ListEntry
from fraudnet.errors import ListRefusedError
from fraudnet.files import write_bytes
from fraudnet.lists.format import EVERY_ENTRY, EVERYBODY, ListFormat, Problem
from fraudnet.lists.header import ListHeader
from fraudnet.lists.working import COLUMNS, NUMERIC, header_problems, row_problems, titles, working_table
from fraudnet.messages import text

TITLE_ROW = 3
ROWS = 1_048_576
WIDTHS = {"position": 8, "kind": 12, "number": 24, "holder_name": 30, "action": 30, "note": 90, "entity_id": 44}
INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
# A full sheet of a million entries unpacks to less; a small file that unpacks to more is no list.
UNPACKED = 2 << 30
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_FORMULA = re.compile(rb"<f[\s>/]")


def write(entries: dy.DataFrame[ListEntry], path: Path, header: ListHeader) -> tuple[Path, ...]:
    """Write one sheet; its creation time is the date of the list, so that equal lists are equal bytes.

    Raises ListRefusedError when there are more entries than a sheet has rows.
    """
    if entries.height > ROWS - TITLE_ROW - 1:
        raise ListRefusedError(
            "{name}: got {entries} entries, expected at most {most}",
            name=path.name,
            entries=entries.height,
            most=ROWS - TITLE_ROW - 1,
        )
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, INERT)
    book.set_properties({"created": datetime.combine(header.list_date, time(), UTC).replace(tzinfo=None)})
    sheet = book.add_worksheet(text("lists.sheet", header.language))
    _fill(book, sheet, working_table(entries, header.language), header)
    book.close()
    write_bytes(path, buffer.getvalue())
    return (path,)


def _fill(book: Any, sheet: Any, table: pl.DataFrame, header: ListHeader) -> None:
    bold = book.add_format({"bold": True})
    titled = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    as_text = book.add_format({"num_format": "@", "valign": "top"})
    wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
    plain = book.add_format({"valign": "top"})
    for row, line in enumerate(header.lines()):
        sheet.write_string(row, 0, line, bold)
    sheet.write_row(TITLE_ROW, 0, titles(header.language), titled)
    for place, name in enumerate(COLUMNS):
        numeric = name in NUMERIC
        style = plain if numeric else wrapped if name == "note" else as_text
        sheet.set_column(place, place, WIDTHS.get(name, 16), style)
        cells = table[name].cast(pl.Float64, strict=False) if numeric else table[name]
        sheet.write_column(TITLE_ROW + 1, place, cells.to_list(), style)
    sheet.freeze_panes(TITLE_ROW + 1, 3)


def read(path: Path) -> pl.DataFrame:
    """The entries as text."""
    return _raw(path)[2]


def check(path: Path) -> tuple[Problem, ...]:
    """Everything wrong with the file: not a workbook, a formula, header, titles, empty or long cells."""
    try:
        formulas = _formulas(path)
        lines, found, table = _raw(path)
    except (*UNREADABLE, fastexcel.FastExcelError, ValueError, KeyError, OSError):
        return (Problem(path.name, None, "file", "something else", "a workbook with the columns of a list"),)
    running = (Problem(path.name, None, "formulas", f"{formulas}", "none"),) if formulas else ()
    return (*header_problems(lines, found, path.name), *running, *row_problems(table, path.name))


def _formulas(path: Path) -> int:
    """How many formulas the sheets hold; every part is unpacked and its checksum compared first."""
    with zipfile.ZipFile(path) as book:
        if sum(part.file_size for part in book.infolist()) > UNPACKED or book.testzip() is not None:
            raise zipfile.BadZipFile("too large or damaged")
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return sum(len(_FORMULA.findall(book.read(name))) for name in sheets)


def _raw(path: Path) -> tuple[list[str], list[str], pl.DataFrame]:
    """Header lines, titles, and the cells as text."""
    book = fastexcel.read_excel(path.read_bytes())
    sheet = book.load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_polars()
    if sheet.width != len(COLUMNS) or sheet.height <= TITLE_ROW:
        raise ValueError("another number of columns or too few rows")
    table = sheet.rename(dict(zip(sheet.columns, COLUMNS, strict=True)))
    lines = [line or "" for line in table["position"].head(TITLE_ROW)]
    found = [str(cell) for cell in table.row(TITLE_ROW)]
    return lines, found, table.slice(TITLE_ROW + 1).with_columns(pl.all().fill_null(""))


FORMAT = ListFormat("working_xlsx", "working", ".xlsx", EVERYBODY, write, read, check, EVERY_ENTRY)
