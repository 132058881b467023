"""The beginning of a file: how it is written down, where its headings are, and some of its rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow.parquet as pq

from fraudnet.errors import InputError
from fraudnet.sources.formats import SUFFIXES
from fraudnet.sources.formats.foreign import foreign_kind
from fraudnet.sources.formats.xlsx_file import check_archive, headings
from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.heading import find_headings

HEAD_BYTES = 1 << 20
TOTALS = ("tong cong", "tong so", "cong phat sinh", "total", "grand total", "sum total")
SAMPLE_ROWS = 2_000
SEPARATORS = (",", ";", "\t", "|")
MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Head:
    """One table-shaped part of a file: its headings, the lines above them, and up to 2,000 rows as text."""

    file: str
    form: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    encoding: str = "utf-8"
    separator: str = ","
    sheet: str | None = None
    header: int = 1
    header_rows: int = 1
    titles: tuple[str, ...] = ()

    def values(self, place: int) -> list[str | None]:
        """The sampled values of one column."""
        return [row[place] if place < len(row) else None for row in self.rows]


def heads(path: Path, name: str) -> Iterator[Head]:
    """What is in one file: one head, or one per visible sheet of a workbook.

    Raises InputError for a file that is not what its suffix says, naming what it is.
    """
    form = SUFFIXES.get(path.suffix.lower())
    _check_kind(path, name, form)
    if form is None:
        raise InputError(
            "{name}: the suffix {suffix!r} is none of {known}; convert the file",
            name=name,
            suffix=path.suffix,
            known=", ".join(sorted(SUFFIXES)),
        )
    if form == "xlsx":
        yield from _sheets(path, name)
    else:
        yield {"csv": _text, "parquet": _parquet, "jsonl": _lines}[form](path, name)


def _check_kind(path: Path, name: str, form: str | None) -> None:
    what = foreign_kind(path) if form != "jsonl" else None
    if what is not None:
        raise InputError(
            "{name}: is {what}, not what its suffix says; save it again as .xlsx or .csv", name=name, what=what
        )


def _text(path: Path, name: str) -> Head:
    with path.open("rb") as stream:
        raw = stream.read(HEAD_BYTES)
    encoding = _encoding(raw)
    text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="ignore")
    if len(raw) == HEAD_BYTES:
        text = text[: text.rfind("\n") + 1]
    separator = _separator(text)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))[: SAMPLE_ROWS + 50]
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise InputError("{name}: the file is empty; expected a header row", name=name)
    found = Head(name, "csv", (), tuple(tuple(row) for row in rows), encoding, separator)
    return _divided(found, most_rows=1)


def _encoding(raw: bytes) -> str:
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return encoding
    if raw and raw[1::2].count(0) > len(raw) // 4:
        return "utf-16-le"
    try:
        raw[: raw.rfind(b"\n") + 1 or None].decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return "cp1258"


def _separator(text: str) -> str:
    """The mark that cuts the most lines into the same number of several pieces."""
    lines = [line for line in text.splitlines()[:60] if line.strip()]

    def agreeing(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines if mark in line]
        most = max(set(counts), key=counts.count) if counts else 0
        return sum(count == most for count in counts), most

    return max(SEPARATORS, key=agreeing)


def _sheets(path: Path, name: str) -> Iterator[Head]:
    check_archive(path, name)
    book = fastexcel.read_excel(path)
    for sheet in book.sheet_names:
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string", n_rows=SAMPLE_ROWS + 50)
        if loaded.visible != "visible":
            continue
        rows = loaded.to_polars().rows()
        if any(any(row) for row in rows):
            yield _divided(Head(name, "xlsx", (), tuple(rows), sheet=sheet), most_rows=2)


def _divided(head: Head, most_rows: int) -> Head:
    """Titles, headings and rows told apart."""
    at, over = find_headings(head.rows, most_rows)
    names = headings(head.rows[at : at + over])
    titles = tuple(" ".join(cell for cell in row if cell) for row in head.rows[:at])
    below = tuple(row for row in head.rows[at + over :] if any(row) and not _is_total(row))
    return replace(head, headings=tuple(names), rows=below, titles=titles, header=at + 1, header_rows=over)


def _is_total(row: Sequence[str | None]) -> bool:
    """Whether a row adds up those above it: it says nothing about what the columns hold."""
    first = next((cell for cell in row if cell and cell.strip()), "")
    return fold(first).startswith(TOTALS)


def _parquet(path: Path, name: str) -> Head:
    try:
        file = pq.ParquetFile(path)
        frame = pl.from_arrow(next(file.iter_batches(SAMPLE_ROWS), file.schema_arrow.empty_table()))
    except OSError as error:
        raise InputError(
            "{name}: cannot be read as Parquet ({reason}); deliver it again", name=name, reason=str(error)[:80]
        ) from None
    assert isinstance(frame, pl.DataFrame)  # noqa: S101  # a batch of a file is never one column alone
    return _of_frame(frame, name, "parquet")


def _lines(path: Path, name: str) -> Head:
    try:
        frame = pl.read_ndjson(path, n_rows=SAMPLE_ROWS)
    except pl.exceptions.PolarsError:
        raise InputError("{name}: cannot be read as JSON Lines; expected one object per line", name=name) from None
    return _of_frame(frame, name, "jsonl")


def _of_frame(frame: pl.DataFrame, name: str, form: str) -> Head:
    plain = [column for column, dtype in frame.schema.items() if not dtype.is_nested()]
    texts = frame.select(pl.col(column).cast(pl.String, strict=False) for column in plain)
    return Head(name, form, tuple(plain), tuple(texts.rows()))


def named(rows: Sequence[Head]) -> list[str]:
    """Names of heads for people: the file, and the sheet where there is one."""
    return [f"{head.file} [{head.sheet}]" if head.sheet else head.file for head in rows]
