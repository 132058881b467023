"""Words and figures of the data-quality page: what stands in a cell."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from fraudnet.contracts.quality import QUALITIES
from fraudnet.messages import text
from fraudnet.rendering import chart
from fraudnet.rendering.numbers import percent, whole
from fraudnet.rendering.table import Cell

WEAK = 60
MARKS = {"too_few": "¹", "no_other_source": "²", "undated": "³", "no_keys": "⁴", "nothing_to_check": "⁵"}
Row = dict[str, Any]


class Words:
    """Texts of the page in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, message: str, **values: object) -> str:
        """A text of the report with its places filled in."""
        return text(f"quality.{message}", self.language, **values)

    def source(self, row: Row) -> Cell:
        """A source by its name where the list of institutions knows one, else by its key."""
        name = row.get("name")
        return Cell(name, row["source"]) if name and name != row["source"] else Cell(row["source"])

    def value(self, row: Row) -> Cell:
        """A value of 0 to 100 with its bar; weak is bold and ochre, unknown is hatched, with a mark that says why."""
        if row["value"] is None:
            return Cell(f"?{MARKS[row['note']]}", None, chart.bar(None), "quiet")
        return self.bare(row["value"])

    def reasons(self, rows: Iterable[Row]) -> list[tuple[str, str]]:
        """The marks of unknown values that occur, with what they mean."""
        seen = {row["note"] for row in rows if row["value"] is None}
        return [(f"?{mark}", self(f"why.{why}")) for why, mark in MARKS.items() if why in seen]

    def bare(self, value: float | None, strong: bool = False) -> Cell:
        """A value of 0 to 100 with its bar; weak is bold and ochre, unknown is hatched."""
        if value is None:
            return Cell("?", None, chart.bar(None), "quiet")
        tone = chart.WEAK if value < WEAK else chart.PLAIN
        return Cell(
            points(value), None, chart.bar(value / 100, tone), tone if tone == chart.WEAK else "strong" * strong
        )

    def measure(self, row: Row) -> str:
        """What a measure looks at, and in which table."""
        table = self(f"table.{row['table']}")
        return self("measure_in", measure=self(f"measure.{row['measure']}"), table=table)

    def share(self, numerator: int, denominator: int) -> str:
        """A share as percent, never rounded to all or nothing."""
        return percent(
            numerator / denominator, self.language, 1 if 0 < denominator - numerator < denominator / 20 else 0
        )

    def criterion(self, name: str) -> str:
        """The name of a criterion."""
        return self(f"criterion.{name}")


def points(value: float) -> str:
    """A value of 0 to 100 as a whole number, rounded down: only 100 itself is 100, and what is under 60 is told so."""
    return whole(math.floor(value))


def by_owner(report: Row) -> dict[tuple[str, str | None], dict[str, Row]]:
    """The rows of `quality` by source and institution, then by criterion in the order of the programme."""
    found: dict[tuple[str, str | None], dict[str, Row]] = {}
    for row in report["quality"]:
        found.setdefault((row["source"], row["institution"]), {})[row["criterion"]] = row
    return {owner: {name: rows[name] for name in QUALITIES} for owner, rows in found.items()}
