"""How a value reads in a sentence: its unit from what is measured, its digits from the language."""

from __future__ import annotations

import math
from functools import cache

from fraudnet.contracts.features import Column
from fraudnet.messages import text
from fraudnet.scoring.description import is_flag, is_given, measured

# Thousands and decimal marks.
MARKS = {"vi": (".", ","), "en": (",", "."), "fr": ("\u202f", ",")}
# The first word here that is in the name decides its unit; a share of amounts is a share.
UNITS = {
    "share": "share",
    "reciprocity": "share",
    "clustering": "share",
    "ratio": "plain",
    "minutes": "minutes",
    "hours": "hours",
    "seconds": "seconds",
    "days": "days",
    "amount": "money",
}
# Days that are counted, whose description says so already.
COUNTED = ("active_days", "sim_active_days", "under_20m_days", "machine_crowd_days")
# The weight of a link is money, seconds, or whatever the drop means by it.
WEIGHTS = {"transfer": "money", "call": "seconds"}


def said(column: Column, value: float | None, language: str) -> str:
    """The value of a feature as words: `12.500.000 đồng`, `35%`, `3 ngày`, yes or no, a category, or unknown."""
    if value is None or math.isnan(value):
        return text("reason.unknown", language)
    if column.categories:
        place = int(value)
        known = 0 <= place < len(column.categories)
        return column.categories[place] if known else text("reason.unknown", language)
    if is_flag(column):
        if column.view.endswith("_mean"):
            return _with_unit("share", value, language)
        return text("reason.yes" if value else "reason.no", language)
    return _with_unit(unit_of(column), value, language)


@cache
def unit_of(column: Column) -> str:
    """The unit of a feature that is a number: share, minutes, hours, seconds, days, money, or plain."""
    name = measured(column)
    words = name.split("_")
    if is_given(column) or name.startswith(COUNTED):
        return "plain"
    if words[-1] == "strength":
        return WEIGHTS.get(column.link, "plain")
    return next((UNITS[word] for word in UNITS if word in words), "plain")


def number(value: float, digits: int, language: str) -> str:
    """Digits in groups of three with the marks of the language; no useless zeros behind the decimal mark."""
    thousands, decimal = MARKS[language]
    whole, _, part = f"{value:,.{digits}f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", thousands) + (decimal + part if part else "")


def _with_unit(unit: str, value: float, language: str) -> str:
    if unit == "share":
        return text("reason.share", language, value=number(100 * value, 0 if value >= 0.1 else 2, language))
    if unit == "plain":
        return number(value, 6 if 0 < abs(value) < 0.01 else 2, language)
    digits = 0 if unit == "money" else 1
    one = unit != "money" and _is_one(round(value, digits), language)
    return text(f"reason.{unit}.one" if one else f"reason.{unit}", language, value=number(value, digits, language))


def _is_one(value: float, language: str) -> bool:
    """Whether a noun counted by this number is singular; in French it is up to 2."""
    return value == 1 or (language == "fr" and abs(value) < 2)
