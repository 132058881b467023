"""Small charts as inline SVG: widths in percent of their cell, colours by class, the figures always beside them.

Colour never stands alone: what is weak is bold and has a mark, what is unknown is hatched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from fraudnet.rendering.markup import tag

WEAK, PLAIN = "weak", "plain"


def _svg(inner: Markup, kind: str, height: int, label: str | None, width: int | str = "100%") -> Markup:
    role = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return tag("svg", inner, class_=kind, width=width, height=height, **role)


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.4g}%"


def bar(share: float | None, tone: str = PLAIN, height: int = 3) -> Markup:
    """A thin bar from 0 to 1; unknown is hatched. It repeats a figure beside it, so it has no label of its own."""
    if share is None:
        return _svg(tag("rect", class_="unknown", width="100%", height=height), "bar", height, None)
    track = tag("rect", class_="track", width="100%", height=height)
    return _svg(track + tag("rect", class_=tone, width=_percent(share), height=height), "bar", height, None)


def spark(values: Sequence[float | None], label: str, low: float = 0, high: float = 100) -> Markup:
    """A line of values over time on a fixed scale, the last one as a dot; gaps stay gaps. 72 x 20 px."""
    width, height, edge = 72, 20, 3
    step = (width - 2 * edge) / max(len(values) - 1, 1)

    def place(at: int, value: float) -> tuple[float, float]:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(edge + at * step, 1), round(height - edge - share * (height - 2 * edge), 1)

    points = [None if value is None else place(at, value) for at, value in enumerate(values)]
    inner = tag("line", class_="rule", x1=0, x2=width, y1=height - 0.5, y2=height - 0.5)
    for one, two in pairwise(points):
        if one is not None and two is not None:
            inner += tag("line", class_="stroke", x1=one[0], y1=one[1], x2=two[0], y2=two[1])
    if points and points[-1] is not None:
        inner += tag("circle", class_="dot", cx=points[-1][0], cy=points[-1][1], r=2.5)
    return _svg(inner, "spark", height, label, width)


def strip(levels: Sequence[int | None], label: str, height: int = 14) -> Markup:
    """One cell per span of time, shaded 0 to 4; None, where nothing came, is hatched."""
    share = 100 / max(len(levels), 1)
    cells = Markup("").join(
        tag(
            "rect",
            class_="unknown" if level is None else f"level-{level}",
            x=f"{at * share:.4f}%",
            width=f"{share:.4f}%",
            height=height,
        )
        for at, level in enumerate(levels)
    )
    return _svg(cells, "strip", height, label)


def swatches(levels: Sequence[int | None]) -> Markup:
    """The shades of a strip side by side, for its legend."""
    side = 12
    cells = Markup("").join(
        tag("rect", class_="unknown" if level is None else f"level-{level}", x=at * side, width=side, height=side)
        for at, level in enumerate(levels)
    )
    return _svg(cells, "strip", side, None, side * len(levels))


@dataclass(frozen=True)
class Stacks:
    """How many things lie in each of equal steps of a scale, how many a square stands for, squares in the tallest."""

    counts: Sequence[int]
    each: int = 1
    tallest: int = 5


def squares(stacks: Stacks, weak_below: int, label: str) -> Markup:
    """A stack of squares per step of a scale; the first `weak_below` steps are ochre. A step with anything has one."""
    side, gap = 7, 2
    height = max(stacks.tallest, 5) * (side + gap) + 4
    width = len(stacks.counts) * (side + gap)
    inner = tag("line", class_="axis", x1=0, x2=width, y1=height - 1.5, y2=height - 1.5)
    edge = weak_below * (side + gap) - 0.5
    inner += tag("line", class_="limit", x1=edge, x2=edge, y1=0, y2=height - 2)
    for at, count in enumerate(stacks.counts):
        for up in range(-(-count // stacks.each)):
            x, y = at * (side + gap) + 1, height - 4 - (up + 1) * (side + gap) + gap
            tone = WEAK if at < weak_below else PLAIN
            inner += tag("rect", class_=tone, x=x, y=y, width=side, height=side, rx=1)
    return tag(
        "svg",
        inner,
        class_="squares",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=label,
    )
