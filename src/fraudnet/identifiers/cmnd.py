"""The former identity card number (CMND): 9 digits, or 12 on the last series; no longer valid since 2025."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers.text import digits


def normalise(value: pl.Expr) -> pl.Expr:
    """The number without blanks, dots and invisible marks; a zero that a spreadsheet dropped comes back (8 digits)."""
    plain = digits(value)
    return pl.when(plain.str.contains(r"^[0-9]{8}$")).then(plain.str.zfill(9)).otherwise(plain)


def is_valid(value: pl.Expr) -> pl.Expr:
    """Whether a text has the form of a former card number: any 9 or 12 digits, not all the same."""
    form = value.str.contains(r"^(?:[0-9]{9}|[0-9]{12})$")
    same = value.str.contains("^(?:" + "|".join(f"{digit}+" for digit in range(10)) + ")$")
    return (form & ~same).fill_null(False)
