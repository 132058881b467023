"""The picture of a ring in two storeys: who controls above, where the money goes below. Shape is kind, fill is role.

Positions come from outside and are whole numbers; labels find places where they cover neither nodes nor each other, and
those that find none are left to the table beside the picture. No colour, size or line stands for more than one thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from fraudnet.rendering.markup import tag

Box = tuple[float, float, float, float]
Point = tuple[float, float]
SIGN, BOLD, LINE_HEIGHT = 6.3, 7.0, 15  # width of a letter of 12 px, rounded up
TRIED = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8)
ASIDE = (0, -10, 10)
HALF = {"account": (21, 14), "organisation": (21, 14), "sim": (14, 17), "person": (18, 18), "device": (18, 15),
        "exit": (20, 13)}  # fmt: skip
MONEY, HOLDING, SIGN_IN, CALL = "money", "holding", "sign-in", "call"


@dataclass(frozen=True)
class Node:
    """A node: key, shape (a key of HALF), role class and the code inside, centre, two lines below, a count beside."""

    key: str
    shape: str
    role: str
    code: str
    x: int
    y: int
    title: str
    below: str = ""
    more: str = ""
    hold: bool = False


@dataclass(frozen=True)
class Line:
    """A line between two nodes: kind (MONEY, HOLDING, SIGN_IN, CALL), words on it, width, whether inferred or ended."""

    source: str
    target: str
    kind: str
    words: str = ""
    width: float = 1.2
    guess: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Picture:
    """Nodes and lines, what the storeys and columns are called (x, words), the legend, the finding in a sentence."""

    nodes: Sequence[Node]
    lines: Sequence[Line]
    storeys: tuple[str, str]
    columns: Sequence[tuple[int, str]]
    legend: Sequence[tuple[str, str, str]]
    finding: str
    title: str = ""


def style() -> str:
    """The colours and strokes of the picture, for a page or for a picture that stands alone."""
    return files(__package__).joinpath("templates", "picture.css").read_text(encoding="utf-8")


def ring(picture: Picture, *, alone: bool = False) -> Markup:
    """The picture as SVG; `alone` brings its own style, for a file or a report."""
    at = {node.key: node for node in picture.nodes}
    upper = [node.y for node in picture.nodes if node.shape in ("person", "device", "sim")]
    lower = [node.y for node in picture.nodes if node.shape not in ("person", "device", "sim")]
    rule = max(upper) + 62 if upper else 0
    width = max((node.x for node in picture.nodes), default=0) + 100
    bottom = max(upper + lower, default=0) + 78
    taken = [box for node in picture.nodes for box in boxes(node)]
    taken += [(0, rule, 110, rule + 24), (0, 0, 110, 24)]
    words = labels(picture.lines, at, taken)
    inner = _style(alone) + _marker() + _storeys(picture, (rule, width, bottom), bool(upper), bool(lower))
    inner += Markup("").join(edge(line, at) for line in picture.lines)
    inner += Markup("").join(shape(node) for node in picture.nodes)
    inner += Markup("").join(_word(*one) for one in words)
    inner += Markup("").join(_named(node) for node in picture.nodes)
    rows, legend = _legend(picture.legend, bottom + 18, width)
    height = bottom + 18 + rows * 24
    described = tag("title", picture.title or picture.finding) + tag("desc", picture.finding)
    return tag("svg", described + inner + legend, class_="ring", xmlns="http://www.w3.org/2000/svg",
               viewBox=f"0 0 {width} {height}", width=width, height=height, role="img",
               aria_label=picture.finding)  # fmt: skip


def boxes(node: Node) -> list[Box]:
    """What a node and its words cover."""
    half_x, half_y = HALF[node.shape]
    found: list[Box] = [
        (node.x - half_x - 3, node.y - half_y - 3, node.x + half_x + (12 if node.hold else 3), node.y + half_y + 3)
    ]
    top = node.y + half_y + 4
    for place, (said, letter) in enumerate(((node.title, BOLD), (node.below, SIGN))):
        if said:
            half = len(said) * letter / 2
            found.append((node.x - half, top + place * LINE_HEIGHT, node.x + half, top + (place + 1) * LINE_HEIGHT))
    if node.more:
        found.append((node.x + half_x, node.y - 22, node.x + half_x + 8 + len(node.more) * SIGN, node.y - 4))
    return found


def labels(lines: Sequence[Line], at: dict[str, Node], taken: list[Box]) -> list[tuple[str, float, float]]:
    """Where the words of each line stand: on it, over no node and no other word; those without room are left out."""
    found = []
    covered = list(taken)
    for line in sorted(lines, key=lambda one: (-one.width, one.source, one.target, one.kind)):
        if not line.words:
            continue
        curve = path(line, at)
        half = len(line.words) * SIGN / 2 + 2
        for x, y in _tried(curve):
            box = (x - half, y - 8, x + half, y + 8)
            if not any(overlaps(box, other) for other in covered):
                covered.append(box)
                found.append((line.words, x, y))
                break
    return found


def _tried(curve: tuple[Point, Point, Point, Point]) -> list[Point]:
    return [(x, y + aside) for aside in ASIDE for x, y in (point(curve, share) for share in TRIED)]


def overlaps(one: Box, other: Box) -> bool:
    """Whether two boxes cover a common spot."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def point(curve: tuple[Point, Point, Point, Point], share: float) -> Point:
    """A point of a cubic curve (de Casteljau)."""
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    return (
        sum(weight * spot[0] for weight, spot in zip(weights, curve, strict=True)),
        sum(weight * spot[1] for weight, spot in zip(weights, curve, strict=True)),
    )


