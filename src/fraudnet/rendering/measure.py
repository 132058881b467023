"""Bars with a plan, dots with an interval: fluid SVG in percent of its cell, the figure always beside it as text."""

from __future__ import annotations

from markupsafe import Markup

from fraudnet.rendering.chart import PLAIN, WEAK
from fraudnet.rendering.markup import tag


def _at(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.4g}%"


def _svg(inner: Markup, kind: str, height: int) -> Markup:
    return tag("svg", inner, class_=kind, width="100%", height=height, aria_hidden="true")


def planned(share: float, plan: float | None, height: int = 8) -> Markup:
    """A bar from 0 to 1 with a tick at the plan; ochre when it is behind."""
    tone = WEAK if plan is not None and share < plan else PLAIN
    inner = tag("rect", class_="track", width="100%", height=height)
    inner += tag("rect", class_=tone, width=_at(share), height=height)
    if plan is not None:
        inner += tag("rect", class_="tick", x=_at(plan), y=0, width=2, height=height)
    return _svg(inner, "measure", height)


def interval(low: float, middle: float, high: float, promised: float | None = None, weak: bool = False) -> Markup:
    """A dot with its interval on a scale from 0 to 1, the promise as a dotted line; never a bar."""
    tone = " weak" if weak else ""
    inner = tag("line", class_="rule", x1="0%", x2="100%", y1=8, y2=8)
    if promised is not None:
        inner += tag("line", class_="limit", x1=_at(promised), x2=_at(promised), y1=0, y2=16)
    inner += tag("line", class_=f"span{tone}", x1=_at(low), x2=_at(high), y1=8, y2=8)
    inner += tag("circle", class_=f"dot{tone}", cx=_at(middle), cy=8, r=4)
    return _svg(inner, "measure", 16)


def part_bar(share: float, weak: bool = False, height: int = 8) -> Markup:
    """A plain bar in proportion to the longest one, without a track."""
    return _svg(tag("rect", class_=WEAK if weak else PLAIN, width=_at(share), height=height), "measure", height)
