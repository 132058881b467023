"""Contrast of the colours, computed from the style sheet: text 4.5, shapes and borders 3, on every ground they meet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import fraudnet.console

STYLE = (Path(fraudnet.console.__file__).parent / "static" / "console.css").read_text(encoding="utf-8")
BLOCKS = [
    dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", part)) for part in re.findall(r"\{([^{}]*--bg: #[^{}]*)\}", STYLE)
]
LIGHT, DARK, CHOSEN_DARK = BLOCKS[:3]
TEXTS = [
    (ink, ground)
    for ink in ("ink", "ink-2", "ink-3", "machine", "fraud", "honest", "person")
    for ground in ("bg", "panel", "panel-2")
] + [
    ("fraud", "fraud-weak"),
    ("honest", "honest-weak"),
    ("person", "person-weak"),
    ("ink", "machine-weak"),
    ("ink-2", "machine-weak"),
    ("machine", "machine-weak"),
    ("on-machine", "machine"),
    ("on-spine", "spine"),
    ("on-spine-2", "spine"),
    ("on-spine", "spine-here"),
    ("ink", "cell-1"),
    ("ink", "cell-2"),
    ("ink", "cell-3"),
    ("ink", "cell-4"),
    ("ink", "fraud-weak"),
    ("ink", "honest-weak"),
    ("ink", "person-weak"),
]
SHAPES = [(shape, ground) for shape in ("line-2", "machine-fill", "fraud-fill", "honest-fill", "person-fill", "square",
                                        "focus") for ground in ("bg", "panel")]  # fmt: skip


def _light(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(tokens: dict[str, str]) -> None:
    weak = [(a, b) for a, b in TEXTS if contrast(tokens[a], tokens[b]) < 4.5]
    pale = [(a, b) for a, b in SHAPES if contrast(tokens[a], tokens[b]) < 3]
    assert weak == [] and pale == []


def test_both_ways_to_the_dark_are_the_same() -> None:
    assert DARK == CHOSEN_DARK and set(DARK) <= set(LIGHT)


def test_print_is_always_light_and_nothing_moves() -> None:
    assert all("@media screen" in STYLE[: STYLE.index(f"--bg: {tokens['bg']}")] for tokens in (DARK, CHOSEN_DARK))
    assert not re.search(r"\b(transition|animation|@keyframes)\b", STYLE)
