"""Curves stay in their frame and are named."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudnet.rendering.plot import DOTS, GUIDE, HEIGHT, LINE, STEP, WIDTH, Axis, Series, plot

SHARE = Axis("share", 0, 1, [(0, "0"), (1, "all")])
LOG = Axis("length", 0.001, 1, [(0.001, "0.1%"), (1, "all")], log=True)
POINTS = st.lists(st.tuples(st.floats(-1, 3), st.floats(-1, 3)), max_size=8)


def drawn(points: list[tuple[float, float]], how: str, x: Axis = SHARE) -> Xml.Element:
    html = str(plot([Series("a <b>", points, how), Series("", [(0, 0), (1, 1)], GUIDE)], x, SHARE, 'heard "so"'))
    return Xml.fromstring(f"<div>{html}</div>")


@given(points=POINTS, how=st.sampled_from([LINE, STEP, DOTS]), log=st.booleans())
def test_every_point_lies_inside_the_frame(points: list[tuple[float, float]], how: str, log: bool) -> None:
    found = drawn(points, how, LOG if log else SHARE)
    for line in found.iter("polyline"):
        for at, down in (map(float, pair.split(",")) for pair in (line.get("points") or "").split()):
            assert 0 <= at <= WIDTH and 0 <= down <= HEIGHT
    for circle in found.iter("circle"):
        assert 0 <= float(circle.get("cx") or -1) <= WIDTH


def test_a_step_turns_at_right_angles_and_names_are_escaped() -> None:
    found = drawn([(0.1, 0.9), (0.5, 0.4), (1.0, 0.2)], STEP)
    line = next(found.iter("polyline"))
    corners = [tuple(map(float, pair.split(","))) for pair in (line.get("points") or "").split()]
    assert len(corners) == 5
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners))
    text = Xml.tostring(found, encoding="unicode")
    assert "a &lt;b&gt;" in text and re.search(r'aria-label="heard &quot;so&quot;"', text)


def test_one_point_alone_is_still_seen() -> None:
    assert len(list(drawn([(0.5, 0.5)], LINE).iter("circle"))) == 1


@pytest.mark.parametrize(("value", "place"), [(0.001, 0.0), (1.0, 1.0), (0.0, 0.0), (0.0316227766, 0.5)])
def test_a_log_axis(value: float, place: float) -> None:
    assert LOG.share(value) == pytest.approx(place, abs=1e-6)
