"""Small builders of Polars expressions that several floors share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, STATES, Records

LOCAL_ZONE = "Asia/Ho_Chi_Minh"
HOUR_US = 3_600_000_000
LOCAL_OFFSET_US = 7 * HOUR_US  # all year, since 1975
DAY_US = 86_400_000_000
NIGHT_FROM, NIGHT_TO = 23, 5
Closed = Literal["left", "right", "both", "none"]
FILE, NUMBER = "row_file", "row_number"  # what row ids are made of, in tables that are kept without them


def row_id(front: str = "") -> pl.Expr:
    """The id of a row, `<file>#<number>`, of its two parts; null where there is none. front: before their names."""
    return pl.concat_str(pl.col(front + FILE).cast(pl.String), pl.col(front + NUMBER), separator="#")


def known_before(records: Records, as_of: datetime) -> Records:
    """Every row that had happened and was known strictly before `as_of` (at < as_of and known_at < as_of).

    Of several rows about one account, SIM or identity record only the one known last is left.
    """
    rows = told_before(records, as_of)
    latest = {name: _latest(rows.tables[name], key) for name, key in STATES.items() if records.has(name)}
    return rows.with_tables(**latest)


def told_before(records: Records, as_of: datetime) -> Records:
    """As `known_before`, with all rows about one account, SIM or identity record."""
    tables = {}
    for name, frame in records.tables.items():
        keep = pl.col("known_at") < as_of
        if name in EVENT_TIME:
            happened = pl.col(EVENT_TIME[name])
            keep = keep & (happened.is_null() | (happened < as_of))
        tables[name] = frame.filter(keep)
    return records.with_tables(**tables)


def _latest(rows: pl.LazyFrame, key: tuple[str, ...]) -> pl.LazyFrame:
    return rows.sort("known_at", "row_id").unique(key, keep="last", maintain_order=True)


def one_of_each(rows: pl.DataFrame, key: tuple[str, ...], keep: Literal["first", "last"]) -> pl.DataFrame:
    """Of several rows with one key the one known first or last (by known_at, row_id); rows stay in their order.

    Only rows that are not alone with the hash of their key are sorted, which few are.
    """
    marks = rows.select(pl.col(column).hash(place) for place, column in enumerate(key)).fold(lambda a, b: a ^ b)
    repeated = rows.select(*key, "known_at", "row_id", row=pl.int_range(pl.len())).filter(marks.is_duplicated())
    if repeated.is_empty():
        return rows
    stays = repeated.sort("known_at", "row_id").unique(key, keep=keep)["row"]
    kept = ~marks.is_duplicated() | pl.int_range(rows.height, eager=True).is_in(stays.implode())
    return rows.filter(kept)


def latest(records: Records, columns: Mapping[str, tuple[str, ...]]) -> Records:
    """Tables of states in memory, with their keys and some columns: of several rows with one key the one known last."""
    tables = {}
    for name, wanted in columns.items():
        rows = records.table(name).select(*STATES[name], "known_at", "row_id", *wanted)
        tables[name] = one_of_each(rows.collect(engine="streaming"), STATES[name], "last").lazy()
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
    # In whole numbers: the tables of time zones cost ten times more.
    hour = (pl.col(column).dt.epoch("us") + LOCAL_OFFSET_US) // HOUR_US % 24
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


def day_number(column: str) -> pl.Expr:
    """The calendar day in Vietnam of a UTC moment, as days since 1970 (Int64)."""
    return (pl.col(column).dt.epoch("us") + LOCAL_OFFSET_US) // DAY_US


def microseconds(days: float) -> str:
    """A number of days as Polars writes a length of time, exact to the microsecond."""
    return f"{round(days * DAY_US)}us"


def trailing(value: pl.Expr, key: str, ts: str, days: float, delay: float = 0, closed: Closed = "right") -> pl.Expr:
    """Sum of `value` per `key` over (t - delay - days, t - delay] of each row's own moment, the row itself included.

    `value` is made of columns and holds whole numbers (counts, money in minor units), so that the sum is exact and
    free of row order; rows at the same moment see each other. `days` and `delay` are in days, fractions allowed;
    `closed` says which ends belong to the window. Rows need no order; an empty window has the sum 0.
    """
    if delay == 0:
        return _running(value, key, ts, days, closed)
    since_start = _running(value, key, ts, days + delay, "both" if closed in ("left", "both") else "right")
    after_end = _running(value, key, ts, delay, "right" if closed in ("right", "both") else "both")
    return since_start - after_end


def _running(value: pl.Expr, key: str, ts: str, days: float, closed: Closed) -> pl.Expr:
    return value.rolling_sum_by(ts, microseconds(days), closed=closed).over(key).fill_null(0)
