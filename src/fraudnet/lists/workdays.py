"""Working days of Vietnam, with Tết, the other feasts and the days that were shifted: one table for every deadline."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from operator import itemgetter

from fraudnet.expressions import local_day, start_of_day

HELD, OTHER = "held_amount", "other"
KINDS = (HELD, OTHER)
OFF, WORKED, UNSURE = "off", "worked", "unsure"


@dataclass(frozen=True)
class Feast:
    """One day of the table: what it is (off, worked, unsure), what it is called, and where that was read."""

    day: date
    kind: str
    name: str
    source: str


@cache
def feasts() -> tuple[Feast, ...]:
    """The table, in order of days."""
    said = tomllib.loads(files("fraudnet.lists").joinpath("holidays.toml").read_text(encoding="utf-8"))
    rows = [(date.fromisoformat(day), part) for part in said["days"] for day in part["days"]]
    return tuple(
        Feast(day, part["kind"], part["name"], part["source"]) for day, part in sorted(rows, key=itemgetter(0))
    )


@cache
def calendar() -> tuple[frozenset[date], frozenset[date]]:
    """Days off and worked Saturdays; a day of which nobody can say it yet is neither: no deadline comes late."""
    off, worked = (frozenset(f.day for f in feasts() if f.kind == kind) for kind in (OFF, WORKED))
    return off, worked


def is_working(day: date) -> bool:
    """Whether people work on a day."""
    off, worked = calendar()
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
