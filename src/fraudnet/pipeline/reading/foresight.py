"""What reading a drop will take, foreseen from its beginning, and whether there is room for it."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from fraudnet.contracts.progress import silent
from fraudnet.errors import WriteFailedError
from fraudnet.files import digest_of
from fraudnet.settings import Settings
from fraudnet.sources.ahead import HANDS
from fraudnet.sources.drop import Delivery
from fraudnet.sources.formats.raw import BATCH_ROWS
from fraudnet.sources.read import read_drops
from fraudnet.sources.sampling import Sample, sample

ROWS, FEWER = 60_000, 30  # so many of each file are read for an estimate, and a part of them before
LARGE = 256 << 20  # bytes; what is smaller is read in less time than it takes to foresee it
ROW_BYTES = 1_000  # of memory for a row that is being read, all copies counted
AT_ONCE, BASE = (HANDS + 1) * BATCH_ROWS, 600 << 20  # rows, bytes
ROOM = 2.0  # how many times the disk that is needed must be free


@dataclass(frozen=True)
class Foresight:
    """Rows, bytes of memory and of disk, and seconds that reading a drop will take, about."""

    rows: int
    memory: int
    disk: int
    seconds: float

    def line(self) -> str:
        """The four figures for people."""
        minutes = f"{self.seconds / 60:.0f} min" if self.seconds >= 90 else f"{self.seconds:.0f} s"
        return (
            f"foreseen: about {self.rows:,} rows, {_size(self.memory)} of memory, {_size(self.disk)} of disk, {minutes}"
        )


def _size(n: int) -> str:
    return f"{n / (1 << 30):.1f} GiB" if n >= 1 << 30 else f"{n / (1 << 20):.0f} MiB"


def foresee(
    drops: tuple[Path, ...], mapping: Path | None, settings: Settings, *, whole: bool = True
) -> Foresight | None:
    """What reading these drops will take, from the first rows of each file; None where they are small.

    whole: whether they are about to be read. Raises WriteFailedError then when less than twice the disk that is needed
    is free, before anything is read.
    """
    if sum(_bytes(drop) for drop in drops) < LARGE:
        return None
    found = [_foreseen(drop, mapping, settings) for drop in drops]
    told = Foresight(
        sum(one.rows for one in found), max(one.memory for one in found), sum(one.disk for one in found),
        sum(one.seconds for one in found),
    )  # fmt: skip
    if whole:
        check_room(told.disk, settings)
    return told


def check_room(needed: int, settings: Settings) -> None:
    """Raise WriteFailedError when less than twice so many bytes are free where the data directory lies."""
    place = settings.home.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < ROOM * needed:
        raise WriteFailedError(
            "{home}: {free} are free and about {needed} are needed; nothing was read: free {missing} "
            "more, or name another disk with --home",
            home=settings.home,
            free=_size(free),
            needed=_size(needed),
            missing=_size(int(ROOM * needed) - free),
        )


def _bytes(drop: Path) -> int:
    return sum(path.stat().st_size for path in drop.rglob("*") if path.is_file())


def _foreseen(drop: Path, mapping: Path | None, settings: Settings) -> Foresight:
    """One drop: its files' beginnings are read, and each counts for as much as was left out of it."""
    place = settings.home / "cache" / "samples" / digest_of(str(drop.resolve()))[:16]
    for number in range(2):  # the first time of all costs what no later one does
        begin, _, first = _timed(drop, mapping, place / f"begin-{number}", ROWS // FEWER)
    delivery, taken, last = _timed(drop, mapping, place / "more", ROWS)
    share = {name: part for name, _, part in taken.parts}
    rows = sum(row["rows_in"] / max(share[row["file"]], 1e-9) for row in delivery.counts.to_dicts())
    read = max(int(delivery.counts["rows_in"].sum()), 1)
    disk = _bytes(delivery.folder) * rows / read
    # What reading costs however little is read is in both, and must not be counted for every piece of the whole.
    more = read - int(begin.counts["rows_in"].sum())
    seconds = last + max(last - first, 0.0) * (rows - read) / more if more > 0 else last
    shutil.rmtree(place, ignore_errors=True)
    return Foresight(int(rows), BASE + int(min(rows, AT_ONCE) * ROW_BYTES), int(disk), seconds)


def _timed(drop: Path, mapping: Path | None, place: Path, rows: int) -> tuple[Delivery, Sample, float]:
    """What the beginnings of a drop's files hold, how they were taken, and the CPU-seconds that reading them took.

    Others at work on the machine would make every second of the clock look like many thousand for the whole.
    """
    taken = sample(drop, mapping, rows, place / "drop")
    began = time.process_time()
    delivery = read_drops([taken.folder], mapping, place / "read", silent)
    return delivery, taken, time.process_time() - began
