"""Plain tables that people fill in and send back: written guarded, read without trust."""

from __future__ import annotations

import csv
import zipfile
from io import StringIO
from pathlib import Path

import polars as pl

from fraudnet.errors import InputError, MissingInputError
from fraudnet.files import write_bytes
from fraudnet.lists.cells import guard, unguard

BOM = "\ufeff"
BYTES, ROWS, COLUMNS, CELL, PARTS = 64 << 20, 200_000, 100, 4_000, 1_000
TEXT = pl.String


def write_table(path: Path, table: pl.DataFrame) -> Path:
    """Write a table of text as CSV for people: UTF-8 with BOM, CRLF, every cell quoted and guarded."""
    cells = table.select(guard(pl.col(name).cast(TEXT).fill_null("")).alias(name) for name in table.columns)
    body = cells.write_csv(quote_style="always", line_terminator="\r\n")
    return write_bytes(path, (BOM + body).encode())


def read_table(path: Path) -> pl.DataFrame:
    """A CSV or XLSX file from elsewhere as text, the guard taken off, blanks around cells removed.

    Raises MissingInputError, or InputError for what is no such file, is too large, has no titles or two of one name.
    """
    if not path.is_file():
        raise MissingInputError("{path}: is not there; name a CSV or XLSX file", path=path)
    if path.stat().st_size > BYTES:
        raise InputError("{name}: is larger than {most} MiB; send it in parts", name=path.name, most=BYTES >> 20)
    rows = _workbook(path) if path.suffix.lower() == ".xlsx" else _lines(path.read_bytes(), path.name)
    titles, body = [cell.strip() for cell in rows[0]] if rows else [], rows[1:]
    named = [title for title in titles if title]
    if not named or len(set(named)) < len(named) or len(titles) > COLUMNS:
        raise InputError(
            "{name}, titles: got none, or two of one name, expected one name for every column", name=path.name
        )
    if len(body) > ROWS:
        raise InputError("{name}: got more than {most:,} rows; send it in parts", name=path.name, most=ROWS)
    filled = [row + [""] * (len(titles) - len(row)) for row in body if any(cell.strip() for cell in row)]
    long = [row for row, cells in enumerate(filled, 1) if len(cells) > len(titles) or max(map(len, cells)) > CELL]
    if long:
        raise InputError(
            "{name}, row {row}: got more cells than titles, or more than {longest:,} characters",
            name=path.name,
            row=long[0],
            longest=CELL,
        )
    table = pl.DataFrame(filled, schema=dict.fromkeys(titles, TEXT), orient="row")
    return table.select(unguard(pl.col(name).str.strip_chars()).alias(name) for name in named)


def _lines(content: bytes, name: str) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
        if "\0" in text:
            raise InputError("{name}: holds NUL characters; save it as CSV in UTF-8", name=name)
        return list(csv.reader(StringIO(text, newline=""), strict=True, delimiter=_separator(text)))
    except (UnicodeDecodeError, csv.Error):
        raise InputError("{name}: is no CSV in UTF-8; save it as CSV UTF-8, or send the workbook", name=name) from None


def _separator(text: str) -> str:
    """Spreadsheets in Vietnamese and French write a semicolon."""
    title = text.split("\n", 1)[0]
    return ";" if title.count(";") > title.count(",") else ","


def _workbook(path: Path) -> list[list[str]]:
    import fastexcel

    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > 4 * BYTES:
                raise InputError("{name}: would unpack to too much; save it anew, or as CSV", name=path.name)
        sheet = fastexcel.read_excel(path.read_bytes()).load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
        return [[cell or "" for cell in row] for row in sheet.to_polars().iter_rows()]
    except (zipfile.BadZipFile, fastexcel.FastExcelError, ValueError, KeyError, OSError):
        raise InputError("{name}: is no workbook; save it as XLSX or CSV UTF-8", name=path.name) from None
