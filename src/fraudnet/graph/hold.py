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
    """From when on a number means which holding: per reference `sim:<number>` in order of moments (microseconds)."""

    reference: pl.Series
    since: Ints
    entity: pl.Series


def schedule(sims: pl.DataFrame, as_of: datetime) -> Schedule:
    """The schedule of all numbers, from SIM rows (number, valid_from, ended_at) that began before `as_of`.

    At each moment: the holding that is valid (the one begun last, when several are), else the latest that had begun.
    A holding whose beginning is not known has always been there.
    """
    began = pl.col("valid_from").dt.epoch("us").fill_null(ALWAYS)
    begun = sims.filter(pl.col("valid_from").is_null() | (pl.col("valid_from") < as_of)).select(
        sim_reference(pl.col("number")).alias("reference"),
        began.alias("begin"),
        pl.col("ended_at").dt.epoch("us").alias("end"),
        sim_id(pl.col("number"), pl.col("valid_from")).alias("entity"),
    )
    several = begun["reference"].hash().is_duplicated()  # few numbers have been held more than once
    alone = begun.filter(~several).select("reference", "entity", since="begin")
    both = pl.concat([alone, _changes(begun.filter(several))])
    return Schedule(both["reference"], both["since"].to_numpy().astype(np.int64), both["entity"])


def _changes(begun: pl.DataFrame) -> pl.DataFrame:
    """When which holding of a number takes over from another: reference, entity, since."""
    held = begun.lazy().unique(["reference", "begin", "end", "entity"])
    moments = pl.concat([held.select("reference", since="begin"), held.select("reference", since="end").drop_nulls()])
    valid = pl.col("end").is_null() | (pl.col("end") > pl.col("since"))
    return (
        moments.unique()
        .join(held, on="reference")
        .filter(pl.col("begin") <= pl.col("since"))
        .sort("reference", "since", valid, "begin", "entity")
        .group_by("reference", "since", maintain_order=True)
        .agg(pl.col("entity").last())
        .filter((pl.col("entity") != pl.col("entity").shift().over("reference")).fill_null(True))
        .select("reference", "entity", "since")
        .collect()
    )
