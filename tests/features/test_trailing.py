"""Trailing windows against plain Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.expressions import Closed, day_number, is_night, local, trailing

START = datetime(2025, 1, 1, tzinfo=UTC)
ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(-5, 9)), min_size=1, max_size=30)


def inside(moment: datetime, low: datetime, high: datetime, closed: Closed) -> bool:
    if moment == low:
        return closed in ("left", "both") and (low < high or closed == "both")
    if moment == high:
        return closed in ("right", "both")
    return low < moment < high


@pytest.mark.parametrize("closed", ["right", "left", "both", "none"])
@pytest.mark.parametrize("delay", [0.0, 0.25, 1.0])
@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_sums_of_every_window(closed: Closed, delay: float, rows: list[tuple[int, int, int]]) -> None:
    # Hours in steps of 6, so that rows lie exactly on both ends of windows.
    frame = pl.DataFrame(
        {
            "key": [k for k, _, _ in rows],
            "at": [START + timedelta(hours=6 * h) for _, h, _ in rows],
            "n": [v for *_, v in rows],
        }
    ).cast({"at": pl.Datetime("us", "UTC")})
    found = frame.select(trailing(pl.col("n"), "key", "at", 0.5, delay, closed)).to_series().to_list()
    for (key, at, _), total in zip(frame.iter_rows(), found, strict=True):
        high = at - timedelta(days=delay)
        low = high - timedelta(days=0.5)
        assert total == sum(n for k, t, n in frame.iter_rows() if k == key and inside(t, low, high, closed))


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)))
@settings(max_examples=50, deadline=None)
def test_day_and_night_are_those_of_the_wall_clock(moment: datetime) -> None:
    frame = pl.DataFrame({"at": [moment]}).cast({"at": pl.Datetime("us", "UTC")})
    frame = frame.with_columns(
        pl.col("at").dt.replace_time_zone("UTC"), wall=local("at"), day=day_number("at"), night=is_night("at")
    )
    row = frame.row(0, named=True)
    assert row["day"] == (row["wall"].date() - datetime(1970, 1, 1).date()).days
    assert row["night"] == (row["wall"].hour >= 23 or row["wall"].hour < 5)
