"""The report of the monitor as one offline page: what moved, how far, and what became of the flagged."""

from __future__ import annotations

from datetime import date
from typing import Any

from markupsafe import Markup

from fraudnet.monitor.drift import ALARM, LARGE, QUIET, WATCH
from fraudnet.rendering import chart
from fraudnet.rendering.numbers import day, decimal, whole
from fraudnet.rendering.page import Figure, Page, Sheet, render
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table
from fraudnet.runs.version import code_version

Row = dict[str, Any]
SHOWN = 40
TONES = {ALARM: "strong", WATCH: "weak"}


def page(found: Row) -> str:
    """The report of a run as an HTML document in English."""
    sheets = [_columns(kind) for kind in found["kinds"]]
    sheets += [_outcome(kind) for kind in found["kinds"] if kind["outcome"]]
    sheets.append(_labels(found["labels"]))
    moved = sum(kind["counts"][level] for kind in found["kinds"] for level in (ALARM, WATCH))
    return render(
        Page(
            language="en",
            trail="fraudnet · monitor",
            cut_off=f"as of {day(date.fromisoformat(found['as_of']))}",
            title=_finding(found["level"], moved),
            facts=f"{found['run']} against {found['against']}",
            figures=[_figure(kind) for kind in found["kinds"]],
            sheets=sheets,
            foot=f"fraudnet {code_version()}",
            skip="To the report",
        )
    )


def _finding(level: str, moved: int) -> str:
    if level == QUIET:
        return "Nothing has moved that somebody must look at"
    if level == ALARM:
        return f"Something must be looked at: {moved} columns moved further than chance and known rules explain"
    return f"{moved} columns moved, none of them far enough for an alarm"


def _figure(kind: Row) -> Figure:
    total = sum(kind["counts"].values())
    alarms = kind["counts"][ALARM]
    tone = chart.WEAK if alarms else chart.PLAIN
    note = f"of {whole(total)} columns stand at alarm, {whole(kind['counts'][WATCH])} at watch"
    return Figure(kind["kind"], whole(alarms), note, chart.bar(alarms / total if total else None, tone, 6))


def _columns(kind: Row) -> Sheet:
    heads = [
        Head("Column", wide=True),
        Head("Level"),
        Head("PSI", RIGHT),
        Head("p, adjusted", RIGHT),
        Head("Expected by"),
    ]
    moved = [row for row in kind["columns"] if row["level"] != QUIET][:SHOWN]
    rows = [
        [
            Cell(row["name"]),
            Cell(row["level"], tone=TONES.get(row["level"], "quiet")),
            Cell(decimal(row["psi"], 2), chart=chart.bar(min(row["psi"] / (4 * LARGE), 1.0))),
            Cell(_chance(row["p"])),
            Cell(row["expected_by"] or ""),
        ]
        for row in moved
    ]
    notes = tuple((one["on"], f"{one['what']} ({one['source']})") for one in kind["regimes"])
    said = Table(
        f"Columns of {kind['kind']} that moved since {kind['since']}", heads, rows, "No column moved.", 1, notes
    )
    return Sheet(
        f"{kind['kind']}: columns and scores", table(said), f"since {kind['since']}, {whole(kind['rows'])} rows"
    )


def _outcome(kind: Row) -> Sheet:
    told = kind["outcome"]
    rows = [[Cell(one["month"][:7]), Cell(whole(one["confirmed"]))] for one in told["by_month"]]
    said = Table("Confirmed by month", [Head("Month"), Head("Confirmed", RIGHT)], rows, "Nobody was confirmed yet.")
    note = f"{told['level']}: {whole(told['confirmed'])} of {whole(told['flagged'])} flagged were confirmed, "
    return Sheet(f"{kind['kind']}: outcome", table(said), f"{note}{decimal(told['expected'])} were expected", 6)


def _labels(labels: list[Row]) -> Sheet:
    heads = [
        Head("Kind"),
        Head("Month"),
        Head("Confirmed", RIGHT),
        Head("Mean before", RIGHT),
        Head("p", RIGHT),
        Head("Level"),
    ]
    rows = [
        [
            Cell(row["kind"]),
            Cell(str(row["month"])[:7]),
            Cell(whole(row["last"])),
            Cell("" if row["before"] is None else decimal(row["before"])),
            Cell(_chance(row["p"])),
            Cell(row["level"], tone=TONES.get(row["level"], "quiet")),
        ]
        for row in labels
    ]
    body: Markup = table(Table("Confirmations in the last month", heads, rows, "Nothing was ever confirmed."))
    return Sheet("Confirmations", body, "the last whole month against those before")


def _chance(p: float | None) -> str:
    return "" if p is None else ("< 0,001" if p < 0.001 else decimal(p, 3))
