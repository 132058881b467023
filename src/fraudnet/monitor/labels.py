"""Whether as much fraud is being confirmed as before."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.expressions import LOCAL_ZONE
from fraudnet.model.fallen import false_discoveries
from fraudnet.monitor.drift import ALARM, CHANCE, QUIET

MONTHS = 12
FEWEST = 3
HALF, TWICE = 0.5, 2.0


def confirmed_by_month(seeds: pl.DataFrame, kinds: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """How many entities became known as fraudulent per kind and month (Asia/Ho_Chi_Minh), the 12 months before `as_of`.

    seeds: contract Seed; kinds: node, kind. Only confirmations count, never mere reports. The first of a month that
    `as_of` cuts is left out. Returns kind, month, confirmed; a month without any is there with 0.
    """
    month = pl.col("known_at").dt.convert_time_zone(LOCAL_ZONE).dt.truncate("1mo").dt.date().alias("month")
    end = pl.select(pl.lit(as_of).dt.convert_time_zone(LOCAL_ZONE).dt.truncate("1mo").dt.date()).item()
    told = seeds.filter(pl.col("weight") >= 1).join(kinds.select("node", pl.col("kind").cast(pl.String)), on="node")
    counted = told.with_columns(month).filter(pl.col("month") < end).group_by("kind", "month").agg(confirmed=pl.len())
    if counted.is_empty():
        return pl.DataFrame(schema={"kind": pl.String, "month": pl.Date, "confirmed": pl.Int64})
    first = max(counted["month"].min(), pl.select(pl.lit(end).dt.offset_by(f"-{MONTHS}mo")).item())
    months = pl.DataFrame({"month": pl.date_range(first, end, "1mo", closed="left", eager=True)})
    every = counted.select("kind").unique().join(months, how="cross")
    filled = every.join(counted, on=["kind", "month"], how="left").with_columns(pl.col("confirmed").fill_null(0))
    return filled.with_columns(pl.col("confirmed").cast(pl.Int64)).sort("kind", "month")


def label_drift(by_month: pl.DataFrame) -> pl.DataFrame:
    """One row per kind: the last month against the mean of those before, p of the exact binomial test, level.

    alarm: less than half or more than twice as many as before, and p (adjusted over the kinds) at most 0.01. Kinds with
    fewer than three months before are quiet: there is nothing to hold the last one against.
    """
    from scipy.stats import binomtest

    rows = []
    for (kind,), months in by_month.sort("kind", "month").group_by("kind", maintain_order=True):
        last, earlier = int(months["confirmed"][-1]), months["confirmed"][:-1]
        total = last + int(earlier.sum())
        told = len(earlier) >= FEWEST and total > 0
        p = float(binomtest(last, total, 1 / (len(earlier) + 1)).pvalue) if told else float("nan")
        mean = float(earlier.sum()) / len(earlier) if len(earlier) else float("nan")
        rows.append({"kind": str(kind), "month": months["month"][-1], "last": last, "before": mean, "p": p})
    schema = {"kind": pl.String, "month": pl.Date, "last": pl.Int64, "before": pl.Float64, "p": pl.Float64}
    table = pl.DataFrame(rows, schema=schema)
    adjusted = pl.Series("p", false_discoveries(table["p"].to_numpy()) if table.height else np.array([]))
    far = (pl.col("last") < HALF * pl.col("before")) | (pl.col("last") > TWICE * pl.col("before"))
    moved = (far & (pl.col("p") <= CHANCE)).fill_null(value=False)
    return table.with_columns(adjusted).with_columns(level=pl.when(moved).then(pl.lit(ALARM)).otherwise(pl.lit(QUIET)))
