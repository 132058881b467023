"""Reading what is asked from any small file, and writing the answers as a workbook."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from fraudnet.errors import InputError, MissingInputError
from fraudnet.files import write_with
from fraudnet.lists.cells import clean_text
from fraudnet.sources.propose.head import heads

TITLES = {
    "asked": "Tra cứu", "state": "Tình trạng", "kind": "Loại", "entity_id": "Mã", "institution": "Tổ chức",
    "probability": "Xác suất", "position": "Thứ tự", "flagged": "Được nêu", "grade": "Bậc", "case": "Vụ",
    "decision": "Kết luận gần nhất", "decided": "Biết từ ngày", "sources": "Nguồn", "matches": "Số kết quả",
}  # fmt: skip
WIDTH = 22


def read_asked(file: Path) -> list[str]:
    """The first filled cell of every row; a heading, which holds no digit, is left out.

    CSV or text in UTF-8, UTF-16 or Windows-1258, or the first visible sheet of a workbook. Raises MissingInputError,
    and InputError for what is none of these or holds nothing.
    """
    if not file.is_file():
        raise MissingInputError(
            "{file}: there is no such file; name one with an account, phone or id on each line", file=file
        )
    rows = _lines(file) if file.suffix.lower() in (".txt", ".csv", ".tsv") else _cells(file)
    firsts = [next((cell.strip() for cell in row if cell and cell.strip()), "") for row in rows]
    asked = [one for one in firsts if one]
    if asked and not any(letter.isdigit() for letter in asked[0]):
        asked = asked[1:]
    if not asked:
        raise InputError("{file}: holds nothing to look up; expected an account, phone or id on each line", file=file)
    return asked


def _lines(file: Path) -> list[list[str | None]]:
    (head,) = heads(file, file.name)
    text = file.read_bytes().decode("utf-8-sig" if head.encoding == "utf-8" else head.encoding, errors="replace")
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=head.separator)]


def _cells(file: Path) -> list[tuple[str | None, ...]]:
    import fastexcel

    next(iter(heads(file, file.name)))  # refuses by name what is no workbook
    book = fastexcel.read_excel(file)
    for name in book.sheet_names:
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        if sheet.visible == "visible":
            return sheet.to_polars().rows()
    return []


def write_answers(answers: pl.DataFrame, out: Path) -> Path:
    """One row per line asked, every cell as text or number and none as a formula."""
    import xlsxwriter

    def write(path: Path) -> None:
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet("Tra cứu")
            bold = book.add_format({"bold": True})
            sheet.write_row(0, 0, [TITLES[name] for name in answers.columns], bold)
            for place, row in enumerate(answers.iter_rows(), 1):
                for column, value in enumerate(row):
                    _write(sheet, (place, column), value)
            sheet.set_column(0, answers.width - 1, WIDTH)
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, answers.height, answers.width - 1)

    write_with(out, write)
    return out


def _write(sheet: object, at: tuple[int, int], value: object) -> None:
    if value is None:
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(*at, value)  # type: ignore[attr-defined]  # xlsxwriter has no types
    else:
        told = {True: "có", False: "không"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        sheet.write_string(*at, clean_text(told))  # type: ignore[attr-defined]  # xlsxwriter has no types
