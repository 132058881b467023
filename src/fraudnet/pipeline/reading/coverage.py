"""What has been delivered: registered drops, and for which days each source has rows and for which it has none."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME
from fraudnet.contracts.progress import Progress
from fraudnet.expressions import local
from fraudnet.pipeline.reading.register import entries
from fraudnet.pipeline.reading.source import MOVEMENTS, read_request
from fraudnet.pipeline.request import Request
from fraudnet.settings import Settings
from fraudnet.sources.balances import STATEMENTS

USUAL = 0.7  # a source with rows on fewer of its days is not expected to have some every day
MOST_HOLES = 20


def drops_told(settings: Settings, progress: Progress) -> dict[str, Any]:
    """The registered drops with what each corrected, and per source and table its days and its holes.

    A hole is a day without a row between the first day that any source of the table has and the last, of a source that
    has rows on most of its days. Raises ConfigurationError when nothing is registered.
    """
    records = read_request(Request(()), settings, progress).records
    tables = [name for name in (*MOVEMENTS, STATEMENTS) if records.has(name)]
    days = [
        records.table(name).select("source", table=pl.lit(name), day=local(EVENT_TIME[name]).dt.date()).unique()
        for name in tables
    ]
    found = pl.concat(days).collect(engine="streaming") if days else pl.DataFrame(schema={"source": pl.String})
    parts = found.partition_by("table", "source", as_dict=True) if found.height else {}
    ends = {t: (found.filter(table=t)["day"].min(), found.filter(table=t)["day"].max()) for t in tables}
    sources = [
        {"source": source, "table": table, **_span(rows["day"].sort().to_list(), ends[str(table)])}
        for (table, source), rows in sorted(parts.items())
    ]
    kept = ("folder", "added_at", "rows", "supersedes")
    return {"drops": [{name: each[name] for name in kept} for each in entries(settings)], "sources": sources}


def _span(days: list[date], ends: tuple[Any, Any]) -> dict[str, Any]:
    first, last = days[0], days[-1]
    steady = len(days) >= USUAL * ((last - first).days + 1) and len(days) > 1
    low, high = ends if steady else (first, last)
    have = set(days)
    every = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    holes = _ranges([day for day in every if day not in have]) if steady else []
    return {"first": str(first), "last": str(last), "days": len(days), "holes": holes}


def _ranges(days: list[date]) -> list[str]:
    """Days as single days and ranges of days."""
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1][1] = day
        else:
            found.append([day, day])
    return [str(a) if a == b else f"{a} to {b}" for a, b in found]
