"""Times as delivered, in UTC microseconds."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from fraudnet.errors import InputError
from fraudnet.expressions import LOCAL_OFFSET_US, LOCAL_ZONE
from fraudnet.sources.letters import Letters
from fraudnet.sources.mapping import Value
from fraudnet.sources.stamps import NOT_ONE, read_stamps

UNIT_US = {"us": 1, "ms": 1_000, "s": 1_000_000, "hours": 3_600_000_000, "days": 86_400_000_000}
LAST_US = 250_000_000_000_000_000  # year 9892; later ones overflow where a moment becomes a calendar date
STEADY_SINCE = datetime(1976, 1, 1)
PRINTED = "%Y-%m-%d %H:%M:%S"
BLANK_FORM = "%Y-%m-%d %H"
USUAL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]"
ZONED = re.compile("%#?z")
ISO_LOCAL = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
ISO_ZONED = "%Y-%m-%dT%H:%M:%S%.f%#z"


def moments(column: pl.Expr, dtype: pl.DataType, said: Value, zone: str) -> pl.Expr:
    """UTC microseconds; null where the value is no time. Times without an offset are in `zone`.

    Texts have no blanks around them. Numbers need the mapping's `unit` and count from `origin` in `zone`. Raises
    InputError for numbers without one.
    """
    if said.unit is not None and not dtype.is_temporal():
        return _counted(column, dtype, said, zone)
    if isinstance(dtype, pl.Datetime):
        return column.cast(pl.Datetime("us", "UTC")) if dtype.time_zone else _placed(column, zone)
    if dtype == pl.Date:
        return _placed(column.cast(pl.Datetime("us")), zone)
    if dtype != pl.String:
        raise InputError(
            "column {column!r} holds {dtype} where a time is wanted; say `unit` in the mapping",
            column=said.column,
            dtype=dtype,
        )
    if said.format is not None and said.format.startswith(BLANK_FORM) and not ZONED.search(said.format):
        return _usual(column, said.format, zone)
    return _parsed(_text(column), said.format, zone)


def _usual(text: pl.Expr, form: str, zone: str) -> pl.Expr:
    read = _read_printed if form == PRINTED and zone == LOCAL_ZONE else _read_usual
    return text.map_batches(partial(read, form=form, zone=zone), return_dtype=pl.Datetime("us", "UTC"))


def _read_printed(text: pl.Series, form: str, zone: str) -> pl.Series:
    """Nearly every row is printed as a database prints it; the others are read one way after the other."""
    letters = Letters(text)
    local = read_stamps(letters.data, letters.starts)
    moment = pl.Series(text.name, local - LOCAL_OFFSET_US).cast(pl.Datetime("us", "UTC"))
    other = pl.Series(local == NOT_ONE) | text.is_null()
    if not other.any():
        return moment
    return moment.scatter(other.arg_true(), _read_usual(text.filter(other), form, zone))


def _read_usual(text: pl.Series, form: str, zone: str) -> pl.Series:
    """Most rows have one blank between day and time, and a day since Vietnam last moved its clocks.

    Taking seven hours off costs a tenth of asking the table of time zones.
    """
    usual = text.str.contains(USUAL)
    local = text.set(~usual, None).str.to_datetime(form, time_unit="us", strict=False)
    steady = (local >= STEADY_SINCE).fill_null(False) & (zone == LOCAL_ZONE)
    moment = (local - timedelta(microseconds=LOCAL_OFFSET_US)).dt.replace_time_zone("UTC")
    odd = text.is_not_null() & ~steady
    if not odd.any():
        return moment
    rest = text.filter(odd).alias("text").to_frame().select(_parsed(_text(pl.col("text")), form, zone)).to_series()
    return moment.scatter(odd.arg_true(), rest)


def days(column: pl.Expr, dtype: pl.DataType, said: Value, zone: str) -> pl.Expr:
    """Calendar days in `zone`; null where the value is none."""
    if dtype == pl.Date:
        return column
    if dtype == pl.String and said.format is None and said.unit is None:
        text = _text(column)
        return pl.coalesce(
            text.str.to_date("%Y-%m-%d", strict=False),
            moments(column, dtype, said, zone).dt.convert_time_zone(zone).dt.date(),
        )
    if dtype == pl.String and said.format is not None and "%H" not in said.format:
        return _text(column).str.to_date(said.format, strict=False)
    return moments(column, dtype, said, zone).dt.convert_time_zone(zone).dt.date()


def _text(column: pl.Expr) -> pl.Expr:
    return column.str.strip_chars().str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) +", "${1}T")


def _placed(column: pl.Expr, zone: str) -> pl.Expr:
    """Wall clock to UTC: the first of two equal hours when clocks go back; an hour that never was is null."""
    there = column.cast(pl.Datetime("us")).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return there.dt.convert_time_zone("UTC")


def _parsed(text: pl.Expr, form: str | None, zone: str) -> pl.Expr:
    if form is None:
        local = [text.str.to_datetime(each, time_unit="us", strict=False) for each in ISO_LOCAL]
        date = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
        zoned = text.str.to_datetime(ISO_ZONED, time_unit="us", time_zone="UTC", strict=False)
        return pl.coalesce(_placed(pl.coalesce(*local, date), zone), zoned)
    form = form.replace(" ", "T", 1) if form.startswith("%Y-%m-%d ") else form
    if "%z" in form or "%#z" in form:
        return text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
    if any(mark in form for mark in ("%H", "%I", "%T", "%R")):
        return _placed(text.str.to_datetime(form, time_unit="us", strict=False), zone)
    return _placed(text.str.to_date(form, strict=False).cast(pl.Datetime("us")), zone)


def _counted(column: pl.Expr, dtype: pl.DataType, said: Value, zone: str) -> pl.Expr:
    unit = UNIT_US[said.unit or "s"]
    moment = datetime.fromisoformat(said.origin)
    origin = pl.lit(moment)
    start = (origin.cast(pl.Datetime("us", "UTC")) if moment.tzinfo else _placed(origin, zone)).cast(pl.Int64)
    numbers = column if dtype.is_numeric() else column.cast(pl.String).str.strip_chars()
    parts = (numbers.cast(pl.Float64, strict=False) * unit).round()
    since = pl.when(parts.abs() <= LAST_US).then(parts).cast(pl.Int64, strict=False)
    if not dtype.is_float():  # whole numbers stay whole: microseconds since 1970 pass what a float holds exactly
        exact = numbers.cast(pl.Int64, strict=False)
        limit = LAST_US // unit
        since = pl.coalesce(pl.when(exact.is_between(-limit, limit)).then(exact * unit), since)
    return (since + start).cast(pl.Datetime("us", "UTC"))
