"""The check digit of card, IMEI and SIM numbers (ISO/IEC 7812-1 annex B)."""

from __future__ import annotations

import polars as pl

LONGEST = 20


def passes_luhn(value: pl.Expr) -> pl.Expr:
    """Whether the last digit of a text of at most 20 digits is its Luhn check digit; false for anything else."""
    backwards = value.str.reverse()
    total = pl.lit(0, dtype=pl.Int32)
    for place in range(LONGEST):
        digit = backwards.str.slice(place, 1).cast(pl.Int32, strict=False).fill_null(0)
        doubled = 2 * digit - 9 * (digit > 4).cast(pl.Int32)
        total = total + (doubled if place % 2 else digit)
    return value.str.contains(r"^[0-9]{2,20}$").fill_null(False) & (total % 10 == 0)
