"""Money on its way as bands in proportion to the amount, left to right; what is still there is a solid drawer.

In = left + out at every node. Bands that run back, and those too thin to see, are left to the table beside the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fraudnet.rendering.markup import tag
from fraudnet.rendering.picture import style

WIDTH, HEIGHT, GAP, BAR, TOP = 1160, 290, 34, 9, 22
LEFT, RIGHT = 20, 200
THIN = 1.2


@dataclass(frozen=True)
class Stop:
    """Where money stays or passes: key, column from 0, two lines of words, what came, what is left, its kind.

    kind: source, account, exit or seller; hold: words beside the bracket, when money there should be held.
    """

    key: str
    column: int
    title: str
    below: str
    came: int
    left: int
    kind: str = "account"
    hold: str = ""


@dataclass(frozen=True)
class Band:
    """Money from one stop to another."""

    source: str
    target: str
    amount: int


def bands(stops: Sequence[Stop], flows: Sequence[Band], finding: str, *, alone: bool = False) -> Markup:
    """The picture as SVG; stops of one column stand under one another, the first listed on top."""
    columns = max((stop.column for stop in stops), default=0) + 1
    most = max((_column(stops, place) for place in range(columns)), default=0)
    fullest = max((sum(stop.column == place for stop in stops) for place in range(columns)), default=0)
    scale = HEIGHT / most if most else 0.0
    step = (WIDTH - LEFT - RIGHT) / max(columns - 1, 1)
    at, used = {}, [TOP] * columns
    for stop in stops:
        at[stop.key] = (round(LEFT + stop.column * step), used[stop.column])
        used[stop.column] += round(max(stop.came * scale, 2)) + GAP
    height = TOP + HEIGHT + GAP * max(fullest, 1) + 20
    inner = tag("style", Markup(style())) if alone else Markup("")  # noqa: S704  # our own file
    inner += tag("rect", class_="ground", x=0, y=0, width=WIDTH, height=height)
    inner += _flows({stop.key: stop for stop in stops}, flows, at, scale)
    inner += Markup("").join(_stop(stop, at[stop.key], scale) for stop in stops)
    return tag("svg", tag("title", finding) + inner, class_="ring", xmlns="http://www.w3.org/2000/svg",
               viewBox=f"0 0 {WIDTH} {height}", width=WIDTH, height=height, role="img", aria_label=finding)  # fmt: skip


def _column(stops: Sequence[Stop], place: int) -> int:
    return sum(stop.came for stop in stops if stop.column == place)


def _flows(known: dict[str, Stop], flows: Sequence[Band], at: dict[str, tuple[int, int]], scale: float) -> Markup:
    out, into, inner = dict.fromkeys(known, 0.0), dict.fromkeys(known, 0.0), Markup("")
    for flow in sorted(flows, key=lambda f: (at[f.source][0], at[f.target][1], f.source, f.target)):
        thick = flow.amount * scale
        (x1, y1), (x2, y2) = at[flow.source], at[flow.target]
        if x2 <= x1 or thick < THIN:
            continue
        a, b = y1 + out[flow.source], y2 + into[flow.target]
        out[flow.source] += thick
        into[flow.target] += thick
        middle = (x1 + BAR + x2) / 2
        kind = known[flow.target].kind
        shape = (f"M{x1 + BAR} {a:.1f}C{middle:.0f} {a:.1f} {middle:.0f} {b:.1f} {x2} {b:.1f}V{b + thick:.1f}"
                 f"C{middle:.0f} {b + thick:.1f} {middle:.0f} {a + thick:.1f} {x1 + BAR} {a + thick:.1f}Z")  # fmt: skip
        inner += tag("path", class_=f"band {kind}", d=shape)
    return inner


def _stop(stop: Stop, place: tuple[int, int], scale: float) -> Markup:
    x, y = place
    tall = max(stop.came * scale, 2)
    inner = tag("rect", class_=f"post {stop.kind}", x=x, y=y, width=BAR, height=round(tall, 1))
    if stop.kind == "exit":  # gone: hatched, as everything that cannot be seen any more
        steps = range(0, int(tall) - 5, 6)
        lines = "".join(f"M{x} {y + at + 6}l{BAR} -6" for at in steps)
        inner = tag("rect", class_="post gone", x=x, y=y, width=BAR, height=round(tall, 1)) + tag(
            "path", class_="hatch", d=lines
        )
    drawer = stop.left * scale if stop.kind == "account" else 0.0
    if drawer >= THIN:
        inner += tag("rect", class_="drawer", x=x, y=round(y + tall - drawer, 1), width=46, height=round(drawer, 1))
    aside = x + BAR + (48 if drawer > tall - 34 and drawer >= THIN else 6)
    for line, (said, kind) in enumerate(((stop.title, "bold"), (stop.below, "plain"))):
        inner += tag("text", said, class_=f"told {kind}", x=aside, y=round(y + 12 + 15 * line))
    if stop.hold:
        low, high = round(y + tall), round(max(drawer, 14))
        inner += tag("path", class_="bracket", d=f"M{x + 48} {low - high}h6v{high}h-6")
        inner += tag("text", stop.hold, class_="told hold", x=x + 60, y=max(low - 2, y + 43))
    return inner
