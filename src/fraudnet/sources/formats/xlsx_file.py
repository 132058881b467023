"""Excel workbooks: every cell as text, numbers and times in their plain form."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.formats.raw import ROW, Batch, Options, Raw, broken_rows, check_header
from fraudnet.sources.near import near

MOST_BYTES = 2 << 30
MOST_MEMBERS = 1_000
MOST_RATIO = 100


def read_xlsx(path: Path, where: str, options: Options) -> Raw:
    """Open one sheet of a workbook, the first unless named, with a header row.

    Raises InputError when it is no workbook, the sheet is missing or empty, or it unpacks to more than 2 GiB, to
    more than 100 times its size or to more than 1,000 members.
    """
    _check_archive(path, where)
    try:
        book = fastexcel.read_excel(path)
        sheet = options.sheet if options.sheet is not None else book.sheet_names[0]
        if sheet not in book.sheet_names:
            raise InputError(f"{where}: no sheet is called {sheet!r}{near(sheet, book.sheet_names)}")
        cells = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    except (fastexcel.FastExcelError, IndexError) as error:
        reason = str(error).splitlines()[0][:120]
        raise InputError(f"{where}: cannot be read as a workbook ({reason}); save it again as .xlsx") from None
    if not cells.height:
        raise InputError(f"{where}: sheet {sheet!r} is empty; expected a header row")
    names = [str(name or "") for name in cells.row(0)]
    check_header(names, where)
    cells.columns = names
    rows = cells.slice(1).filter(~pl.all_horizontal(pl.all().is_null())).with_row_index(ROW, 1)

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        yield Batch(rows.select(ROW, *columns), broken_rows([]))

    return Raw({name: pl.String() for name in names}, batches)


def _check_archive(path: Path, where: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{where}: is no workbook ({error}); expected .xlsx; check the format") from None
    size = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if size > MOST_BYTES or len(members) > MOST_MEMBERS or size / packed > MOST_RATIO:
        raise InputError(
            f"{where}: unpacks to {size:,} bytes in {len(members):,} members; expected at most 2 GiB, 100 times its "
            "size and 1,000 members; deliver it as Parquet or CSV"
        )
