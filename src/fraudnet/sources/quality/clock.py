"""Sources whose clock is another one: times of UTC read as local lie seven hours too early, and show as busy nights."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, Records
from fraudnet.expressions import local

TABLES = ("transfers", "statements", "calls", "cash", "events")
NIGHT = range(6)  # hours in which few people move money or call
SHIFT_H = 7
LEAST_ROWS = 200  # with times; a day without a time of day says nothing about a clock
BUSY, CALM = 0.15, 0.08


def shifted(records: Records) -> pl.DataFrame:
    """table, source, rows, night, moved: sources whose nights are busy as read, and calm when moved by seven hours.

    night: share of the rows from 0 to 6 o'clock in Vietnam; moved: the same once seven hours are added. Named are
    sources with at least 200 timed rows, a night share of 15 % or more, and one under 8 % and half of that when moved.
    """
    hours = [_hours(records, name) for name in TABLES if records.has(name)]
    if not hours:
        return pl.DataFrame(
            schema={"table": pl.String, "source": pl.String, "rows": pl.Int64, "night": pl.Float64, "moved": pl.Float64}
        )
    night, later = pl.col("hour").is_in(list(NIGHT)), ((pl.col("hour") + SHIFT_H) % 24).is_in(list(NIGHT))
    rows = pl.col("n").sum()
    found = pl.concat(hours).group_by("table", "source").agg(
        rows=rows.cast(pl.Int64),
        night=pl.col("n").filter(night).sum() / rows,
        moved=pl.col("n").filter(later).sum() / rows,
    )  # fmt: skip
    strange = (pl.col("night") >= BUSY) & (pl.col("moved") < CALM) & (pl.col("moved") < pl.col("night") / 2)
    named = found.filter((pl.col("rows") >= LEAST_ROWS) & strange)
    return named.with_columns(pl.col("night", "moved").round(4)).sort("table", "source")


def _hours(records: Records, table: str) -> pl.DataFrame:
    at = local(EVENT_TIME[table])
    timed = records.table(table).filter(at.dt.time() != pl.time(0, 0))
    counted = timed.group_by("source", hour=at.dt.hour().cast(pl.Int64)).agg(n=pl.len().cast(pl.Int64))
    return counted.collect(engine="streaming").select(pl.lit(table).alias("table"), "source", "hour", "n")
