"""JSON Lines: one object per line; every value becomes text, nested ones their JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.formats.raw import BATCH_ROWS, ROW, Batch, Options, Raw, broken_rows, check_header

LONGEST_LINE = 1 << 25


def read_jsonl(path: Path, where: str, options: Options) -> Raw:
    """Open a file of JSON objects; lines that are none go to quarantine. Raises InputError when no line is one."""
    objects, broken = _lines(path, where, options)
    if not objects:
        raise InputError(
            "{where}: no line is a JSON object; expected one object per line; check the format", where=where
        )
    names = sorted({name for _, each in objects for name in each})
    check_header(names, where)

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        schema = {ROW: pl.UInt32(), **{name: pl.String() for name in columns}}
        for start in range(0, len(objects), BATCH_ROWS):
            part = objects[start : start + BATCH_ROWS]
            data: dict[str, list[Any]] = {ROW: [number for number, _ in part]}
            data |= {name: [each.get(name) for _, each in part] for name in columns}
            yield Batch(pl.DataFrame(data, schema=schema), broken_rows(broken if start == 0 else []))

    return Raw({name: pl.String() for name in names}, batches)


def _lines(path: Path, where: str, options: Options) -> tuple[list[tuple[int, dict[str, str]]], list[Any]]:
    objects: list[tuple[int, dict[str, str]]] = []
    broken: list[tuple[int, str, str]] = []
    encoding = "utf-8-sig" if options.encoding.lower() in ("utf-8", "utf8") else options.encoding
    number = 0
    try:
        with path.open(encoding=encoding, newline="\n") as stream:
            while line := stream.readline(LONGEST_LINE):
                if not line.strip():
                    continue
                number += 1
                row = _object(line)
                if isinstance(row, str):
                    broken.append((number, row, line.rstrip("\n")))
                else:
                    objects.append((number, row))
    except (UnicodeError, LookupError):
        raise InputError(
            "{where}: near row {row}: the text is not {encoding}; save it again",
            where=where,
            row=number + 1,
            encoding=options.encoding,
        ) from None
    return objects, broken


def _object(line: str) -> dict[str, str] | str:
    """The values of one line as text, or what is wrong with it."""
    try:
        row = json.loads(line, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return "the line is not one JSON object with different keys"
    if not isinstance(row, dict):
        return "the line is not a JSON object"
    texts = {name: _text(value) for name, value in row.items() if value is not None}
    if "\\u" in line and any(_unprintable(text) for text in (*texts, *texts.values())):
        return "the line holds a NUL or half a character"
    return {name: text for name, text in texts.items() if text.strip()} | {n: "" for n in row if n not in texts}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key repeats")
    return row


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _unprintable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
