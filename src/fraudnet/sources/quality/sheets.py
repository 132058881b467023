"""The sheets of the data-quality page, each a picture with its table."""

from __future__ import annotations

from datetime import date

from fraudnet.contracts.quality import QUALITIES
from fraudnet.rendering import chart
from fraudnet.rendering.numbers import change, percent, whole
from fraudnet.rendering.page import Sheet
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table
from fraudnet.sources.quality.measure import HALF
from fraudnet.sources.quality.pictures import panels
from fraudnet.sources.quality.words import WEAK, Row, Words, by_owner, points

MOST_SOURCES = 200  # a page that ranks more is no picture any more; the JSON holds them all
MOST_PULLS, MOST_CHANGES, MOST_RULES = 12, 10, 12
MOVED, FELL = 1.0, -2.0


def criteria(report: Row, words: Words) -> Sheet:
    """Six small pictures: where the sources stand by each criterion."""
    placed: dict[str, list[float | None]] = {name: [] for name in QUALITIES}
    for row in report["quality"]:
        if row["institution"] is None:
            placed[row["criterion"]].append(row["value"])
    body, each = panels(placed, words)
    return Sheet(words("sheet.criteria"), body, words("sheet.criteria.note", each=each))


def ranking(report: Row, words: Words) -> Sheet:
    """Sources from best to worst: six values, the overall one, its way since earlier drops, the rows behind it."""
    values = by_owner(report)
    moved = report["before"] is not None
    heads = [Head(words("head.place"), RIGHT), Head(words("head.source"), wide=True)]
    heads += [Head(words.criterion(name), RIGHT) for name in QUALITIES] + [Head(words("head.overall"), RIGHT)]
    heads += [Head(words("head.change"), RIGHT)] * moved + [Head(words("head.rows"), RIGHT)]
    rows = []
    for row in report["ranking"][:MOST_SOURCES]:
        mine = values[row["source"], None]
        cells = [Cell(whole(row["place"]) if row["place"] else "–", None, None, "quiet"), words.source(row)]
        cells += [words.value(mine[name]) for name in QUALITIES] + [words.bare(row["overall"], True)]
        cells += [_trend(row, words)] * moved + [Cell(whole(row["rows"]), None, None, "quiet")]
        rows.append(cells)
    said = Table(words("caption.ranking"), heads, rows, words("finding.none"), 2, words.reasons(report["quality"]))
    day = _day(report["before"]) if moved else ""
    note = words("sheet.ranking.before", day=day) if moved else words("sheet.ranking.note")
    return Sheet(words("sheet.ranking"), table(said), note)


def _trend(row: Row, words: Words) -> Cell:
    values = [*row["earlier"], row["overall"]]
    last, now = row["earlier"][-1] if row["earlier"] else None, row["overall"]
    label = words("trend.heard", source=row["source"], n=len(values), value="?" if now is None else points(now))
    line = chart.spark(values, label)
    if last is None or now is None:
        return Cell("?", None, line, "quiet")
    return Cell(change(now - last), None, line, chart.WEAK if now - last <= FELL else "")


def institutions(report: Row, words: Words) -> Sheet | None:
    """The institutions of sources that tell about several; None where there is no such source."""
    rows = [
        [Cell(institution, source), *(words.value(mine[name]) for name in QUALITIES)]
        for (source, institution), mine in by_owner(report).items()
        if institution is not None
    ]
    if not rows:
        return None
    heads = [Head(words("head.institution"), wide=True), *(Head(words.criterion(name), RIGHT) for name in QUALITIES)]
    said = Table(words("sheet.institutions"), heads, rows[:MOST_SOURCES])
    return Sheet(words("sheet.institutions"), table(said), words("sheet.institutions.note"))


def weakest(report: Row, words: Words) -> Sheet:
    """The measures that cost most: the worst one of each source and criterion, those that miss most first."""
    known = {(row["source"], row["criterion"]) for row in report["quality"] if row["value"] is not None}
    worst: dict[tuple[str, str], Row] = {}
    for row in report["parts"]:
        owner = (row["source"], row["criterion"])
        if row["institution"] is None and owner in known and _lost(row) > _lost(worst.get(owner)):
            worst[owner] = row
    names = {row["source"]: row for row in report["ranking"]}
    pulls = sorted(worst.values(), key=lambda row: (-_lost(row), row["source"], row["criterion"]))[:MOST_PULLS]
    rows = [
        [
            words.source(names[row["source"]]),
            Cell(words.criterion(row["criterion"]), None, None, "tight"),
            Cell(words.measure(row)),
            _met(row, words),
            Cell(words("of", n=whole(row["numerator"]), m=whole(row["denominator"])), None, None, "quiet"),
        ]
        for row in pulls
    ]
    heads = [Head(words("head.source")), Head(words("head.criterion")), Head(words("head.measure"), wide=True)]
    heads += [Head(words("head.value"), RIGHT), Head(words("head.count"), RIGHT)]
    said = Table(words("sheet.weakest"), heads, rows, words("sheet.weakest.empty"))
    return Sheet(words("sheet.weakest"), table(said), words("sheet.weakest.note"), 7)


