"""Small pictures without scripts: people squares, the grade map, weights, the seal."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from fraudnet.contracts.grades import BANDS, FLAG_SOURCES, GRADES, TABLE
from fraudnet.rendering.markup import tag

SIDE, STEP = 11, 14
STRONGEST_FIRST = tuple(reversed(FLAG_SOURCES))


def people(at_fault: int, either: int, honest: int, label: str, columns: int = 60, kind: str = "people") -> Markup:
    """Squares for people: grey for those expected at fault, hatched for either, jade for honest."""
    tones = ["fault"] * at_fault + ["either"] * either + ["honest"] * honest
    rows = max(1, -(-len(tones) // columns))
    name = f"either-{columns}"
    inner = _hatch(name)
    for place, tone in enumerate(tones):
        inner += tag(
            "rect", class_=f"person {tone}", fill=f"url(#{name})" if tone == "either" else None,
            x=place % columns * STEP, y=place // columns * STEP, width=SIDE, height=SIDE, rx=1.5,
        )  # fmt: skip
    width, height = min(columns, max(len(tones), 1)) * STEP - 3, rows * STEP - 3
    return tag(
        "svg", inner, class_=kind, viewBox=f"0 0 {width} {height}", width=width, height=height, role="img",
        aria_label=label,
    )  # fmt: skip


def _hatch(name: str) -> Markup:
    ground = tag("rect", class_="hatch-ground", width=4, height=4)
    line = tag("path", class_="hatch-line", d="M-1 1 1 -1M0 4 4 0M3 5 5 3")
    return tag("defs", tag("pattern", ground + line, id=name, width=4, height=4, patternUnits="userSpaceOnUse"))


@cache
def grade_map(source: str | None, band: str | None, label: str) -> Markup:
    """The map of grades as sixteen cells, the entry's own in ink: rows from police to model, columns by score."""
    inner = Markup("")
    for row, who in enumerate(STRONGEST_FIRST):
        for column, level in enumerate(BANDS):
            own = who == source and level == band
            tone = "own" if own else f"cell-{GRADES.index(TABLE[who, level].grade)}"
            inner += tag("rect", class_=tone, x=column * 8, y=row * 8, width=7, height=7, rx=1)
    return tag("svg", inner, class_="map", viewBox="0 0 31 31", width=31, height=31, role="img", aria_label=label)


@cache
def weight(n: int, side: str, label: str) -> Markup:
    """Four squares of which the first n are filled."""
    inner = Markup("")
    for place in range(4):
        inner += tag("rect", class_=side if place < n else "off", x=place * 6, y=0, width=5, height=5, rx=0.5)
    return tag("svg", inner, class_="weight", viewBox="0 0 23 5", width=23, height=5, role="img", aria_label=label)


def bar(done: int, open_: int, whole: int, label: str) -> Markup:
    """How much of the day's work is done and in hand."""
    share = [100 * n / max(whole, 1) for n in (done, open_)]
    inner = tag("rect", class_="track", x=0, y=0, width="100%", height=10, rx=1)
    inner += tag("rect", class_="done", x=0, y=0, width=f"{share[0]:.1f}%", height=10, rx=1)
    inner += tag("rect", class_="open", x=f"{share[0]:.1f}%", y=0, width=f"{share[1]:.1f}%", height=10)
    return tag("svg", inner, class_="progress", width="100%", height=10, role="img", aria_label=label)


def seal(initials: str, signed: bool, label: str) -> Markup:
    """Two rings with initials: red when signed, dashed grey until then."""
    inner = tag("circle", class_="ring", cx=22, cy=22, r=20) + tag("circle", class_="ring", cx=22, cy=22, r=16)
    inner += tag("text", initials, class_="initials", x=22, y=27, text_anchor="middle")
    kind = "seal signed" if signed else "seal"
    return tag("svg", inner, class_=kind, viewBox="0 0 44 44", width=44, height=44, role="img", aria_label=label)


def initials(shown: str) -> str:
    """The first letters of family and given name."""
    parts = shown.split()
    return (parts[0][:1] + parts[-1][:1]).upper() if len(parts) > 1 else shown[:2].upper()
