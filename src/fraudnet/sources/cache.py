"""Records on disk between runs: opened again only when inputs and every written byte are the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, RECORDS, Records
from fraudnet.errors import MissingInputError, WriteFailedError
from fraudnet.expressions import FILE, NUMBER, row_id
from fraudnet.files import digest_of, sha256, write_json, write_with
from fraudnet.runs.version import code_of
from fraudnet.sources.balances import no_breaks
from fraudnet.sources.drop import Delivery
from fraudnet.sources.extras import settled
from fraudnet.sources.ingest import Ingest
from fraudnet.sources.mapping import Mapping
from fraudnet.sources.quarantine import LEDGER

NOTE = "delivery.json"
JOURNAL = "unfinished"  # notes of a reading that has not come to its end
COUNTS, BREAKS = "counts.parquet", "breaks.parquet"
LAYOUT = 3  # grows when the same inputs would be written differently
Inputs = tuple[tuple[str, int, str], ...]


def key_of(inputs: Inputs, mappings: tuple[Mapping, ...]) -> str:
    """One digest for inputs, mappings, the code that reads them and the layout of this cache."""
    said = [mapping.model_dump(mode="json") for mapping in mappings]
    return digest_of([LAYOUT, code_of("fraudnet.sources.read"), inputs, said])


def save(ingest: Ingest, key: str, inputs: Inputs, dated: bool) -> None:
    """Write counts, then the note that makes the cache valid: the digest of every file, last of all."""
    into = ingest.into
    counts = ingest.count_frame()
    write_with(into / COUNTS, counts.write_parquet)
    write_with(into / BREAKS, pl.concat([no_breaks(), *ingest.breaks]).write_parquet)
    parts = [{"table": part.table, "file": _name(into, part.path), "numbers": part.numbers} for part in ingest.written]
    ledgers = [_name(into, path) for path in ingest.ledgers]
    files = sorted([*(str(part["file"]) for part in parts), *ledgers, COUNTS, BREAKS])
    known = {_name(into, part.path): part.sha256 for part in ingest.written}
    note = {
        "key": key,
        "inputs": inputs,
        "dated": dated,
        "parts": parts,
        "ledgers": ledgers,
        "outcome": {table: sorted(names) for table, names in ingest.outcome.items() if names},
        "allowed": ingest.allowed,
        "files": {name: known.get(name) or sha256(into / name) for name in files},
    }
    write_json(into / NOTE, note)


def _name(into: Path, path: Path) -> str:
    return path.relative_to(into).as_posix()


def load(into: Path, key: str, mappings: tuple[Mapping, ...], *, fresh: bool = False) -> Delivery | None:
    """The delivery that lies in a folder, or None when it is another one or any byte of it has changed.

    fresh: the digests were taken a moment ago and are not taken again.
    """
    try:
        note = json.loads((into / NOTE).read_text(encoding="utf-8"))
        same = fresh or all(sha256(into / name) == digest for name, digest in note["files"].items())
        if note["key"] != key or not same:
            return None
        return _delivery(into, note, mappings)
    except (OSError, ValueError, KeyError, TypeError, MissingInputError):
        return None


def clear(into: Path) -> None:
    """Remove what an earlier run left; the note goes first, so that a half-cleared cache is never valid.

    What a reading that was stopped has finished stays for the next one (`resume.py`), which asks whether it is whole.
    """
    try:
        (into / NOTE).unlink(missing_ok=True)
        for name in (*RECORDS, "quarantine"):
            if (into / name).is_dir() and not (into / JOURNAL).is_dir():
                shutil.rmtree(into / name)
        (into / COUNTS).unlink(missing_ok=True)
        (into / BREAKS).unlink(missing_ok=True)
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteFailedError(
            "{into}: could not be cleared ({reason}); check its rights", into=into, reason=error.strerror
        ) from None


def drop_journal(into: Path) -> None:
    """Remove the notes of a reading that has come to its end."""
    shutil.rmtree(into / JOURNAL, ignore_errors=True)


def _delivery(into: Path, note: dict[str, Any], mappings: tuple[Mapping, ...]) -> Delivery:
    tables = {part["table"] for part in note["parts"]}
    stored = {name: _table(into, note, name) for name in RECORDS if name in tables}
    records = Records(
        tables={name: _told(name, rows) for name, rows in stored.items()},
        dated=note["dated"],
        outcome_extras={table: tuple(names) for table, names in note["outcome"].items()},
        allowed_extras=note["allowed"],
    )
    ledgers = [into / name for name in note["ledgers"]]
    quarantine = pl.scan_parquet(ledgers, glob=False) if ledgers else pl.LazyFrame(schema=LEDGER)
    inputs = tuple((name, size, digest) for name, size, digest in note["inputs"])
    breaks = pl.read_parquet(into / BREAKS)
    counts = pl.read_parquet(into / COUNTS)
    return Delivery(records, stored, mappings, counts, quarantine, inputs, note["key"], into, breaks)


def _table(into: Path, note: dict[str, Any], name: str) -> pl.LazyFrame:
    """One lazy table over all its files, with the parts of row ids in place of them.

    An extra attribute is a number when it is one in every file.
    """
    parts = [part for part in note["parts"] if part["table"] == name]
    extras = sorted({extra for part in parts for extra in part["numbers"]})
    number = {extra: all(part["numbers"].get(extra, True) for part in parts) for extra in extras}
    groups: list[tuple[dict[str, pl.DataType], list[Path]]] = []
    for part in parts:
        path = into / part["file"]
        stored = dict(pl.read_parquet_schema(path))
        if groups and groups[-1][0] == stored:
            groups[-1][1].append(path)
        else:
            groups.append((stored, [path]))
    contract = [column for column in RECORDS[name].columns() if column != "row_id"]
    frames = []
    for stored, paths in groups:
        read = [_column(name, column, stored) for column in contract]
        read += [_extra(extra, stored.get(extra), number[extra]) for extra in extras]
        frames.append(pl.scan_parquet(paths, glob=False).select(FILE, NUMBER, *read))
    return frames[0] if len(frames) == 1 else pl.concat(frames)


def _told(name: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """A table under its contract."""
    contract = [row_id().alias(column) if column == "row_id" else column for column in RECORDS[name].columns()]
    return rows.select(*contract, pl.exclude(FILE, NUMBER, *RECORDS[name].columns()))


def _column(table: str, name: str, stored: dict[str, pl.DataType]) -> pl.Expr:
    """A column of the contract; what a file tells nothing in is not in it (`Plan.unsaid`)."""
    if name in stored:
        return pl.col(name)
    if name == "known_at":
        return pl.col(EVENT_TIME[table]).alias(name)
    return pl.lit(None, dtype=RECORDS[table].columns()[name].dtype).alias(name)


def _extra(name: str, stored: pl.DataType | None, number: bool) -> pl.Expr:
    if stored is None:
        return pl.lit(None, dtype=pl.Float64 if number else pl.String).alias(name)
    if (stored == pl.Float64) == number:
        return pl.col(name)
    return settled(pl.col(name), stored, number).alias(name)
