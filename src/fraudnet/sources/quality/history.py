"""Reports of earlier drops: kept in the data directory by name of the drop and day, found again for the trend."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fraudnet.errors import InputError, MissingInputError
from fraudnet.files import digest_of, write_json

FORMAT = "fraudnet.quality/1"
SHOWN = 12  # earlier reports behind a trend
Report = dict[str, Any]


@dataclass(frozen=True)
class Before:
    """Earlier reports, oldest first; `last` is the one that this report is compared with."""

    reports: tuple[Report, ...] = ()

    @property
    def last(self) -> Report | None:
        """The newest of them."""
        return self.reports[-1] if self.reports else None

    def values(self, source: str) -> list[float | None]:
        """A source's overall value in each report, oldest first; null where it was not there or not known."""
        return [_overall(report, source) for report in self.reports]

    def value(self, source: str, institution: str | None, criterion: str) -> float | None:
        """A value of the last report; null where it was not there or not known."""
        for row in self.last["quality"] if self.last else ():
            if (row["source"], row["institution"], row["criterion"]) == (source, institution, criterion):
                found: float | None = row["value"]
                return found
        return None


def place_of(home: Path, names: Sequence[str]) -> Path:
    """The folder that keeps the reports of the drops with these names."""
    return home / "quality" / digest_of(list(names))[:16]


def keep(folder: Path, report: Report) -> Path:
    """Keep a report; the same drop as of the same day replaces its own earlier one."""
    return write_json(folder / f"{report['as_of']}-{report['digest'][:10]}.json", report)


def earlier(folder: Path, as_of: str) -> Before:
    """The kept reports as of earlier days, one per day, oldest first; files that are no such report are passed over."""
    found: dict[str, Report] = {}
    for path in sorted(folder.glob("*.json")):
        report = _read(path)
        if report is not None and report["as_of"] < as_of:
            found[report["as_of"]] = report
    return Before(tuple(found[day] for day in sorted(found))[-SHOWN:])


def given(path: Path) -> Before:
    """One report that was named. Raises MissingInputError, or InputError when it is none of this format."""
    if not path.is_file():
        raise MissingInputError(
            "{path}: there is no such report; name a quality.json that `fraudnet check` wrote", path=path
        )
    report = _read(path)
    if report is None:
        raise InputError(
            "{path}: is no report of the format {known}; name a quality.json that `fraudnet check` wrote",
            path=path,
            known=FORMAT,
        )
    return Before((report,))


def _read(path: Path) -> Report | None:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        whole = report["format"] == FORMAT and isinstance(report["as_of"], str)
        rows = [(row["source"], row["institution"], row["criterion"], row["value"]) for row in report["quality"]]
        placed = [(row["source"], row["overall"]) for row in report["ranking"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    numbers = all(value is None or isinstance(value, int | float) for *_, value in [*rows, *placed])
    return report if whole and numbers else None


def _overall(report: Report, source: str) -> float | None:
    found: float | None = next((row["overall"] for row in report["ranking"] if row["source"] == source), None)
    return found
