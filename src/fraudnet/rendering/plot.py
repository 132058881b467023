"""Curves over two axes as inline SVG; lines differ by dash as well as by colour, and are named below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fraudnet.rendering.markup import tag

LINE, STEP, DOTS, GUIDE = "line", "step", "dots", "guide"
WIDTH, HEIGHT = 440, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 10, 44
SHADES = 4


@dataclass(frozen=True)
class Axis:
    """One axis: what it shows, its ends, and where a tick stands with which words; log needs ends above 0."""

    label: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1, cut off outside."""
        from math import log

        inside = min(max(value, self.low), self.high)
        if self.log:
            return (log(inside) - log(self.low)) / (log(self.high) - log(self.low))
        return (inside - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Series:
    """One curve: points from left to right, and its name in the legend; how it is drawn: line, step, dots or guide."""

    name: str
    points: Sequence[tuple[float, float]]
    drawn: str = LINE


def plot(series: Sequence[Series], x: Axis, y: Axis, label: str) -> Markup:
    """The curves in one frame with a legend below; `label` says for those who listen what is seen."""
    inner = Markup("").join([_grid(x, y), *(_curve(one, at, x, y) for at, one in enumerate(series))])
    view = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria_label": label}
    picture = tag("svg", inner, class_="plot", width="100%", **view)
    named = [tag("span", _swatch(one, at) + one.name) for at, one in enumerate(series) if one.name]
    return picture + tag("div", Markup("").join(named), class_="legend")


def _grid(x: Axis, y: Axis) -> Markup:
    made = Markup("")
    for value, words in y.ticks:
        at = _down(y, value)
        made += tag("line", class_="rule", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at)
        made += tag("text", words, x=LEFT - 6, y=at + 4, text_anchor="end")
    for value, words in x.ticks:
        made += tag("text", words, x=_across(x, value), y=HEIGHT - BOTTOM + 16, text_anchor="middle")
    foot = HEIGHT - BOTTOM
    made += tag("line", class_="axis", x1=LEFT, x2=WIDTH - RIGHT, y1=foot, y2=foot)
    made += tag("text", x.label, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, text_anchor="middle")
    middle = (TOP + foot) / 2
    return made + tag("text", y.label, x=12, y=middle, text_anchor="middle", transform=f"rotate(-90 12 {middle})")


def _curve(one: Series, at: int, x: Axis, y: Axis) -> Markup:
    places = [(_across(x, a), _down(y, b)) for a, b in one.points]
    if one.drawn == STEP:
        places = [place for pair in zip(places, _stepped(places), strict=True) for place in pair][:-1]
    shade = _shade(one, at)
    made = Markup("")
    if len(places) > 1:
        made += tag("polyline", points=" ".join(f"{a},{b}" for a, b in places), class_=shade)
    if one.drawn == DOTS or len(places) == 1:
        for a, b in places:
            made += tag("circle", cx=a, cy=b, r=3, class_=f"{shade} mark")
    return made


def _stepped(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corner after each place: its height, at the next place's side."""
    nexts = [*places[1:], *places[-1:]]
    return [(follow[0], here[1]) for here, follow in zip(places, nexts, strict=True)]


def _shade(one: Series, at: int) -> str:
    return "curve guide" if one.drawn == GUIDE else f"curve shade-{at % SHADES}"


def _swatch(one: Series, at: int) -> Markup:
    line = tag("line", class_=_shade(one, at), x1=0, x2=22, y1=5, y2=5)
    return tag("svg", line, width=22, height=10, aria_hidden="true")


def _across(axis: Axis, value: float) -> float:
    return round(LEFT + axis.share(value) * (WIDTH - RIGHT - LEFT), 1)


def _down(axis: Axis, value: float) -> float:
    return round(HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - BOTTOM - TOP), 1)
