"""Excel workbooks: every cell as text, numbers and times in their plain form."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import fastexcel
import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.formats.foreign import foreign_kind
from fraudnet.sources.formats.raw import ROW, Batch, Options, Raw, broken_rows, check_header
from fraudnet.sources.formats.xlsx_cells import MOST_ROWS, rounded, visible_sheets
from fraudnet.sources.near import near

MOST_BYTES = 2 << 30
MOST_MEMBERS = 1_000
MOST_RATIO = 100


def read_xlsx(path: Path, where: str, options: Options) -> Raw:
    """Open one sheet of a workbook, the first visible one unless named, with a header row.

    Blank rows on top are passed over unless the header's row is named; what stands above it is left out. Headings over
    several rows are joined from top to bottom; a heading that spans columns holds for each of them. A row in which a
    wanted column holds a number of 16 digits or more is quarantined: a spreadsheet keeps 15 of them.

    Raises InputError when it is no workbook, the sheet is missing, empty or cut off at 1,048,576 rows, or it unpacks to
    more than 2 GiB, to more than 100 times its size or to more than 1,000 members.
    """
    check_archive(path, where)
    cells, sheet = _cells(path, where, options)
    if cells.height >= MOST_ROWS:
        raise InputError(
            "{where}: sheet {sheet!r} is full ({rows:,} rows): its end was cut off; export as CSV",
            where=where,
            sheet=sheet,
            rows=MOST_ROWS,
        )
    filled = cells.select(kept=~pl.all_horizontal(pl.all().is_null()))["kept"].arg_true()
    head = options.header - 1 if options.header > 1 or not len(filled) else int(filled[0])
    if cells.height <= head:
        raise InputError("{where}: sheet {sheet!r} is empty; expected a header row", where=where, sheet=sheet)
    names = headings(cells.slice(head, options.header_rows).rows())
    check_header(names, where)
    cells.columns = names
    first = head + options.header_rows
    places = filled.filter(filled >= first)
    rows = cells[places].with_row_index(ROW, 1)
    lost = _lost(cells, rounded(path, sheet, where), {place: at for at, place in enumerate(places, 1)})

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        told = {row: name for row, name in lost if name in columns}
        rule = "is a number of 16 digits or more: its last ones are lost"
        broken = broken_rows([(row, f"{name} {rule}", "") for row, name in sorted(told.items())])
        yield Batch(rows.select(ROW, *columns).filter(~pl.col(ROW).is_in(list(told))), broken)

    titles = tuple(" ".join(cell for cell in row if cell) for row in cells.head(head).rows())
    return Raw({name: pl.String() for name in names}, batches, titles)


def _cells(path: Path, where: str, options: Options) -> tuple[pl.DataFrame, str]:
    """Every cell of the sheet as text, row by row from the top, and the sheet's name."""
    try:
        book = fastexcel.read_excel(path)
        seen = visible_sheets(path, where) or book.sheet_names
        sheet = options.sheet if options.sheet is not None else seen[0]
        if sheet not in book.sheet_names:
            raise InputError(
                "{where}: no sheet is called {sheet!r}{near}",
                where=where,
                sheet=sheet,
                near=near(sheet, book.sheet_names),
            )
        return book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars(), sheet
    except (fastexcel.FastExcelError, IndexError) as error:
        reason = str(error).splitlines()[0][:120]
        raise InputError(
            "{where}: cannot be read as a workbook ({reason}); save it again as .xlsx", where=where, reason=reason
        ) from None


def _lost(
    cells: pl.DataFrame, numbers: Sequence[tuple[int, float]], number: Mapping[int, int]
) -> list[tuple[int, str]]:
    """Rows, by their number below the headings, and the columns in which they hold one of these rounded numbers."""
    found = []
    for place, value in numbers:
        for name, text in zip(cells.columns, cells.row(place), strict=True):
            if place in number and text and text.lstrip("-").isdigit() and float(text) == value:
                found.append((number[place], name))
    return found


def headings(rows: Sequence[Sequence[str | None]]) -> list[str]:
    """One name per column from one or more rows of headings.

    In every row but the last a blank cell belongs to the heading on its left, as a merged cell is stored, unless the
    cell below is blank too.
    """
    last = [str(cell or "").strip() for cell in rows[-1]]
    names = [""] * len(last)
    for row in rows[:-1]:
        spread = ""
        for place, cell in enumerate(row):
            spread = str(cell or "").strip() or (spread if last[place] else "")
            names[place] = f"{names[place]} {spread}".strip()
    return [f"{front} {name}".strip() for front, name in zip(names, last, strict=True)]


def check_archive(path: Path, where: str) -> None:
    """Raise InputError for what is no workbook, or one that unpacks to far more than it shows."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        told = foreign_kind(path) or f"no workbook ({error})"
        raise InputError(
            "{where}: is {told}; expected .xlsx; save it again or check the format", where=where, told=told
        ) from None
    size = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if size > MOST_BYTES or len(members) > MOST_MEMBERS or size / packed > MOST_RATIO:
        raise InputError(
            "{where}: unpacks to {size:,} bytes in {members:,} members; expected at most 2 GiB, 100 "
            "times its size and 1,000 members; deliver it as Parquet or CSV",
            where=where,
            size=size,
            members=len(members),
        )
