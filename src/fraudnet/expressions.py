"""Small builders of Polars expressions that several floors share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, Records

LOCAL_ZONE = "Asia/Ho_Chi_Minh"
DAY_US = 86_400_000_000
NIGHT_FROM, NIGHT_TO = 23, 5


def known_before(records: Records, as_of: datetime) -> Records:
    """Every row that had happened and was known strictly before `as_of` (at < as_of and known_at < as_of)."""
    tables = {}
    for name, frame in records.tables.items():
        keep = pl.col("known_at") < as_of
        if name in EVENT_TIME:
            happened = pl.col(EVENT_TIME[name])
            keep = keep & (happened.is_null() | (happened < as_of))
        tables[name] = frame.filter(keep)
    return records.with_tables(**tables)


def within(column: str, as_of: datetime, days: float | None) -> pl.Expr:
    """Whether a moment lies in [as_of - days, as_of); without days, anywhere before."""
    before = pl.col(column) < as_of
    if days is None:
        return before
    return before & (pl.col(column) >= as_of - timedelta(days=days))


def local(column: str) -> pl.Expr:
    """The wall clock of Vietnam for a UTC moment."""
    return pl.col(column).dt.convert_time_zone(LOCAL_ZONE)


def is_night(column: str) -> pl.Expr:
    """Whether a moment falls between 23:00 and 05:00 in Vietnam."""
    hour = local(column).dt.hour()
    return (hour >= NIGHT_FROM) | (hour < NIGHT_TO)


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole as Float64; null where the whole is 0 or unknown: unknown is not zero."""
    return pl.when(whole != 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))


def start_of_day(day: date) -> datetime:
    """00:00 of a day in Vietnam, as a UTC moment."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(LOCAL_ZONE)).astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The day in Vietnam that a moment falls on."""
    return moment.astimezone(ZoneInfo(LOCAL_ZONE)).date()
