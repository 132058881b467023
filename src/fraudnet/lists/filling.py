"""What only the bank knows: which fields it has to fill in before it may send its report, and putting them in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import InputError, ListRefusedError
from fraudnet.files import write_bytes
from fraudnet.lists.check import check_file
from fraudnet.lists.simo import INDIVIDUAL, ORGANISATION, account_field, is_organisation, record_findings
from fraudnet.lists.tables import read_table, write_table

TO_FILL = "to_fill.csv"
COLUMNS = ("file", "account", "field", "value")
# The status of today is asked for even where one was delivered earlier.
TODAY = ("TrangThaiHoatDongTaiKhoan", "TrangThaiTaiKhoan")


def write_to_fill(folder: Path) -> Path:
    """Write `to_fill.csv`: one row for every field of the SIMO drafts in a folder that only the bank can fill."""
    rows = [row for path in drafts(folder) for row in _wanting(path)]
    schema = dict.fromkeys(COLUMNS, pl.String)
    return write_table(folder / TO_FILL, pl.DataFrame(rows, schema=schema, orient="row"))


def drafts(folder: Path) -> list[Path]:
    """The SIMO drafts of a package, in order of their names."""
    return sorted(path for path in folder.glob("simo_00[23]*.json") if not path.name.endswith("-header.json"))


def _wanting(path: Path) -> Iterator[tuple[str, str, str, str]]:
    for record in json.loads(path.read_bytes()):
        number = str(record[account_field(record)])
        empty = {name for name, got, _ in record_findings(record, "ready") if got == "empty text"}
        for field in ORGANISATION if is_organisation(record) else INDIVIDUAL:
            if field in empty or field in TODAY:
                yield path.name, number, field, ""


def fill(folder: Path, filled: Path, to: Path) -> tuple[Path, ...]:
    """Put the bank's values into its drafts and write them to `to`, ready to be sent; empty values change nothing.

    Raises InputError for rows about other accounts or fields, ListRefusedError naming every field that is still not
    what level `ready` asks for; nothing is then written.
    """
    if not drafts(folder) or to.resolve() == folder.resolve():
        raise InputError(
            "{folder}: holds no SIMO drafts, or is the folder to write to; name an unpacked list and another",
            folder=folder,
        )
    values = _values(filled)
    known = {path.name: _draft(path) for path in drafts(folder)}
    places = {
        (name, str(rec[account_field(rec)]), field) for name, recs in known.items() for rec in recs for field in rec
    }
    strange = [row for row, key in enumerate(values, 1) if key not in places]
    if strange:
        raise InputError(
            "{name}, filled row {strange}: is about no record of this list; use its own {to_fill}",
            name=filled.name,
            strange=strange[0],
            to_fill=TO_FILL,
        )
    with tempfile.TemporaryDirectory() as scratch:
        tried = [_written(Path(scratch) / name, name, found, values) for name, found in sorted(known.items())]
        problems = [problem for path in tried for problem in check_file(path, "ready")]
        if problems:
            told = "; ".join(map(str, problems[:20]))
            raise ListRefusedError(
                "{to}: nothing was written, {count} fields are not ready: {told}", to=to, count=len(problems), told=told
            )
        return tuple(write_bytes(to / path.name, path.read_bytes()) for path in tried)


def _values(filled: Path) -> dict[tuple[str, str, str], str]:
    """What the bank filled in, by file, account and field."""
    table = read_table(filled)
    missing = sorted(set(COLUMNS) - set(table.columns))
    if missing:
        raise InputError(
            "{name}, titles: got no {missing}, expected {columns}",
            name=filled.name,
            missing=missing[0],
            columns=", ".join(COLUMNS),
        )
    return {(r["file"], r["account"], r["field"]): r["value"] for r in table.to_dicts() if r["value"]}


def _draft(path: Path) -> list[dict[str, Any]]:
    """The records of a draft. Raises InputError when somebody changed it into something else."""
    if check_file(path, "draft"):
        raise InputError("{name}: is not the draft of a package any more; open the package again", name=path.name)
    found: list[dict[str, Any]] = json.loads(path.read_bytes())
    return found


def _written(path: Path, name: str, records: list[dict[str, Any]], values: dict[tuple[str, str, str], str]) -> Path:
    for record in records:
        number = str(record[account_field(record)])
        record.update({field: values[name, number, field] for field in record if (name, number, field) in values})
    return write_bytes(path, (json.dumps(records, ensure_ascii=False, indent=1) + "\n").encode())