def path(line: Line, at: dict[str, Node]) -> tuple[Point, Point, Point, Point]:
    """The curve of a line: money runs sideways, or around within a column; what holds runs down."""
    one, other = at[line.source], at[line.target]
    if line.kind == MONEY:
        if abs(one.x - other.x) < 150:
            side = 1 if one.y < other.y else -1
            out = max(one.x, other.x) if side > 0 else min(one.x, other.x)
            bend = 46 + abs(one.y - other.y) * 0.22
            turn = out + bend * side
            return (one.x + 22 * side, one.y), (turn, one.y), (turn, other.y), (other.x + 24 * side, other.y)
        way = 1 if other.x > one.x else -1
        bend = abs(other.x - one.x) * 0.42 * way
        start, end = one.x + 22 * way, other.x - 24 * way
        return (start, one.y), (start + bend, one.y), (end - bend, other.y), (end, other.y)
    top, low = (one, other) if one.y <= other.y else (other, one)
    begins, ends = top.y + HALF[top.shape][1], low.y - HALF[low.shape][1]
    middle = (begins + ends) / 2
    return (top.x, begins), (top.x, middle), (low.x, middle), (low.x, ends)


def edge(line: Line, at: dict[str, Node]) -> Markup:
    """One line."""
    (x1, y1), (a, b), (c, d), (x2, y2) = path(line, at)
    kind = f"edge {line.kind}" + (" guess" if line.guess else "") + (" ended" if line.ended else "")
    return tag("path", class_=kind, d=f"M{x1:.0f} {y1:.0f}C{a:.0f} {b:.0f} {c:.0f} {d:.0f} {x2:.0f} {y2:.0f}",
               stroke_width=line.width, marker_end="url(#ring-arrow)" if line.kind == MONEY else None)  # fmt: skip


