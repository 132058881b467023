"""Figures as people read them aloud, the same in all three languages; only the sign of percent differs."""

from __future__ import annotations

from datetime import date

MINUS, HARD = "\u2212", "\u00a0"


def whole(value: float) -> str:
    """A whole number in groups of three: `1.234.567`."""
    digits = f"{abs(round(value)):,}".replace(",", ".")
    return f"{MINUS}{digits}" if round(value) < 0 else digits


def decimal(value: float, digits: int = 1) -> str:
    """A number with a decimal comma: `86,4`."""
    text = f"{abs(value):,.{digits}f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"{MINUS}{text}" if round(value, digits) < 0 else text


def change(value: float) -> str:
    """A difference with its sign, whole: `+3`, `−12`, `0`."""
    return f"+{whole(value)}" if round(value) > 0 else whole(value)


def percent(share: float, language: str, digits: int = 0) -> str:
    """A share as percent: `96%`, in French with a hard blank before the sign.

    Never `100%` for anything less than all, and never `0%` for anything more than nothing.
    """
    value = 100 * share
    step = 10**-digits
    if 0 < share < 1:
        value = min(max(value, step), 100 - step)
    blank = HARD if language == "fr" else ""
    return f"{decimal(value, digits) if digits else whole(value)}{blank}%"


def day(value: date) -> str:
    """A day: `20/11/2026`."""
    return value.strftime("%d/%m/%Y")


def short_day(value: date) -> str:
    """A month of a year: `11/2026`."""
    return value.strftime("%m/%Y")
