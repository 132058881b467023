"""The pictures of the data-quality page that are more than a chart in a cell."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from fraudnet.rendering import chart
from fraudnet.rendering.markup import tag
from fraudnet.sources.quality.words import WEAK, Words, points

STEPS = 20  # of 5 points each
MOST = 12  # squares on each other before one stands for several


def panels(placed: Mapping[str, Sequence[float | None]], words: Words) -> tuple[Markup, int]:
    """One panel per criterion with a square per source on the scale of 0 to 100; and how many a square stands for."""
    bins = {name: _bins(values) for name, values in placed.items()}
    each = max(-(-max(max(counts) for counts in bins.values()) // MOST), 1)
    tallest = max(-(-max(counts) // each) for counts in bins.values())
    made = [_panel(name, values, chart.Stacks(bins[name], each, tallest), words) for name, values in placed.items()]
    return tag("div", Markup("").join(made), class_="panels"), each


def _bins(values: Sequence[float | None]) -> list[int]:
    counts = [0] * STEPS
    for value in values:
        if value is not None:
            counts[min(int(value * STEPS / 100), STEPS - 1)] += 1
    return counts


def _panel(name: str, values: Sequence[float | None], stacks: chart.Stacks, words: Words) -> Markup:
    known = [value for value in values if value is not None]
    middle = points(statistics.median(known)) if known else "?"
    weak = sum(value < WEAK for value in known)
    label = words("panel.heard", criterion=words.criterion(name), n=len(known), weak=weak, value=middle)
    note = words("panel", value=middle, n=len(values) - len(known))
    caption = tag("span", words.criterion(name), class_="name") + tag("span", note, class_="note")
    scale = tag(
        "div", Markup("").join(tag("span", edge) for edge in ("0", "50", "100")), class_="scale", aria_hidden="true"
    )
    picture = chart.squares(stacks, WEAK * STEPS // 100, label)
    return tag("figure", tag("figcaption", caption) + picture + scale, class_="panel")
