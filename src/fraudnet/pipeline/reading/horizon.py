"""How far the data of each source reach, and whether a cut-off asks for more than they hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME
from fraudnet.errors import InputError
from fraudnet.expressions import day_number, local_day, start_of_day
from fraudnet.pipeline.reading.source import MOVEMENTS, Source

GAP_DAYS = 3  # a source whose last row lies further back than this has not delivered yet
STEADY_DAYS, STEADY_OF = 25, 30  # a source has rows on this many of its last thirty days, or its silence says nothing


def reach(source: Source) -> pl.DataFrame:
    """The first and the last day of each table and source, and how regular it is.

    Columns: table, source, first, last (days in Vietnam), steady (rows on most days), daily (on every day) of its last
    thirty days.
    """
    parts = [_days(source, table) for table in MOVEMENTS if source.records.has(table)]
    days = pl.concat(parts) if parts else _none()
    last = pl.col("day").max().over("table", "source")
    recent = pl.col("day") > last - pl.duration(days=STEADY_OF)
    return (
        days.with_columns(recent=recent)
        .group_by("table", "source")
        .agg(
            first=pl.col("day").min(),
            last=pl.col("day").max(),
            steady=pl.col("recent").sum() >= STEADY_DAYS,
            daily=pl.col("recent").sum() >= STEADY_OF,
        )
        .sort("table", "source")
        .collect(engine="streaming")
    )


def _days(source: Source, table: str) -> pl.LazyFrame:
    days = source.records.table(table).select("source", day=day_number(EVENT_TIME[table]).cast(pl.Int32)).unique()
    return days.select("source", table=pl.lit(table), day=pl.col("day").cast(pl.Date))


def _none() -> pl.LazyFrame:
    return pl.LazyFrame(schema={"source": pl.String, "table": pl.String, "day": pl.Date})


def last_complete_day(source: Source) -> date:
    """The last day for which every source has rows that has them every day; without any, the day of the last row."""
    found = reach(source).filter("daily")["last"].min()
    return found if isinstance(found, date) else local_day(source.last_moment())


def default_as_of(source: Source) -> datetime:
    """The start of the day in Vietnam after the last day that is complete for all."""
    return start_of_day(last_complete_day(source) + timedelta(days=1))


def check(source: Source, as_of: datetime, *, allow_gap: bool) -> None:
    """Raise InputError when a cut-off lies before the first row, or more than three days after a source's last one.

    A window that reaches into days nobody delivered would count silence as calm. Sources that do not usually have rows
    every day are not held against it. `allow_gap` goes on in spite of a gap.
    """
    table = reach(source)
    if not table.height:
        return
    day = local_day(as_of)
    first = table["first"].min()
    if isinstance(first, date) and day <= first:
        raise InputError("--as-of {day}: the first row is of {first}; name a later day", day=day, first=first)
    late = table.filter(pl.col("steady") & (pl.col("last") < day - timedelta(days=GAP_DAYS + 1)))
    if late.height and not allow_gap:
        told = ", ".join(f"{row['source']} ({row['table']}) {row['last']}" for row in late.head(8).to_dicts())
        more = f" and {late.height - 8} more" if late.height > 8 else ""
        raise InputError(
            "--as-of {day}: lies more than {most} days after the last row of {told}{more}; bring the "
            "missing days, score as of {complete}, or add --allow-gap",
            day=day,
            most=GAP_DAYS,
            told=told,
            more=more,
            complete=last_complete_day(source) + timedelta(days=1),
        )
