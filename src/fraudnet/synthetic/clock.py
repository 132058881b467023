"""When things happen: the rhythm of the day and the week, in Vietnam's time, as UTC microseconds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from fraudnet.synthetic.columns import Ints

# First days of the lunar year.
TETS = (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26))
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
OFFSET = 7 * HOUR  # Asia/Ho_Chi_Minh has no summer time
PAYING = np.array([12, 7, 4, 3, 4, 8, 25, 45, 70, 85, 90, 80, 70, 60, 70, 80, 80, 75, 70, 80, 90, 85, 60, 30], float)
TALKING = np.array([6, 3, 2, 2, 3, 10, 30, 60, 80, 85, 90, 90, 60, 55, 75, 80, 85, 95, 90, 85, 80, 60, 35, 15], float)
WAKING = np.array(
    [60, 50, 35, 25, 20, 15, 15, 20, 30, 30, 30, 40, 40, 40, 40, 40, 45, 50, 60, 75, 85, 95, 95, 80], float
)
EVENING = np.array([15, 3, 0, 0, 0, 0, 0, 0, 0, 2, 5, 8, 12, 5, 3, 3, 5, 10, 30, 80, 100, 95, 70, 35], float)


def midnight_us(day: date) -> int:
    """The first moment of a local day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND - OFFSET


def hours(n: int, weights: np.ndarray, rng: np.random.Generator) -> Ints:
    """A time of day for each of n events, in microseconds after midnight, whole seconds."""
    hour = np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(n))
    return (np.minimum(hour, 23) * 3600 + rng.integers(0, 3600, n)) * SECOND


def day_weights(start_us: int, days: int) -> np.ndarray:
    """How busy each day is: quiet Sundays, a rush before Tet and a lull in it, and paydays."""
    first = np.datetime64((start_us + OFFSET) // SECOND, "s").astype("datetime64[D]")
    dates = first + np.arange(days)
    weekday = (dates.astype(np.int64) + 3) % 7
    month_day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    weight = np.where(weekday == 6, 0.85, 1.0) * np.where(np.isin(month_day, (1, 5, 10)), 1.12, 1.0)
    for year in TETS:
        tet = (dates - np.datetime64(year)).astype(np.int64)
        weight = np.where((tet >= -12) & (tet < -1), weight * 1.25, weight)
        weight = np.where((tet >= -1) & (tet < 5), weight * 0.7, weight)
    return np.asarray(weight)


def moments(n: int, span: tuple[int, int], weights: np.ndarray, rng: np.random.Generator) -> Ints:
    """n moments in [start, end), days by how busy they are, hours by the given rhythm."""
    start, end = span
    days = max(int((end - start) // DAY), 1)
    busy = np.cumsum(day_weights(start, days))
    day = np.minimum(np.searchsorted(busy / busy[-1], rng.random(n)), days - 1)
    return start + day * DAY + hours(n, weights, rng)


def days_in(span: tuple[int, int], first: tuple[int, int], last: tuple[int, int]) -> Ints:
    """Every local midnight of a span that lies between two days of the year, both included."""
    start = np.datetime64((span[0] + OFFSET) // SECOND, "s").astype("datetime64[D]")
    dates = start + np.arange(max(int((span[1] - span[0]) // DAY), 1))
    month = (dates.astype("datetime64[M]") - dates.astype("datetime64[Y]")).astype(np.int64) + 1
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    place = month * 100 + day
    inside = (place >= first[0] * 100 + first[1]) & (place <= last[0] * 100 + last[1])
    return np.asarray(dates[inside].astype("datetime64[us]").astype(np.int64) - OFFSET)
