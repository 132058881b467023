"""Drops read, cleaned, and every event told once: what all later stages start from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, RECORDS, Records
from fraudnet.contracts.progress import Progress
from fraudnet.errors import FraudnetError, InputError
from fraudnet.expressions import FILE, NUMBER, row_id
from fraudnet.files import digest_of, sink_parquet, write_parquet
from fraudnet.graph.codes import ENDS, in_words, with_codes
from fraudnet.graph.collapse import one_call_each, one_transfer_each
from fraudnet.graph.pairing import OTHER
from fraudnet.pipeline.reading.register import registered
from fraudnet.pipeline.reading.statements import told_once
from fraudnet.pipeline.request import Request
from fraudnet.runs.manifest import MANIFEST, verify, write_manifest
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings
from fraudnet.sources.balances import STATEMENTS
from fraudnet.sources.drop import Delivery
from fraudnet.sources.read import read_drops

TOLD_BY_STATEMENTS = ("transfers", "events")
MOVEMENTS = ("transfers", "calls", "cash", "events")  # tables that tell how far the data of a source reach
ONCE: dict[str, Callable[[pl.LazyFrame, Path], pl.LazyFrame]] = {
    "transfers": one_transfer_each,
    "calls": one_call_each,
}
PARTS = ".parts"  # where a long table lies in parts while its events are told once


@dataclass(frozen=True)
class Source:
    """The history of some drops: the delivery as read, and its records with every event once.

    `digest` stands for all bytes that went in and for the mapping. `corrections`: what registered drops replaced in
    one another.
    """

    delivery: Delivery
    records: Records
    digest: str
    corrections: tuple[Mapping[str, Any], ...] = ()

    def last_moment(self) -> datetime:
        """The moment of the last dated row. Raises InputError when no row has a date."""
        return self._edge(pl.max)

    def first_moment(self) -> datetime:
        """The moment of the first transfer or call, else of the first dated row of any table."""
        return self._edge(pl.min)

    def _edge(self, pick: Callable[[str], pl.Expr]) -> datetime:
        movements = [name for name in MOVEMENTS if self.records.has(name)]
        names = movements or [name for name in EVENT_TIME if self.records.has(name)]
        found = [self.records.table(name).select(pick(EVENT_TIME[name])).collect().item() for name in names]
        dated: list[datetime] = [moment for moment in found if moment is not None]
        if not dated:
            raise InputError("the drop has no dated row; say `dated = false` in its mapping, or map a time column")
        return min(dated) if pick is pl.min else max(dated)


def open_drops(request: Request, settings: Settings, progress: Progress) -> Source:
    """Read the drops under their contracts and collapse what two institutions report twice.

    Both steps are kept below the data directory under digests and verified before they are used again.
    """
    delivery = read_request(request, settings, progress)
    digest = digest_of([delivery.digest, code_of(__name__)])
    folder = settings.home / "cache" / "events" / digest[:16]
    records = delivery.records
    names = _events(folder, delivery, progress)
    corrected = () if request.drops else registered(settings).corrections
    books = {name: pl.read_parquet(_book(folder, name)).to_series() for name in ENDS if name in names}
    tables = {name: _told(pl.scan_parquet(folder / f"{name}.parquet"), name, books.get(name)) for name in names}
    return Source(delivery, replace(records.with_tables(**tables), books=books), digest, corrected)


def read_request(request: Request, settings: Settings, progress: Progress) -> Delivery:
    """The drops of a request under their contracts; without any, those that are registered, the newest first.

    Of a row that was delivered twice the newest version counts, and what a corrected file replaced is not read.
    """
    if request.drops:
        return read_drops(request.drops, request.mapping, place_of(request, settings), progress)
    known = registered(settings)
    newest_first = replace(request, drops=known.folders)
    return read_drops(newest_first.drops, request.mapping, place_of(newest_first, settings), progress, known.superseded)


def place_of(request: Request, settings: Settings) -> Path:
    """Where the cleaned tables of these drops are kept."""
    name = digest_of([[str(d.resolve()) for d in request.drops], str(request.mapping)])[:16]
    return settings.home / "cache" / "drops" / name


def _events(folder: Path, delivery: Delivery, progress: Progress) -> list[str]:
    """Lay down the tables of which every event is told once; their names."""
    records = delivery.records
    names = [name for name in ONCE if records.has(name)]
    if records.has(STATEMENTS):
        names = [*TOLD_BY_STATEMENTS, *(name for name in names if name not in TOLD_BY_STATEMENTS)]
    if not _whole(folder, names):
        shutil.rmtree(folder, ignore_errors=True)  # a damaged cache is made anew, never used
        stated = told_once(records) if records.has(STATEMENTS) else {}
        with ThreadPoolExecutor(max(1, len(names))) as pool:  # beside one another: most of each is one thread's work
            work = [pool.submit(_keep, folder, name, delivery, stated.get(name)) for name in names]
            for name, done in zip(names, work, strict=True):
                progress(f"one event each: {name}", 0, 1)
                done.result()
                progress(f"one event each: {name}", 1, 1)
        if names:
            write_manifest(folder, {"what": "events told once"})
    return names


def _keep(folder: Path, name: str, delivery: Delivery, once: pl.LazyFrame | None) -> None:
    """Write a table; what names its ends gets a number, so that no snapshot has to look texts up again."""
    parts = folder / f"{PARTS}-{name}"
    if once is None:
        once = ONCE[name](delivery.stored[name], parts)
    if name in ENDS:
        once, book = with_codes(once, name)
        once = once.drop(ENDS[name])
        write_parquet(_book(folder, name), book.alias("text").to_frame(), lasting=False)
    sink_parquet(folder / f"{name}.parquet", once)
    shutil.rmtree(parts, ignore_errors=True)


def _told(rows: pl.LazyFrame, name: str, book: pl.Series | None) -> pl.LazyFrame:
    """A table as it was before `_keep`: ends by text beside their numbers, rows by their ids."""
    kept, apart = rows.collect_schema().names(), {FILE, NUMBER, OTHER + FILE, OTHER + NUMBER}
    made: dict[str, pl.Expr] = {}
    if FILE in kept:
        made = {"row_id": row_id(), "other_row_id": pl.coalesce("other_row_id", row_id(OTHER))}
    if book is not None:
        made |= {end: in_words(end, book) for end in ENDS[name]}
    contract = list(RECORDS[name].columns())
    others = [column for column in kept if column not in {*contract, *apart}]
    return rows.select(made[c].alias(c) if c in made else c for c in (*contract, *others))


def _book(folder: Path, name: str) -> Path:
    return folder / f"{name}_ends.parquet"


def _whole(folder: Path, names: list[str]) -> bool:
    if not (folder / MANIFEST).exists():
        return False
    try:
        return set(verify(folder)["outputs"]) >= {f"{name}.parquet" for name in names}
    except FraudnetError:
        return False
