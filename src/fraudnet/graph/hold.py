"""Which holding of a number a row means: a recycled number does not hand its past on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.graph.csr import Ints
from fraudnet.identifiers.entity import sim_id, sim_reference

ALWAYS = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Schedule:
    """From when on a number means which holding: sorted by reference `sim:<number>` and moment (microseconds)."""

    reference: pl.Series
    since: Ints
    entity: pl.Series

    def first(self) -> pl.DataFrame:
        """Each reference with the place of its first entry, its number of entries and its first moment."""
        table = pl.DataFrame({"reference": self.reference, "since": self.since}).with_row_index("place")
        return table.group_by("reference", maintain_order=True).agg(
            pl.col("place").first().cast(pl.Int64), pl.len().cast(pl.Int64).alias("entries"), pl.col("since").first()
        )

    def at(self, place: Ints, entries: Ints, moment: Ints) -> Ints:
        """The entry in force at each moment, given the place of the number's first entry; -1 before it."""
        found = np.full(len(place), -1, np.int64)
        rows = np.flatnonzero(entries > 0)
        step = 0
        while len(rows):
            here = place[rows] + step
            rows, here = rows[reached := self.since[here] <= moment[rows]], here[reached]
            found[rows] = here
            step += 1
            rows = rows[entries[rows] > step]
        return found


def schedule(sims: pl.DataFrame, as_of: datetime) -> Schedule:
    """The schedule of all numbers, from SIM rows (number, valid_from, ended_at) that began before `as_of`.

    At each moment: the holding that is valid (the one begun last, when several are), else the latest that had begun.
    A holding whose beginning is not known has always been there.
    """
    began = pl.col("valid_from").dt.epoch("us").fill_null(ALWAYS)
    held = (
        sims.lazy()
        .filter(pl.col("valid_from").is_null() | (pl.col("valid_from") < as_of))
        .select(
            sim_reference(pl.col("number")).alias("reference"),
            began.alias("begin"),
            pl.col("ended_at").dt.epoch("us").alias("end"),
            sim_id(pl.col("number"), pl.col("valid_from")).alias("entity"),
        )
        .unique(["reference", "begin", "end", "entity"])
    )
    moments = pl.concat([held.select("reference", since="begin"), held.select("reference", since="end").drop_nulls()])
    valid = pl.col("end").is_null() | (pl.col("end") > pl.col("since"))
    changes = (
        moments.unique()
        .join(held, on="reference")
        .filter(pl.col("begin") <= pl.col("since"))
        .sort("reference", "since", valid, "begin", "entity")
        .group_by("reference", "since", maintain_order=True)
        .agg(pl.col("entity").last())
        .filter((pl.col("entity") != pl.col("entity").shift().over("reference")).fill_null(True))
        .collect()
    )
    return Schedule(changes["reference"], changes["since"].to_numpy().astype(np.int64), changes["entity"])
