"""Deadlines count Vietnamese working days: Tết, feasts, shifted days, midnight in Vietnam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fraudnet.expressions import start_of_day
from fraudnet.lists.workdays import (
    HELD,
    OFF,
    OTHER,
    UNSURE,
    WORKED,
    after_working_days,
    deadline,
    feasts,
    is_working,
)


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
        ("2027-02-03", "2027-02-12"),  # Tết of 2027: Thursday 4 February may be worked
        ("2027-04-14", "2027-04-20"),  # Hùng Kings on Friday 16 April
        ("2028-02-28", "2028-03-02"),  # a leap day counts like any other
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


def test_the_table_holds_days_that_are_what_they_say_each_with_its_source():
    rows = feasts()
    assert len({row.day for row in rows}) == len(rows)
    assert all(row.source and row.name and row.kind in (OFF, WORKED, UNSURE) for row in rows)
    assert all((row.day.weekday() == 5) == (row.kind == WORKED) and row.day.weekday() != 6 for row in rows)
    for year, at_least in ((2025, 11), (2026, 11), (2027, 8)):
        assert sum(row.day.year == year and row.kind == OFF for row in rows) >= at_least
    assert is_working(date(2028, 2, 29)) and not is_working(date(2028, 2, 27))


def test_of_a_day_that_nobody_can_say_yet_a_deadline_does_not_wait():
    unsure = [row.day for row in feasts() if row.kind == UNSURE]
    assert date(2026, 11, 24) in unsure and date(2027, 2, 4) in unsure
    assert all(is_working(day) for day in unsure)
