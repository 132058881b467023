"""The picture of when rows came: one strip per source, and one more for each table of it that fell silent."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from fraudnet.rendering import chart
from fraudnet.rendering.markup import tag
from fraudnet.rendering.numbers import day, whole
from fraudnet.rendering.page import Sheet
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table
from fraudnet.sources.quality.words import Row, Words

MOST = 200
MOST_SILENT = 24  # strips of single tables, those with most silent weeks
STEADY = 7  # rows in the middle week from which on a silent week says something
EDGES = (0.25, 2 / 3, 4 / 3, 2)


def weeks(report: Row, words: Words) -> Sheet:
    """Strips of weeks, shaded beside the strip's own middle week, silence hatched; silent tables first."""
    names = {row["source"]: row for row in report["ranking"]}
    sums = _by_source(report["weeks"])
    order = [row["source"] for row in report["ranking"] if row["source"] in sums][:MOST]
    silent = [said for said in report["weeks"] if 0 in said["rows"] and _middle(said["rows"]) >= STEADY]
    silent.sort(key=lambda said: (-said["rows"].count(0), said["source"], said["table"]))
    rows = [
        _strip(names[said["source"]], words(f"table.{said['table']}"), said["rows"], words)
        for said in silent[:MOST_SILENT]
    ]
    rows += [_strip(names[source], words("every_table"), sums[source], words) for source in order]
    heads = [Head(words("head.source")), Head(words("head.table")), Head(_span(report["weeks"], words), wide=True)]
    heads += [Head(words("head.silent"), RIGHT), Head(words("head.middle"), RIGHT)]
    body = table(Table(words("sheet.weeks"), heads, rows, words("sheet.weeks.empty")))
    return Sheet(words("sheet.weeks"), body + _legend(words), words("sheet.weeks.note"))


def _by_source(told: Sequence[Row]) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = {}
    for said in told:
        before = sums.get(said["source"], [0] * len(said["rows"]))
        sums[said["source"]] = [one + two for one, two in zip(before, said["rows"], strict=True)]
    return sums


def _middle(counts: Sequence[int]) -> float:
    return statistics.median(count for count in counts if count)


def _strip(named: Row, what: str, counts: Sequence[int], words: Words) -> list[Cell]:
    middle, silent = _middle(counts), sum(not count for count in counts)
    label = words("weeks.heard", source=named["source"], n=len(counts), silent=silent)
    strip = chart.strip([_level(count, middle) for count in counts], label)
    told = Cell(whole(silent), None, None, chart.WEAK if silent else "quiet")
    return [words.source(named), Cell(what, None, None, "tight"), Cell("", None, strip), told,
            Cell(whole(middle), None, None, "quiet")]  # fmt: skip


def _level(count: int, middle: float) -> int | None:
    """Shade of a week: up to a quarter, two thirds, four thirds, twice the middle week, or more; None when silent."""
    return sum(count / middle > edge for edge in EDGES) if count else None


def _span(told: Sequence[Row], words: Words) -> str:
    if not told:
        return words("head.weeks")
    first = date.fromisoformat(told[0]["from"])
    last = first + timedelta(days=7 * len(told[0]["rows"]) - 1)
    return words("span", start=day(first), end=day(last))


def _legend(words: Words) -> Markup:
    """What the shades of a week mean."""
    ramp = chart.swatches([0, 1, 2, 3, 4])
    shades = tag("span", Markup(" ").join([tag("span", words("legend.less")), ramp, tag("span", words("legend.more"))]))
    none = tag("span", Markup(" ").join([chart.swatches([None]), tag("span", words("legend.none"))]))
    return tag("p", shades + none, class_="legend")
