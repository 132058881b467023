"""Working days of Vietnam, with Tết, the other feasts and the days that were shifted: one table for every deadline."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

from fraudnet.expressions import local_day, start_of_day

HELD, OTHER = "held_amount", "other"
KINDS = (HELD, OTHER)


@cache
def calendar() -> dict[int, tuple[frozenset[date], frozenset[date]]]:
    """Days off and worked Saturdays of each year in the table."""
    said = tomllib.loads(files("fraudnet.lists").joinpath("holidays.toml").read_text(encoding="utf-8"))
    return {int(year): (_days(parts["off"]), _days(parts["worked"])) for year, parts in said.items()}


def _days(said: list[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in said)


def is_working(day: date) -> bool:
    """Whether people work on a day."""
    off, worked = calendar().get(day.year, (frozenset(), frozenset()))
    return day in worked or (day.weekday() < 5 and day not in off)


def after_working_days(opened: datetime, days: int) -> datetime:
    """The end of the last of so many working days after the day of a moment, in Vietnam."""
    day = local_day(opened)
    while days:
        day += timedelta(days=1)
        days -= is_working(day)
    return start_of_day(day + timedelta(days=1))


def deadline(opened: datetime, kind: str, hours: int, days: int) -> datetime:
    """When a contest must be answered: hours after its opening where money is held, else working days."""
    return opened + timedelta(hours=hours) if kind == HELD else after_working_days(opened, days)
