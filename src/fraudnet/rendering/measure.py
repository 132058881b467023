"""Bars with a plan, dots with an interval: fluid SVG in percent of its cell, the figure always beside it as text."""

from __future__ import annotations

from collections.abc import Sequence

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


def parts(fault: float, honest: float, height: int = 8) -> Markup:
    """Two parts of one bar on a scale from 0 to 1: expected at fault in grey, expected honest in jade behind it."""
    inner = tag("rect", class_=PLAIN, width=_at(fault), height=height)
    inner += tag("rect", class_="honest", x=_at(fault), width=_at(honest), height=height)
    return _svg(inner, "measure", height)


def curve(shares: Sequence[float], plan: float, weak: bool = False) -> Markup:
    """How far somebody came, point by point, in a frame from 0 to 1 that ends at the plan's end; the plan is thin.

    shares: at even steps from the start to now, where the plan stands at `plan`. 96 x 48 px.
    """
    wide, tall, edge = 96, 48, 4
    xs = [edge + (wide - 2 * edge) * plan * (place + 1) / len(shares) for place in range(len(shares))] if shares else []
    spots = [(float(edge), float(tall - edge)), *((x, tall - edge - (tall - 2 * edge) * share)
             for x, share in zip(xs, shares, strict=True))]  # fmt: skip
    tone = " weak" if weak else ""
    inner = tag("path", class_="frame", d=f"M{edge} {tall - edge}H{wide - edge}M{edge} {tall / 2:g}H{wide - edge}")
    inner += tag("path", class_="by-plan", d=f"M{edge} {tall - edge}L{wide - edge} {edge}")
    inner += tag("path", class_=f"by-now{tone}", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots))
    inner += tag("circle", class_=f"dot{tone}", cx=f"{spots[-1][0]:.1f}", cy=f"{spots[-1][1]:.1f}", r=3)
    return tag("svg", inner, class_="curve", width=wide, height=tall, aria_hidden="true")
