"""The curves of an evaluation's report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from fraudnet.rendering.plot import DOTS, GUIDE, LINE, STEP, Axis, Series, plot

Report = dict[str, Any]
QUARTERS = tuple((at / 4, f"{at * 25} %") for at in range(5))
NOTHING = Markup("<p class='empty'>Nobody was confirmed: there is nothing to draw.</p>")
DRAWN_DELAYS = (0, 3, 14)


def precision_recall(report: Report) -> Markup:
    """How pure a list is while it finds more."""
    points = [(one["recall"], one["precision"]) for one in report["precision_recall"]]
    if not points:
        return NOTHING
    best = _nice(max(y for _, y in points))
    axes = Axis("found of all confirmed", 0, 1, QUARTERS), _part("confirmed among the listed", best)
    return plot([Series("model", points, STEP)], *axes, "Precision against recall")


def reliability(report: Report) -> Markup:
    """What probabilities promised, and what was seen."""
    points = [(one["promised"], one["observed"]) for one in report["reliability"]]
    if not points:
        return NOTHING
    end = _nice(max(max(pair) for pair in points))
    lines = [Series("as promised", [(0, 0), (end, end)], GUIDE), Series("model, ten equal groups", points, DOTS)]
    return plot(lines, _part("promised", end), _part("observed", end), "Promised against observed share of fraud")


def lift(report: Report) -> Markup:
    """How many times purer than chance the top of the list is."""
    points = [(one["share"], one["lift"]) for one in report["gains"]]
    if not points:
        return NOTHING
    end = max(_nice(max(y for _, y in points)), 2.0)
    y = Axis("times the base rate", 0, end, [(end * at / 4, f"{end * at / 4:.3g}") for at in range(5)])
    lines = [Series("model", points, DOTS), Series("chance", [(points[0][0], 1), (1, 1)], GUIDE)]
    return plot(lines, _shares(points), y, "Lift by the share of the population listed")


def gain(report: Report) -> Markup:
    """What a longer list finds, and what it could save."""
    rows = report["gains"]
    if not rows:
        return NOTHING
    lines = [Series("fraud found", [(one["share"], one["recall"]) for one in rows], DOTS)]
    for days in DRAWN_DELAYS:
        saved = [(one["share"], one[f"saved_{days}"]) for one in rows if one.get(f"saved_{days}") is not None]
        if saved:
            lines.append(Series(f"money stopped, acting after {days} d", saved, LINE))
    lines.append(Series("picked at random", [(one["share"], one["share"]) for one in rows], GUIDE))
    y = Axis("share of all", 0, 1, QUARTERS)
    return plot(lines, _shares(lines[0].points), y, "Gain by capacity")


def drift(report: Report) -> Markup:
    """How often reviews confirm, by month."""
    months = report["label_rates"]["months"]
    end = _nice(max([row["rate"] for row in months], default=0) * 1.2)
    ticks = [(float(at), row["month"]) for at, row in enumerate(months)]
    x = Axis("snapshot", -0.5, max(len(months) - 0.5, 0.5), ticks)
    points = [(float(at), row["rate"]) for at, row in enumerate(months)]
    return plot([Series("confirmed of all labelled", points, DOTS)], x, _part("label rate", end), "Label rate by month")


def _shares(points: Sequence[tuple[float, float]]) -> Axis:
    ticks = [(value, f"{value:.1%}" if value < 0.01 else f"{value:.0%}") for value in (0.001, 0.005, 0.02, 0.1, 0.5, 1)]
    return Axis("share of the population listed", points[0][0], 1, ticks, log=True)


def _part(label: str, end: float) -> Axis:
    """An axis of shares from nothing to a round end."""
    return Axis(label, 0, end, [(end * at / 4, f"{100 * end * at / 4:.3g} %") for at in range(5)])


def _nice(value: float) -> float:
    """The next end above a value at which four parts are round numbers."""
    size = 1e-4
    while True:
        for step in (1, 2, 4, 6, 8):
            if value <= step * size:
                return min(step * size, 1.0) if value <= 1 else step * size
        size *= 10
