"""The data-quality report as one offline page: the finding, four figures, pictures with their tables."""

from __future__ import annotations

import statistics
from datetime import date

from markupsafe import Markup

from fraudnet.contracts.quality import QUALITIES
from fraudnet.rendering import chart
from fraudnet.rendering.markup import tag
from fraudnet.rendering.numbers import day, whole
from fraudnet.rendering.page import Figure, Page, Sheet, render
from fraudnet.runs.version import code_version
from fraudnet.sources.quality import sheets
from fraudnet.sources.quality.weeks import weeks
from fraudnet.sources.quality.words import WEAK, Row, Words, points


def page(report: Row, language: str) -> str:
    """The report as an HTML document in Vietnamese, English or French; names of sources are escaped."""
    words = Words(language)
    parts = [
        sheets.criteria(report, words),
        sheets.ranking(report, words),
        sheets.institutions(report, words),
        sheets.weakest(report, words),
        sheets.changes(report, words) or sheets.rules(report, words),
        weeks(report, words),
        sheets.expectations(report, words),
        sheets.rules(report, words) if report["before"] else None,
        sheets.tables(report, words),
        meaning(words),
    ]
    made = Page(
        language=language,
        trail=f"fraudnet · {words('title.page')}",
        cut_off=words("cut_off", day=day(date.fromisoformat(report["as_of"]))),
        title=finding(report, words),
        facts=_facts(report, words),
        figures=[_rows(report, words), _middle(report, words), _criterion(report, words), _expectations(report, words)],
        sheets=[part for part in parts if part is not None],
        foot=words("foot", version=code_version()),
        skip=words("skip"),
    )
    return render(made)


def finding(report: Row, words: Words) -> str:
    """The one sentence that stands above everything."""
    ranked = [row for row in report["ranking"] if row["overall"] is not None]
    if not ranked:
        return words("finding.none")
    last = ranked[-1]["name"] or ranked[-1]["source"]
    below = sum(row["result"] == "below" for row in report["expectations"])
    if below:
        return words("finding.below", n=below, last=last)
    whole_sources = [row for row in report["quality"] if row["institution"] is None and row["value"] is not None]
    weak = {row["source"] for row in whole_sources if row["value"] < WEAK}
    known = {row["source"] for row in whole_sources}
    if weak:
        return words("finding.weak", n=len(weak), m=len(known), last=last)
    return words("finding.good", m=len(known))


def _facts(report: Row, words: Words) -> str:
    rows = sum(row["rows_in"] for row in report["tables"])
    drops = ", ".join(report["drops"])
    return words("facts", drops=drops, rows=whole(rows), sources=len(report["ranking"]), tables=len(report["tables"]))


def _rows(report: Row, words: Words) -> Figure:
    good, turned = (sum(row[name] for row in report["tables"]) for name in ("good", "quarantined"))
    share = words.share(good, good + turned) if good + turned else "?"
    note = words("figure.rows.note", turned=whole(turned))
    return Figure(
        words("figure.rows"), share, note, chart.bar(good / (good + turned) if good + turned else None, height=6)
    )


def _middle(report: Row, words: Words) -> Figure:
    ranked = [row["overall"] for row in report["ranking"] if row["overall"] is not None]
    middle = statistics.median(ranked) if ranked else None
    bar = chart.bar(None if middle is None else middle / 100, height=6)
    told = "?" if middle is None else points(middle)
    return Figure(words("figure.middle"), told, words("figure.middle.note", n=len(ranked)), bar)


def _criterion(report: Row, words: Words) -> Figure:
    known: dict[str, list[float]] = {name: [] for name in QUALITIES}
    for row in report["quality"]:
        if row["institution"] is None and row["value"] is not None:
            known[row["criterion"]].append(row["value"])
    middles = {name: statistics.median(values) for name, values in known.items() if values}
    if not middles:
        return Figure(words("figure.criterion"), "?", words("finding.none"), chart.bar(None, height=6))
    name = min(middles, key=lambda each: middles[each])
    weak = sum(value < WEAK for value in known[name])
    note = words("figure.criterion.note", value=points(middles[name]), n=weak)
    tone = chart.WEAK if middles[name] < WEAK else chart.PLAIN
    return Figure(words("figure.criterion"), words.criterion(name), note, chart.bar(middles[name] / 100, tone, 6))


def _expectations(report: Row, words: Words) -> Figure:
    results = [row["result"] for row in report["expectations"]]
    if not results:
        hint = words("figure.expect.hint")
        return Figure(words("figure.expect"), words("figure.expect.none"), hint, chart.bar(None, height=6))
    met = results.count("met")
    note = words("figure.expect.note", below=results.count("below"), above=results.count("above"))
    tone = chart.WEAK if met < len(results) else chart.PLAIN
    told = words("figure.expect.value", met=met, n=len(results))
    return Figure(words("figure.expect"), told, note, chart.bar(met / len(results), tone, 6))


def meaning(words: Words) -> Sheet:
    """What each criterion means, in two lines."""
    terms = [tag("div", tag("dt", words.criterion(name)) + tag("dd", words(f"meaning.{name}"))) for name in QUALITIES]
    return Sheet(words("sheet.meaning"), tag("dl", Markup("").join(terms)), words("sheet.meaning.note"), 5)