def shape(node: Node) -> Markup:
    """One node: its shape, the code inside, a bracket where its money is to be held."""
    x, y, kind = node.x, node.y, f"node {node.role}"
    outlines = {
        "person": tag("circle", class_=kind, cx=x, cy=y, r=18),
        "sim": tag("path", class_=kind, d=f"M{x - 14} {y - 17}h19l9 9v25h-28z"),
        "device": tag("path", class_=kind, d=f"M{x - 18} {y}l9-15h18l9 15-9 15h-18z"),
        "exit": tag("path", class_=kind, d=f"M{x - 20} {y - 13}h27l13 13-13 13h-27z"),
    }
    box = tag("rect", class_=kind, x=x - 21, y=y - 14, width=42, height=28, rx=4)
    if node.shape == "organisation":
        box += tag("rect", class_=f"inside {node.role}", x=x - 18, y=y - 11, width=36, height=22, rx=2)
    inner = outlines.get(node.shape, box)
    inner += tag("text", node.code, class_=f"on {node.role}", x=x, y=y + 4)
    if node.hold:
        inner += tag("path", class_="bracket", d=f"M{x + 24} {y - 16}h6v32h-6")
    return inner


def _named(node: Node) -> Markup:
    top = node.y + HALF[node.shape][1] + 16
    inner = tag("text", node.title, class_="name", x=node.x, y=top)
    if node.below:
        inner += tag("text", node.below, class_="sub", x=node.x, y=top + LINE_HEIGHT)
    if node.more:
        inner += tag("text", node.more, class_="more", x=node.x + HALF[node.shape][0] + 4, y=node.y - 10)
    return inner


def _word(said: str, x: float, y: float) -> Markup:
    """Words on a line, with ground behind them."""
    half = len(said) * SIGN / 2
    plate = tag("rect", class_="plate", x=round(x - half), y=round(y - 7), width=round(2 * half), height=14)
    return plate + tag("text", said, class_="word", x=round(x), y=round(y) + 4)


def _style(alone: bool) -> Markup:
    return tag("style", Markup(style())) if alone else Markup("")  # noqa: S704  # our own file


def _marker() -> Markup:
    head = tag("path", class_="head", d="M0 0 8 4 0 8z")
    return tag("defs", tag("marker", head, id="ring-arrow", viewBox="0 0 8 8", refX=7, refY=4, markerWidth=9,
                           markerHeight=9, markerUnits="userSpaceOnUse", orient="auto"))  # fmt: skip


def _storeys(picture: Picture, size: tuple[int, int, int], upper: bool, lower: bool) -> Markup:
    rule, width, bottom = size
    inner = tag("rect", class_="ground", x=0, y=0, width=width, height=bottom)
    if upper:
        inner += tag("rect", class_="upper", x=0, y=0, width=width, height=rule)
        inner += tag("text", picture.storeys[0], class_="storey", x=10, y=18)
    if upper and lower:
        inner += tag("line", class_="divide", x1=0, x2=width, y1=rule, y2=rule)
    if lower:
        inner += tag("text", picture.storeys[1], class_="storey", x=10, y=rule + 20)
        inner += Markup("").join(tag("text", said, class_="column", x=x, y=bottom - 6) for x, said in picture.columns)
    return inner


def _legend(signs: Sequence[tuple[str, str, str]], top: int, width: int) -> tuple[int, Markup]:
    """How many rows the legend takes, and the legend: (role or kind of line, code, words)."""
    inner, x, row = Markup(""), 16.0, 0
    for kind, code, said in signs:
        wide = 34 + len(said) * SIGN + 22
        if x + wide > width - 10:
            x, row = 16.0, row + 1
        inner += _sign(kind, code, round(x), top + row * 24)
        inner += tag("text", said, class_="key", x=round(x) + 34, y=top + row * 24 + 4)
        x += wide
    return (row + 1 if signs else 0), inner


def _sign(kind: str, code: str, x: int, y: int) -> Markup:
    if kind in (MONEY, HOLDING, SIGN_IN, CALL, "guess"):
        classes = f"edge {HOLDING} guess" if kind == "guess" else f"edge {kind}"
        return tag("path", class_=classes, d=f"M{x} {y}h28", stroke_width=3 if kind == MONEY else 1.2)
    if kind == "hold":
        return tag("path", class_="bracket", d=f"M{x + 10} {y - 9}h6v18h-6")
    box = tag("rect", class_=f"node {kind}", x=x, y=y - 9, width=28, height=18, rx=3)
    return box + tag("text", code, class_=f"on {kind}", x=x + 14, y=y + 4)
