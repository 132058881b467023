"""One event each of a table too long to be held: a part of its keys at a time, each with all rows of some events."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from fraudnet.files import write_parquet
from fraudnet.graph import pairing
from fraudnet.graph.csr import Ints
from fraudnet.graph.kernels import Flags

PART = 1 << 22  # rows whose keys are held at a time
KEYS, NAMES, OTHERS = "keys", "names", "others"


@dataclass(frozen=True)
class Long:
    """A table, how many rows it has, and the folder in which parts of it are kept."""

    rows: pl.LazyFrame
    height: int
    folder: Path

    @property
    def name(self) -> tuple[str, ...]:
        """The columns that name a row."""
        return pairing.names_in(self.rows)

    @property
    def parts(self) -> int:
        """Into how many parts it is divided."""
        return -(-self.height // PART)

    def keep(self, what: str, part: int, number: int, frame: pl.DataFrame) -> None:
        """Lay down what belongs to a part."""
        write_parquet(self.folder / f"{what}-{part}" / f"{number}.parquet", frame, lasting=False)

    def of(self, what: str, part: int) -> pl.DataFrame | None:
        """All that was laid down for a part, in order of its numbers; it is gone then."""
        folder = self.folder / f"{what}-{part}"
        found = sorted(folder.glob("*.parquet"), key=lambda path: int(path.stem))
        frame = pl.read_parquet(found, glob=False) if found else None
        shutil.rmtree(folder, ignore_errors=True)
        return frame


def one_each(long: Long, wanted: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    """As the whole table at once would give it: alike rows have one code, and codes divide the rows into parts."""
    shutil.rmtree(long.folder, ignore_errors=True)
    _divide(long, wanted)
    keep, aside = np.ones(long.height, np.bool_), []
    for part in range(long.parts):
        keys = long.of(KEYS, part)
        if keys is not None:
            aside.append(_matched(long, part, keys, keep))
    _tied(long, pl.concat(aside), keep)
    return kept(long.rows, keep, pl.scan_parquet(_others(long, keep), glob=False))


def kept(rows: pl.LazyFrame, keep: Flags, others: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that stay, with what else they are called beside them."""
    flags = pl.DataFrame({"keep": keep}).lazy()
    stay = pl.concat([rows, flags], how="horizontal").filter("keep").drop("keep")
    return pl.concat([stay, others], how="horizontal")


def _divide(long: Long, wanted: Mapping[str, pl.Expr]) -> None:
    """The keys of all rows, with their places and ids, onto the disk by part."""
    for number in range(long.parts):
        rows = long.rows.slice(number * PART, PART).select(*long.name, **wanted)
        keys = rows.collect(engine="streaming").with_row_index("place", number * PART)
        keys = keys.with_columns(pl.col("place").cast(pl.Int64), part=pl.col("code") % long.parts)
        for (part,), frame in keys.partition_by("part", as_dict=True, include_key=False).items():
            long.keep(KEYS, int(part), number, frame)


def _matched(long: Long, part: int, keys: pl.DataFrame, keep: Flags) -> pl.DataFrame:
    """Find a part's events; rows that go are marked, what they are called is laid down.

    Given back: rows alike of which some tie, to be looked up together with those of all parts; `row` is their place.
    """
    place, names = keys["place"].to_numpy(), keys.select(long.name)
    keys = keys.drop("place", *long.name).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    merged, left = pairing.by_reference(keys)
    rows, tied = pairing.in_order(left)
    unsure = rows["code"].is_in(rows["code"].filter(tied).unique().implode()) if tied.any() else tied
    found = pl.concat([merged, pairing.in_pairs(rows.filter(~unsure))])
    goes = found["goes"].to_numpy()
    keep[place[goes]] = False
    _named(long, part, place[found["stays"].to_numpy()], names[goes])
    later = rows.filter(unsure)
    return later.with_columns(row=pl.Series(place[later["row"].to_numpy()], dtype=pl.Int64))


def _tied(long: Long, rows: pl.DataFrame, keep: Flags) -> None:
    """Find the events among rows of which some tie, for all parts in one look at the table."""
    rows, tied = pairing.in_order(rows)
    found = pairing.in_pairs(pairing.settled(rows, tied, (long.rows, long.height)))
    if found.is_empty():
        return
    goes = found.sort("goes")
    keep[goes["goes"].to_numpy()] = False
    names = pairing.texts(long.rows, goes["goes"].to_numpy(), long.height, long.name)
    _named(long, long.parts, goes["stays"].to_numpy(), names.drop("row"))


def _named(long: Long, number: int, stays: Ints, names: pl.DataFrame) -> None:
    """What rows that stay are called on the other sides, by the part of the table in which they stand."""
    told = pairing.one_name(stays, names).with_columns(part=pl.col("stays") // PART)
    for (part,), frame in told.partition_by("part", as_dict=True, include_key=False).items():
        long.keep(NAMES, int(part), number, frame)


def _others(long: Long, keep: Flags) -> list[Path]:
    """What each row that stays is called on the other sides, in order of the table: where that is kept."""
    schema = long.rows.select(long.name).collect_schema()
    nobody = pairing.one_name(np.empty(0, np.int64), pl.DataFrame(schema=schema))
    paths = []
    for part in range(long.parts):
        begin = part * PART
        stays = pl.DataFrame({"stays": np.flatnonzero(keep[begin : begin + PART]) + begin})
        told = long.of(NAMES, part)
        told = nobody if told is None else told
        others = stays.join(told, on="stays", how="left", maintain_order="left").drop("stays")
        paths.append(write_parquet(long.folder / f"{OTHERS}-{part}.parquet", others, lasting=False))
    return paths
