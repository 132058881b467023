"""Money and calls of an item over time, as one fluid picture: x in percent, y in pixels, so that text never scales."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from fraudnet.console.words import local, short_money
from fraudnet.messages import text
from fraudnet.rendering.markup import tag

DAYS = 120
TOP, HALF, LOWEST, HIGHEST = 52, 96, 3.0, 9.0  # decades of đồng: 1.000 to 1.000.000.000
CALLS_TOP, CALLS_HEIGHT = 290, 46
FACE_LINE = 10_000_000
RULES = (1_000_000, 10_000_000, 100_000_000)
ZOOM = timedelta(hours=4)
LARGE = 5_000_000
GAP = 9.0  # percent that a label needs
MOST_EVENTS = 6
SILENT_DAYS = 21


@dataclass(frozen=True)
class Scale:
    """From moments to percent."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """Where a moment stands."""
        return 100 * (at - self.start) / (self.end - self.start)

    def inside(self, at: datetime) -> bool:
        """Whether it is in the picture."""
        return self.start <= at <= self.end


def height(amount: int) -> float:
    """How long a stem is: logarithmic, since probes of 2.000 đ and transfers of 200.000.000 đ both matter."""
    decades = min(max(math.log10(max(amount, 1)), LOWEST), HIGHEST) - LOWEST
    return HALF * decades / (HIGHEST - LOWEST)


def timeline(
    moves: Sequence[dict[str, Any]], contacts: Sequence[dict[str, Any]], happened: Sequence[dict[str, Any]],
    as_of: datetime, language: str, without: Sequence[str],
) -> Markup:  # fmt: skip
    """120 days before the cut-off: money in above, money out below, events on top, calls by hour of day underneath."""
    scale = Scale(as_of - timedelta(days=DAYS), as_of)
    middle = TOP + HALF
    say: Callable[[str], str] = lambda name: text(f"console.timeline.{name}", language)  # noqa: E731
    inner = _defs() + _rules(middle) + _silence(moves, scale, language)
    inner += tag("line", class_="axis", x1="0", x2="100%", y1=middle, y2=middle)
    inner += tag("text", say("in"), class_="strong", x="0", y=TOP - 6)
    inner += tag("text", say("out"), class_="strong", x="0", y=middle + HALF + 14)
    inner += _stems(moves, scale, middle)
    inner += _events(happened, scale, language)
    inner += _months(scale, CALLS_TOP + CALLS_HEIGHT + 16)
    inner += tag("text", say("calls"), class_="strong", x="0", y=CALLS_TOP - 8)
    inner += _calls(contacts, scale, "calls" in without)
    inner += tag("line", class_="cut", x1="100%", x2="100%", y1=TOP, y2=CALLS_TOP + CALLS_HEIGHT)
    total = CALLS_TOP + CALLS_HEIGHT + 24
    return tag("svg", inner, class_="timeline", width="100%", height=total, role="img",
               aria_label=text("console.timeline.label", language, moves=len(moves), calls=len(contacts)))  # fmt: skip


def _defs() -> Markup:
    ground = tag("rect", class_="hatch-ground", width=6, height=6)
    line = tag("path", class_="hatch-line", d="M-1 1 1 -1M0 6 6 0M5 7 7 5")
    return tag("defs", tag("pattern", ground + line, id="missing", width=6, height=6, patternUnits="userSpaceOnUse"))


def _rules(middle: float) -> Markup:
    inner = Markup("")
    for amount in RULES:
        for sign in (-1, 1):
            y = middle + sign * height(amount)
            inner += tag("line", class_="face" if amount == FACE_LINE else "rule", x1="0", x2="100%", y1=y, y2=y)
        inner += tag("text", short_money(amount), class_="scale", x="0", y=middle - height(amount) - 3)
    return inner


def _stems(moves: Sequence[dict[str, Any]], scale: Scale, middle: float) -> Markup:
    inner = Markup("")
    for move in moves:
        if not scale.inside(move["at"]):
            continue
        came = move["kind"].endswith("_in")
        x = f"{scale.x(move['at']):.2f}%"
        y = middle - height(move["amount"]) if came else middle + height(move["amount"])
        inner += tag("line", class_="stem", x1=x, x2=x, y1=middle, y2=round(y, 1))
        inner += tag("circle", class_="came" if came else "went", cx=x, cy=round(y, 1), r=2.6)
    return inner


def _silence(moves: Sequence[dict[str, Any]], scale: Scale, language: str) -> Markup:
    moments = sorted(move["at"] for move in moves if scale.inside(move["at"]))
    pairs = zip([scale.start, *moments], [*moments, scale.end], strict=True)
    start, end = max(pairs, key=lambda pair: pair[1] - pair[0])
    days = (end - start).days
    if days < SILENT_DAYS or not moments:
        return Markup("")
    x, width = scale.x(start), scale.x(end) - scale.x(start)
    inner = tag("rect", class_="silent", x=f"{x:.2f}%", y=TOP, width=f"{width:.2f}%", height=2 * HALF)
    said = text("console.timeline.silent", language, n=days)
    return inner + tag("text", said, class_="scale", x=f"{x + width / 2:.2f}%", y=TOP + 2 * HALF - 6,
                       text_anchor="middle")  # fmt: skip


def _events(happened: Sequence[dict[str, Any]], scale: Scale, language: str) -> Markup:
    """The last events with words, each on a line where it touches no other."""
    days = Counter((local(event["at"]).date(), event["kind"]) for event in happened)
    firsts = {(local(event["at"]).date(), event["kind"]): event for event in reversed(happened)}
    shown = sorted((e for e in firsts.values() if scale.inside(e["at"])), key=lambda e: e["at"])[-MOST_EVENTS:]
    ends = [0.0, 0.0, 0.0]
    inner = Markup("")
    for event in shown:
        x = scale.x(event["at"])
        kind = f"console.event.{event['kind']}"
        words = f"{local(event['at']):%d/%m} {text(kind, language)}"
        times = days[local(event["at"]).date(), event["kind"]]
        words += f" ×{times}" if times > 1 else ""
        wide = GAP * max(1.0, len(words) / 11)
        left = x + wide > 100
        lane = next((n for n, end in enumerate(ends) if (x - wide if left else x) >= end), None)
        tone = "report" if event["kind"] == "report" else "event"
        inner += tag("line", class_=tone, x1=f"{x:.2f}%", x2=f"{x:.2f}%", y1=8, y2=TOP + 2 * HALF)
        if lane is None:
            continue
        ends[lane] = x if left else x + wide
        inner += tag("text", words, class_=f"{tone}-words", x=f"{x:.2f}%", y=11 + 14 * lane, dx=-4 if left else 4,
                     text_anchor="end" if left else None)  # fmt: skip
    return inner


def _months(scale: Scale, y: float) -> Markup:
    inner = Markup("")
    moment = local(scale.start).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while moment <= local(scale.end):
        x = scale.x(moment)
        if 0 <= x <= 94:
            inner += tag("line", class_="tick", x1=f"{x:.2f}%", x2=f"{x:.2f}%", y1=y - 14, y2=y - 10)
            inner += tag("text", f"{moment:%d/%m}", class_="scale", x=f"{x:.2f}%", y=y)
        moment = (moment + timedelta(days=32)).replace(day=1)
    return inner + tag("text", f"{local(scale.end):%d/%m/%Y}", class_="scale", x="100%", y=y, text_anchor="end")


def _calls(contacts: Sequence[dict[str, Any]], scale: Scale, missing: bool) -> Markup:
    box: dict[str, Any] = {"x": "0", "y": CALLS_TOP, "width": "100%", "height": CALLS_HEIGHT}
    if missing:
        return tag("rect", class_="missing", **box)
    inner = tag("rect", class_="calls", **box)
    for hours in ((0, 6), (22, 24)):
        part: dict[str, Any] = {**box, "y": _hour(hours[0]), "height": _hour(hours[1]) - _hour(hours[0])}
        inner += tag("rect", class_="night", **part)
    for contact in contacts:
        if scale.inside(contact["at"]):
            at = local(contact["at"])
            x, y = f"{scale.x(contact['at']):.2f}%", round(_hour(at.hour + at.minute / 60), 1)
            if contact["kind"] == "otp":
                inner += tag("rect", class_="code", x=x, y=y - 2, width=4, height=4)
            else:
                inner += tag("circle", class_="call", cx=x, cy=y, r=1.4)
    return inner


def _hour(hour: float) -> float:
    return CALLS_TOP + CALLS_HEIGHT * hour / 24


def decisive(moves: Sequence[dict[str, Any]]) -> tuple[datetime, datetime] | None:
    """The four hours in which most money moved, where at least two movements of 5.000.000 đ lie together."""
    large = [move for move in moves if move["amount"] >= LARGE]
    best, found = 0, None
    for first in large:
        inside = [m for m in large if first["at"] <= m["at"] < first["at"] + ZOOM]
        total = sum(m["amount"] for m in inside)
        if len(inside) >= 2 and total > best:
            best, found = total, (first["at"], max(m["at"] for m in inside))
    if found is None:
        return None
    start, end = (at.replace(minute=0, second=0, microsecond=0) for at in found)
    return start, end + timedelta(hours=1)


def zoom(moves: Sequence[dict[str, Any]], span: tuple[datetime, datetime], language: str) -> Markup:
    """The decisive hours: every movement with its million đồng."""
    scale, middle = Scale(*span), 104.0
    shown = [move for move in moves if scale.inside(move["at"])]
    inner = Markup("")
    for amount in RULES[1:]:
        for sign in (-1, 1):
            y = middle + sign * height(amount) * 0.9
            inner += tag("line", class_="face" if amount == FACE_LINE else "rule", x1="0", x2="100%", y1=y, y2=y)
        y = middle - height(amount) * 0.9 - 3
        inner += tag("text", short_money(amount), class_="scale", x="100%", y=y, text_anchor="end")
    inner += tag("line", class_="axis", x1="0", x2="100%", y1=middle, y2=middle)
    ends = {True: -9.0, False: -9.0}
    for move in shown:
        came, x = move["kind"].endswith("_in"), scale.x(move["at"])
        y = middle - height(move["amount"]) * 0.9 if came else middle + height(move["amount"]) * 0.9
        inner += tag("line", class_="stem", x1=f"{x:.2f}%", x2=f"{x:.2f}%", y1=middle, y2=round(y, 1))
        inner += tag("circle", class_="came" if came else "went", cx=f"{x:.2f}%", cy=round(y, 1), r=4)
        if x - ends[came] >= 5:
            ends[came] = x
            words = (
                f"{move['amount'] / 1e6:.0f}"
                if move["amount"] >= 1e6
                else f"{move['amount'] / 1e6:.1f}".replace(".", ",")
            )
            inner += tag("text", words, class_="figure", x=f"{x:.2f}%", y=round(y + (-8 if came else 16), 1),
                         text_anchor="middle")  # fmt: skip
    inner += _hours(scale)
    return tag("svg", inner, class_="timeline", width="100%", height=218, role="img",
               aria_label=text("console.timeline.zoom_label", language, n=len(shown)))  # fmt: skip


def _hours(scale: Scale) -> Markup:
    inner = Markup("")
    moment = scale.start
    while moment <= scale.end:
        x = scale.x(moment)
        anchor = "end" if x > 95 else "middle" if x > 2 else "start"
        inner += tag("text", f"{local(moment):%H:%M}", class_="scale", x=f"{x:.2f}%", y=214, text_anchor=anchor)
        moment += timedelta(hours=1)
    return inner
