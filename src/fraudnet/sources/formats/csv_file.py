"""Comma-separated text: every value stays text; ragged rows go to quarantine with their number."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from fraudnet.errors import InputError
from fraudnet.sources.formats.raw import BATCH_ROWS, ROW, Batch, Options, Raw, broken_rows, check_header

BLOCK = 1 << 18  # of more the memory is cleared anew for each
LONGEST_ROW = 1 << 25


def read_csv(path: Path, where: str, options: Options) -> Raw:
    """Open a CSV file with a header row; lines above it are left out, and row 1 is the first below it.

    Raises InputError for text that is not in the stated encoding, NUL bytes, an unclosed quote, a header that is
    blank or repeats a name, and a row above 32 MiB.
    """
    names, titles = _checked_header(path, where, options)

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        return _batches(path, where, options, (names, columns))

    return Raw({name: pl.String() for name in names}, batches, titles)


def _checked_header(path: Path, where: str, options: Options) -> tuple[list[str], tuple[str, ...]]:
    if options.header_rows > 1:
        raise InputError(
            "{where}: headings over {header_rows} rows are read from workbooks only",
            where=where,
            header_rows=options.header_rows,
        )
    quotes, above = _scan(path, where, options)
    head = above[-1]
    if not head.strip():
        told = (
            "the file is empty or begins with a blank line"
            if options.header == 1
            else f"line {options.header} is blank"
        )
        raise InputError("{where}: {told}; expected a header row", where=where, told=told)
    if quotes % 2:
        _find_open_quote(path, where, options)
    try:
        names = next(csv.reader(io.StringIO(head, newline=""), delimiter=options.separator))
    except csv.Error as error:
        raise InputError("{where}: the header row cannot be read ({error})", where=where, error=error) from None
    if any("\n" in name or "\r" in name for name in names) or head.count('"') % 2:
        raise InputError("{where}: the header row runs over several lines; expected names in one line", where=where)
    check_header(names, where)
    return names, tuple(above[:-1])


def _scan(path: Path, where: str, options: Options) -> tuple[int, list[str]]:
    """Read the whole file once as text: the number of quotes, the lines above the headings and theirs, the last."""
    try:
        decoder = codecs.getincrementaldecoder(_encoding(options))()
    except LookupError:
        raise InputError(
            "{where}: encoding {encoding!r} is not known; try utf-8, utf-16 or cp1258",
            where=where,
            encoding=options.encoding,
        ) from None
    quotes, head, done, lines, above = 0, "", False, 1, True
    with path.open("rb") as stream:
        while not done:
            block = stream.read(BLOCK)
            done = not block
            text = _decoded(decoder, block, where, (options, lines))
            there = _counted(block if _encoding(options) == "utf-8-sig" else text.encode(errors="surrogatepass"))
            if there["\0"]:
                line = lines + text[: text.index("\0")].count("\n")
                raise InputError(
                    "{where}, line {line}: holds a NUL character; expected text in {encoding}",
                    where=where,
                    line=line,
                    encoding=options.encoding,
                )
            quotes, lines = quotes + there['"'], lines + there["\n"]
            if above:
                head += text
                above = head.count("\n") < options.header and len(head) < LONGEST_ROW
    lines_read = [line.rstrip("\r") for line in head.split("\n", options.header)[: options.header]]
    return quotes, [*lines_read, *[""] * options.header][: options.header]


def _counted(text: bytes) -> dict[str, int]:
    """How often each of the characters stands in a text in UTF-8 that a table must not hold, or is divided by."""
    letters = np.frombuffer(text, np.uint8)
    return {sign: int(np.count_nonzero(letters == ord(sign))) for sign in ("\0", '"', "\n")}


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, where: str, at: tuple[Options, int]) -> str:
    options, lines = at
    try:
        return decoder.decode(block, final=not block)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = lines + block[:start].count(b"\n")
        raise InputError(
            "{where}, line {line}: the text is not {encoding}; say `encoding` in the mapping or save it again",
            where=where,
            line=line,
            encoding=options.encoding,
        ) from None


def _encoding(options: Options) -> str:
    return "utf-8-sig" if options.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else options.encoding


def _find_open_quote(path: Path, where: str, options: Options) -> None:
    """Raise InputError when the odd quote opens a value that never closes; a lone quote inside a value is text."""
    with path.open(encoding=_encoding(options), newline="") as stream:
        csv.field_size_limit(LONGEST_ROW)
        reader, line = csv.reader(stream, delimiter=options.separator, strict=True), 0
        try:
            for _ in reader:
                line = reader.line_num
        except csv.Error as error:
            raise InputError(
                "{where}, line {line}: a quote is opened and not closed ({error})",
                where=where,
                line=line + 1,
                error=error,
            ) from None


def _batches(path: Path, where: str, options: Options, names: tuple[Sequence[str], Sequence[str]]) -> Iterator[Batch]:
    every, wanted = names
    numbers = _Numbers(where, options.header)
    try:
        if not _has_rows(path, options.header):
            yield Batch(_frame(None, every, wanted, numbers), broken_rows([]))
            return
        for part in _joined(_open(path, options, every, numbers)):
            yield Batch(_frame(part, every, wanted, numbers), numbers.taken())
        yield Batch(_frame(None, every, wanted, numbers), numbers.taken())
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0][:160]
        raise InputError(
            "{where}: cannot be read as CSV near row {row} ({reason})", where=where, row=numbers.next, reason=reason
        ) from None


def _has_rows(path: Path, header: int) -> bool:
    with path.open("rb") as stream:
        for _ in range(header):
            stream.readline()
        return any(line.strip() for line in stream)


class _Numbers:
    """Gives good rows their numbers, leaving out those of the ragged rows met so far."""

    def __init__(self, where: str, header: int = 1) -> None:
        self.where, self.next, self._header = where, 1, header
        self._ragged: list[tuple[int, str, str]] = []
        self._skipped: list[int] = []

    def ragged(self, row: Any) -> str:
        number = int(row.number) - self._header
        rule = f"{row.actual_columns} values instead of {row.expected_columns}"
        self._ragged.append((number, rule, row.text))
        self._skipped.append(number)
        return "skip"

    def give(self, height: int) -> pl.Series:
        taken = np.arange(self.next, self.next + height + len(self._skipped), dtype=np.uint32)
        taken = taken[~np.isin(taken, np.array(self._skipped, dtype=np.uint32))][:height]
        if height:
            self.next = int(taken[-1]) + 1
            self._skipped = [number for number in self._skipped if number >= self.next]
        return pl.Series(ROW, taken, dtype=pl.UInt32)

    def taken(self) -> pl.DataFrame:
        found, self._ragged = self._ragged, []
        return broken_rows(found)


def _open(path: Path, options: Options, every: Sequence[str], numbers: _Numbers) -> Any:
    places = [f"c{place}" for place in range(len(every))]
    encoding = options.encoding
    return arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=LONGEST_ROW, column_names=places, skip_rows=options.header, encoding=encoding
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=options.separator, newlines_in_values=True, invalid_row_handler=numbers.ragged
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={place: pa.large_string() for place in places},
            strings_can_be_null=True, quoted_strings_can_be_null=True, null_values=[""],
        ),
    )  # fmt: skip


def _joined(reader: Any) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in reader:
        held.append(batch)
        if sum(each.num_rows for each in held) >= BATCH_ROWS:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _frame(part: pa.Table | None, every: Sequence[str], wanted: Sequence[str], numbers: _Numbers) -> pl.DataFrame:
    if part is None:
        return pl.DataFrame(schema={ROW: pl.UInt32(), **{name: pl.String() for name in wanted}})
    if not wanted:  # a file whose name says all that the mapping reads
        return pl.DataFrame([numbers.give(part.num_rows)])
    place = {name: f"c{at}" for at, name in enumerate(every)}
    frame = pl.from_arrow(part.select([place[name] for name in wanted]))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101  # from_arrow of a table is never a series
    frame.columns = list(wanted)
    return frame.insert_column(0, numbers.give(part.num_rows))
