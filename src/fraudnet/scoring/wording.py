"""How a value reads in a sentence: its unit from the feature's name, its digits from the language."""

from __future__ import annotations

import math

from fraudnet.contracts.features import Column
from fraudnet.messages import text

# Thousands and decimal marks.
MARKS = {"vi": (".", ","), "en": (",", "."), "fr": ("\u202f", ",")}
YES_NO = frozenset(("is", "differs"))
# The first word of a name that is here decides its unit; a share of amounts is a share.
UNITS = {
    "share": "share",
    "ratio": "ratio",
    "strength": "ratio",
    "alike": "ratio",
    "pagerank": "ratio",
    "minutes": "minutes",
    "seconds": "seconds",
    "days": "days",
    "amount": "money",
}


def said(column: Column, value: float | None, language: str) -> str:
    """The value of a feature as words: `12.500.000 đ`, `35 %`, `3 ngày`, yes or no, a category, or unknown."""
    if value is None or math.isnan(value):
        return text("reason.unknown", language)
    if column.categories:
        place = int(value)
        known = 0 <= place < len(column.categories)
        return column.categories[place] if known else text("reason.unknown", language)
    words = column.name.split("_")
    if YES_NO.intersection(words):
        return text("reason.yes" if value else "reason.no", language)
    unit = next((UNITS[word] for word in UNITS if word in words), "plain")
    return _with_unit(unit, value, language)


def number(value: float, digits: int, language: str) -> str:
    """Digits in groups of three with the marks of the language; no useless zeros behind the decimal mark."""
    thousands, decimal = MARKS[language]
    whole, _, part = f"{value:,.{digits}f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", thousands) + (decimal + part if part else "")


def _with_unit(unit: str, value: float, language: str) -> str:
    if unit == "share":
        return text("reason.share", language, value=number(100 * value, 0 if value >= 0.1 else 2, language))
    if unit in ("ratio", "plain"):
        small = 0 < abs(value) < 0.01
        return number(value, 6 if small else 2, language)
    digits = 0 if unit == "money" else 1
    return text(f"reason.{unit}", language, value=number(value, digits, language))
