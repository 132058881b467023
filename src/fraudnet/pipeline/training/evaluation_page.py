"""The report of an evaluation as one offline page: what a list would have been worth, and for whom it is worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from fraudnet.model.slices import FEWEST
from fraudnet.pipeline.training.evaluation_plots import drift, gain, lift, precision_recall, reliability
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.rendering import chart
from fraudnet.rendering.numbers import percent, whole
from fraudnet.rendering.page import Figure, Page, Sheet, render
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table

Row = dict[str, Any]
SHOWN = 40
FEW = "too few"
MEASURED = ("all", "unseen_clusters")
TITLES: Mapping[str, str] = {
    "month": "By test", "typology": "By typology that shows", "institution": "By bank or operator",
    "province": "By province of the holder",
}  # fmt: skip


def page(outcomes: Sequence[Outcome], about: Mapping[str, Any]) -> str:
    """The report of some kinds as an HTML document in English; about: as_of, code."""
    reports = [outcome.facts["report"] for outcome in outcomes]
    loud = [one["label_rates"]["sentence"] for one in reports if one["label_rates"]["sentence"]]
    return render(
        Page(
            language="en",
            trail="fraudnet · evaluation",
            cut_off=f"labels known before {about['as_of']}",
            title=_finding(outcomes, loud),
            facts="Trained on the past, tested on later months; labels are given time to mature. Intervals are 95 %, "
            "over resamples of whole clusters. Nobody counts as fraud whom no review has confirmed.",
            figures=[_figure(outcome) for outcome in outcomes],
            sheets=[sheet for outcome in outcomes for sheet in _sheets(outcome)],
            foot=f"fraudnet {about['code']}",
            skip="To the report",
        )
    )


def _finding(outcomes: Sequence[Outcome], loud: Sequence[str]) -> str:
    told = "; ".join(f"{o.kind}s: {_told(o)}" for o in outcomes)
    said = f"Confirmed fraud among the flagged: {told}"
    return f"{said}. Label rates drift: read the warnings below" if loud else said


def _told(outcome: Outcome) -> str:
    """Precision at capacity for the title, where there is anything to say."""
    few = outcome.told()[0]["counts"]["positives"] < FEWEST
    return "too few to tell" if few else _value(_measure(outcome, "precision_at_capacity"))


def _figure(outcome: Outcome) -> Figure:
    row = _measure(outcome, "precision_at_capacity")
    counts = outcome.told()[0]["counts"]
    note = f"of {whole(counts['flagged'])} flagged, {whole(counts['positives'])} confirmed in all; {_interval(row)}"
    return Figure(f"{outcome.kind}: precision at capacity", _value(row), note, chart.bar(row["value"], height=6))


def _measure(outcome: Outcome, key: str) -> Row:
    return next(row for row in outcome.told()[0]["measures"] if row["key"] == key)


def _sheets(outcome: Outcome) -> list[Sheet]:
    report, kind = outcome.facts["report"], outcome.kind
    loud = report["label_rates"]["sentence"]
    made = [Sheet(f"{kind}: warning", Markup("<p>{}</p>").format(loud))] if loud else []
    made.append(Sheet(f"{kind}: measures", _measures(outcome), "a random split is never to be believed", 7))
    made.append(Sheet(f"{kind}: tests", _folds(report["folds"]), "each trained and calibrated before", 5))
    pictures = [
        ("precision and recall", precision_recall(report)),
        ("reliability of the top 5 %", reliability(report)),
        ("lift", lift(report)),
        ("gain by capacity", gain(report)),
        ("label rate", drift(report)),
    ]
    made += [Sheet(f"{kind}: {name}", body, span=6) for name, body in pictures]
    if any("saved_0" in row for row in report["gains"]):
        made.append(Sheet(f"{kind}: money", _money(report["gains"]), "if every flagged account is stopped", 6))
    made.append(Sheet(f"{kind}: who was reviewed", _selection(report), _lot(report), 6))
    made += [
        Sheet(f"{kind}: {title.lower()}", _slice(_ordered(report["slices"][name], name)), span=6)
        for name, title in TITLES.items()
    ]
    return made


def _measures(outcome: Outcome) -> Markup:
    parts = {part["rows"]: {row["key"]: row for row in part["measures"]} for part in outcome.told()}
    beside = outcome.facts["report"]["random_split"]
    heads = [Head("Measure", wide=True), Head("All", RIGHT), Head("95 %", RIGHT), Head("Unseen clusters", RIGHT)]
    rows = []
    for key, row in parts["all"].items():
        unseen = parts.get("unseen_clusters", {}).get(key)
        split = _number(beside.get(key))
        rows.append(
            [Cell(row["name"]), Cell(_number(row["value"]), tone="strong"), Cell(_interval(row)),
             Cell(_number(unseen["value"]) if unseen else "same rows"), Cell(split, tone="quiet")]
        )  # fmt: skip
    return table(Table("Measures", [*heads, Head("A random split says", RIGHT)], rows))


def _folds(folds: Sequence[Row]) -> Markup:
    heads = [Head("Tested on"), Head("Trained on", wide=True), Head("Confirmed", RIGHT), Head("Precision", RIGHT),
             Head("O / E", RIGHT)]  # fmt: skip
    rows = [
        [Cell(one["tested"]), Cell(one["trained"], f"calibrated on {one['calibrated']}"),
         Cell(f"{whole(one['positives'])} of {whole(one['entities'])}"), Cell(_number(one["precision_at_capacity"])),
         Cell(_number(one["observed_expected"]))]
        for one in folds
    ]  # fmt: skip
    return table(Table("Tests", heads, rows))


def _money(gains: Sequence[Row]) -> Markup:
    delays = sorted(int(key.removeprefix("saved_")) for key in gains[0] if key.startswith("saved_"))
    heads = [Head("Capacity"), *(Head(f"after {days} d", RIGHT) for days in delays)]
    rows = [
        [Cell(_share(one["share"])), *(Cell(_percent(one[f"saved_{days}"])) for days in delays)]
        for one in gains if one["share"] <= 0.1
    ]  # fmt: skip
    said = "Share of the money that came to the guilty after the snapshot which a list of this length would stop"
    return table(Table(said, heads, rows, notes=[("after d", "days from the snapshot until something is done")]))


def _ordered(rows: Sequence[Row], name: str) -> Sequence[Row]:
    """Months in their order, all else as it came: most confirmed first."""
    return sorted(rows, key=lambda row: str(row["name"])) if name == "month" else rows


def _selection(report: Row) -> Markup:
    heads = [Head("Reviewed", wide=True), Head("Entities", RIGHT), Head("Confirmed", RIGHT), Head("Flagged", RIGHT),
             Head("Of these confirmed", RIGHT)]  # fmt: skip
    keys = ("entities", "confirmed", "flagged", "flagged_confirmed")
    rows = [[Cell(one["how"]), *(Cell(whole(one[key])) for key in keys)] for one in report["selection"]["groups"]]
    return table(Table("Reviewed and never reviewed apart", heads, rows))


def _lot(report: Row) -> str:
    lot = report["selection"]["by_lot"]
    if lot["missed"] is None:
        return "nobody was reviewed at random: nothing is known about what is missed"
    ends = f"{whole(lot['missed_low'])} to {whole(lot['missed_high'])}"
    return (
        f"by the random audit about {whole(lot['missed'])} are missed ({ends}) among {whole(lot['others'])} not flagged"
    )


def _slice(rows: Sequence[Row]) -> Markup:
    heads = [Head("", wide=True), Head("Entities", RIGHT), Head("Confirmed", RIGHT), Head("Flagged", RIGHT),
             Head("Precision", RIGHT), Head("Recall", RIGHT)]  # fmt: skip
    shown = [
        [Cell(one["name"]), Cell(whole(one["entities"])), Cell(whole(one["positives"])), Cell(whole(one["flagged"])),
         Cell(FEW if one["precision"] is None else _percent(one["precision"])), _recall(one)]
        for one in rows[:SHOWN]
    ]  # fmt: skip
    return table(Table("Breakdown", heads, shown, "Nothing to break down."))


def _recall(one: Row) -> Cell:
    if one["recall"] is None:
        return Cell(FEW, tone="quiet")
    ends = f"{_percent(one['recall_low'])} to {_percent(one['recall_high'])}"
    return Cell(_percent(one["recall"]), ends, chart.bar(one["recall"]))


def _value(row: Row) -> str:
    return "not measured" if row["value"] is None else _percent(row["value"])


def _interval(row: Row) -> str:
    return "" if row["low"] is None or row["high"] is None else f"{row['low']:.3f} to {row['high']:.3f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _percent(share: float | None) -> str:
    return "" if share is None else percent(share, "en")


def _share(share: float) -> str:
    return f"{share:.2%}" if share < 0.01 else percent(share, "en")
