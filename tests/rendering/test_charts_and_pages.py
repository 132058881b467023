"""Pages are whole, offline and escaped; charts carry their figures and stay inside their frame."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.rendering import chart, numbers
from fraudnet.rendering.markup import tag
from fraudnet.rendering.page import Figure, Page, Sheet, render
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} & \u202e'
QUICK = settings(max_examples=25, deadline=None)
VOID = {"meta", "img", "br", "hr", "input", "link"}


class Checked(HTMLParser):
    """Counts tags and refuses ones that are left open or closed twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((name, dict(attrs)))
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name


def checked(html: str) -> Checked:
    parser = Checked()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def page(text: str) -> str:
    rows = [[Cell(text, text, chart.bar(0.5)), Cell(text, None, chart.spark([1, None, 99], text), "weak", text)]]
    shown = table(Table(text, [Head(text, wide=True), Head(text, RIGHT)], rows, notes=[("?", text)]))
    strip = chart.strip([0, None, 4], text) + chart.squares(chart.Stacks([0, 3, 30], 3, 10), 1, text)
    figure = Figure(text, text, text, chart.bar(None))
    return render(
        Page("en", text, text, text, text, [figure], [Sheet(text, shown, text, 7), Sheet(text, strip)], text, text)
    )


def test_hostile_text_stays_text_wherever_it_is_put() -> None:
    html = page(HOSTILE)
    parser = checked(html)
    assert not {name for name, _ in parser.tags} & {"script", "img", "link", "iframe", "a b"}
    assert not any(key.startswith("on") or key == "style" for _, attributes in parser.tags for key in attributes)
    assert "{{ 7*7 }}" in html and "&lt;script&gt;" in html


@QUICK
@given(text=st.text(min_size=1, max_size=40))
def test_any_text_leaves_the_page_whole(text: str) -> None:
    plain = checked(page("x"))
    assert [name for name, _ in checked(page(text)).tags] == [name for name, _ in plain.tags]


def test_the_page_fetches_nothing_and_only_its_own_style_may_act() -> None:
    html = page("x")
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", html)
    style = re.search(r"<style>(.*?)</style>", html, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html
    assert "prefers-color-scheme: dark" in html and "@media print" in html


def test_two_renderings_are_equal_to_the_byte() -> None:
    assert page("Nguyễn") == page("Nguyễn")


@QUICK
@given(share=st.one_of(st.none(), st.floats(-1, 2)))
def test_a_bar_stays_in_its_cell_and_unknown_is_hatched(share: float | None) -> None:
    rects = Xml.fromstring(chart.bar(share)).findall("rect")
    if share is None:
        assert [rect.get("class") for rect in rects] == ["unknown"]
    else:
        assert 0 <= float(str(rects[1].get("width")).rstrip("%")) <= 100


@QUICK
@given(counts=st.lists(st.integers(0, 40), min_size=1, max_size=20), each=st.integers(3, 60))
def test_squares_stand_for_what_is_counted_inside_the_frame(counts: list[int], each: int) -> None:
    tallest = max(-(-count // each) for count in counts)
    svg = Xml.fromstring(chart.squares(chart.Stacks(counts, each, tallest), 2, "x"))
    rects = svg.findall("rect")
    assert len(rects) == sum(-(-count // each) for count in counts)
    width, height = float(str(svg.get("width"))), float(str(svg.get("height")))
    assert all(0 <= float(str(r.get("x"))) <= width - 7 and 0 <= float(str(r.get("y"))) <= height - 7 for r in rects)


@QUICK
@given(values=st.lists(st.one_of(st.none(), st.floats(-50, 150)), max_size=14))
def test_a_trend_joins_neighbours_only_and_stays_in_its_frame(values: list[float | None]) -> None:
    svg = Xml.fromstring(chart.spark(values, "x"))
    strokes = [line for line in svg.findall("line") if line.get("class") == "stroke"]
    assert len(strokes) == sum(a is not None and b is not None for a, b in pairwise(values))
    assert all(0 <= float(str(line.get(key))) <= 72 for line in strokes for key in ("x1", "x2", "y1", "y2"))
    assert len(svg.findall("circle")) == int(bool(values) and values[-1] is not None)


def test_a_strip_has_a_cell_for_every_week_and_hatches_the_silent_ones() -> None:
    rects = Xml.fromstring(chart.strip([0, None, 4, 2], "x")).findall("rect")
    assert [rect.get("class") for rect in rects] == ["level-0", "unknown", "level-4", "level-2"]
    assert [rect.get("x") for rect in rects] == ["0.0000%", "25.0000%", "50.0000%", "75.0000%"]


def test_a_table_without_rows_says_why() -> None:
    assert "nothing came" in table(Table("t", [Head("a")], [], "nothing came"))


@pytest.mark.parametrize(
    ("share", "language", "digits", "told"),
    [(1, "vi", 0, "100%"), (0.9999, "vi", 0, "99%"), (0.0001, "en", 0, "1%"), (0, "en", 0, "0%"),
     (0.9999, "en", 1, "99,9%"), (0.5, "fr", 0, "50\u00a0%")],
)  # fmt: skip
def test_shares_are_never_rounded_to_all_or_nothing(share: float, language: str, digits: int, told: str) -> None:
    assert numbers.percent(share, language, digits) == told


def test_figures_read_the_same_in_every_language() -> None:
    assert (numbers.whole(1234567), numbers.whole(-12.4), numbers.decimal(86.44), numbers.decimal(1234.5)) == (
        "1.234.567", "\u221212", "86,4", "1.234,5",
    )  # fmt: skip
    assert (numbers.change(3.2), numbers.change(-0.2), numbers.change(-7)) == ("+3", "0", "\u22127")


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_and_shapes_stand_out_from_every_ground(theme: int) -> None:
    style = files("fraudnet.rendering").joinpath("templates", "style.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6})", part)) for part in style.split("@media screen", 2)[:2]
    )
    tokens = light if theme == 0 else {**light, **dark}
    for ground in ("bg", "panel", "panel-2"):
        for ink in ("ink", "ink-2", "ink-3", "weak-text", "stop-text", "link"):
            assert contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)
        for shape in ("square", "weak-fill", "line-2"):
            assert contrast(tokens[shape], tokens[ground]) >= 3, (shape, ground)


def test_markup_of_attributes_is_escaped() -> None:
    assert str(tag("b", '"<', title='"<', hidden=None)) == '<b title="&#34;&lt;">&#34;&lt;</b>'
