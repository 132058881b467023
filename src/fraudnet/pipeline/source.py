"""Drops read, cleaned, and every event told once: what all later stages start from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, Records
from fraudnet.contracts.progress import Progress
from fraudnet.errors import FraudnetError, InputError
from fraudnet.files import digest_of, write_parquet
from fraudnet.graph.collapse import one_call_each, one_transfer_each
from fraudnet.pipeline.request import Request
from fraudnet.runs.manifest import MANIFEST, verify, write_manifest
from fraudnet.runs.version import code_digest
from fraudnet.settings import Settings
from fraudnet.sources.drop import Delivery
from fraudnet.sources.read import read_drops

MOVEMENTS = ("transfers", "calls", "cash", "events")  # tables that tell how far the data of a source reach
ONCE: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {"transfers": one_transfer_each, "calls": one_call_each}


@dataclass(frozen=True)
class Source:
    """The history of some drops: the delivery as read, and its records with every event once.

    `digest` stands for all bytes that went in and for the mapping.
    """

    delivery: Delivery
    records: Records
    digest: str

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
    delivery = read_drops(request.drops, request.mapping, place_of(request, settings), progress)
    digest = digest_of([delivery.digest, code_digest()])
    folder = settings.home / "cache" / "events" / digest[:16]
    records = delivery.records
    tables = _events(folder, records, progress)
    return Source(delivery, records.with_tables(**tables), digest)


def place_of(request: Request, settings: Settings) -> Path:
    """Where the cleaned tables of these drops are kept."""
    name = digest_of([[str(d.resolve()) for d in request.drops], str(request.mapping)])[:16]
    return settings.home / "cache" / "drops" / name


def _events(folder: Path, records: Records, progress: Progress) -> dict[str, pl.LazyFrame]:
    names = [name for name in ONCE if records.has(name)]
    if not _whole(folder, names):
        shutil.rmtree(folder, ignore_errors=True)  # a damaged cache is made anew, never used
        for name in names:
            progress(f"one event each: {name}", 0, 1)
            write_parquet(folder / f"{name}.parquet", ONCE[name](records.table(name)).collect(engine="streaming"))
            progress(f"one event each: {name}", 1, 1)
        if names:
            write_manifest(folder, {"what": "events told once"})
    return {name: pl.scan_parquet(folder / f"{name}.parquet") for name in names}


def _whole(folder: Path, names: list[str]) -> bool:
    if not (folder / MANIFEST).exists():
        return False
    try:
        return set(verify(folder)["outputs"]) >= {f"{name}.parquet" for name in names}
    except FraudnetError:
        return False
