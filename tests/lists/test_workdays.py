"""Deadlines count Vietnamese working days: Tết, feasts, shifted days, midnight in Vietnam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fraudnet.expressions import start_of_day
from fraudnet.lists.workdays import HELD, OTHER, after_working_days, calendar, deadline, is_working


def local(day: str, hour: int = 9) -> datetime:
    return start_of_day(date.fromisoformat(day)) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2026-03-02", "2026-03-05"),  # Monday: Thursday night
        ("2026-03-05", "2026-03-10"),  # Thursday: over a weekend
        ("2026-02-13", "2026-02-25"),  # the Friday before Tết
        ("2025-01-24", "2025-02-05"),
        ("2026-04-29", "2026-05-06"),  # 30 April, 1 May
        ("2026-04-24", "2026-05-04"),  # Hùng Kings on a Sunday: the Monday is off
        ("2026-08-20", "2026-08-24"),  # Saturday 22 August is worked
        ("2026-08-28", "2026-09-07"),  # 31 August was shifted
        ("2025-12-31", "2026-01-07"),
    ],
)
def test_three_working_days(opened, due):
    assert after_working_days(local(opened), 3) == start_of_day(date.fromisoformat(due) + timedelta(days=1))


def test_the_day_is_that_of_vietnam():
    late = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # half past midnight on 3 March in Vietnam
    assert after_working_days(late, 3) == after_working_days(local("2026-03-03"), 3)


def test_held_money_counts_in_hours_through_every_feast():
    opened = local("2026-02-16", 22)
    assert deadline(opened, HELD, 12, 3) == opened + timedelta(hours=12)
    assert deadline(opened, OTHER, 12, 3) == after_working_days(opened, 3)


def test_the_table_holds_days_that_are_what_they_say():
    for year, (off, worked) in calendar().items():
        assert all(day.year == year and day.weekday() < 5 for day in off)
        assert all(day.year == year and day.weekday() == 5 for day in worked)
        assert len(off) >= 11
    assert is_working(date(2028, 2, 29)) and not is_working(date(2028, 2, 27))