def _lost(row: Row | None) -> float:
    """How much a measure pulls: its share of misses, less where few things were looked at."""
    if row is None:
        return 0.0
    n = row["denominator"]
    return float((1 - row["numerator"] / n) * n / (n + HALF))


def _met(row: Row, words: Words) -> Cell:
    share = row["numerator"] / row["denominator"]
    tone = chart.WEAK if 100 * share < WEAK else chart.PLAIN
    told = words.share(row["numerator"], row["denominator"])
    return Cell(told, None, chart.bar(share, tone), tone if tone == chart.WEAK else "")


def changes(report: Row, words: Words) -> Sheet | None:
    """The criteria that moved most since the drop before; None without one."""
    if report["before"] is None:
        return None
    names = {row["source"]: row for row in report["ranking"]}
    both = [
        row for row in report["quality"] if None not in (row["value"], row["before"]) and row["institution"] is None
    ]
    moved = [row for row in both if abs(row["value"] - row["before"]) >= MOVED]
    moved.sort(key=lambda row: (-abs(row["value"] - row["before"]), row["source"], row["criterion"]))
    rows = [
        [
            words.source(names[row["source"]]),
            Cell(words.criterion(row["criterion"]), None, None, "tight"),
            Cell(points(row["before"]), None, None, "quiet"),
            words.value(row),
            _moved(row["value"] - row["before"]),
        ]
        for row in moved[:MOST_CHANGES]
    ]
    heads = [Head(words("head.source"), wide=True), Head(words("head.criterion"))]
    heads += [Head(words(f"head.{name}"), RIGHT) for name in ("before", "now", "change")]
    day = _day(report["before"])
    said = Table(words("sheet.changes", day=day), heads, rows, words("sheet.changes.empty"))
    return Sheet(words("sheet.changes", day=day), table(said), words("sheet.changes.note"), 5)


def _moved(points_moved: float) -> Cell:
    return Cell(change(points_moved), None, None, chart.WEAK if points_moved < 0 else "strong")


def expectations(report: Row, words: Words) -> Sheet:
    """What the mapping expects of each source, and what came; what fails stands first."""
    order = ("below", "above", "met")
    held = sorted(report["expectations"], key=lambda row: order.index(row["result"]))
    rows = [
        [
            Cell(words("every_source") if row["source"] == "*" else row["source"]),
            Cell(words("rows_of", table=words(f"table.{row['table']}")) if row["table"] else words("turned_share")),
            *(Cell(_amount(row, name, words)) for name in ("got", "min", "max")),
            Cell(
                words(f"result.{row['result']}"), None, None, {"below": "stop", "above": "weak"}.get(row["result"], "")
            ),
        ]
        for row in held
    ]
    heads = [Head(words("head.source")), Head(words("head.what"), wide=True)]
    heads += [Head(words(f"head.{name}"), RIGHT) for name in ("got", "min", "max")] + [Head(words("head.result"))]
    said = Table(words("sheet.expect"), heads, rows, words("sheet.expect.empty"))
    return Sheet(words("sheet.expect"), table(said), words("sheet.expect.note"), 7)


def _amount(row: Row, name: str, words: Words) -> str:
    value = row[name]
    if value is None:
        return "–"
    return whole(value) if row["table"] else percent(value, words.language, 3)


def tables(report: Row, words: Words) -> Sheet:
    """Rows in, usable, turned away and not selected, by table."""
    counts = ("rows_in", "good", "quarantined", "not_selected")
    heads = [Head(words("head.table"), wide=True), Head(words("head.files"), RIGHT)]
    heads += [Head(words(f"head.{name}"), RIGHT) for name in ("rows_in", "good", "turned", "skipped")]
    rows = [
        [Cell(words(f"table.{row['table']}")), *(Cell(whole(row[name])) for name in ("files", *counts))]
        for row in report["tables"]
    ]
    body = table(Table(words("sheet.tables"), heads, rows))
    return Sheet(words("sheet.tables"), body, words("sheet.tables.note"), 7)


def rules(report: Row, words: Words) -> Sheet:
    """Which rules cost most rows."""
    rows = [
        [Cell(row["rule"], None, None, "", "en"), Cell(words(f"table.{row['table']}")), Cell(whole(row["rows"]))]
        for row in report["rules"][:MOST_RULES]
    ]
    heads = [Head(words("head.rule"), wide=True), Head(words("head.table")), Head(words("head.rows"), RIGHT)]
    said = Table(words("sheet.rules"), heads, rows, words("sheet.rules.empty"))
    return Sheet(words("sheet.rules"), table(said), words("sheet.rules.note"), 5)


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d/%m/%Y")
