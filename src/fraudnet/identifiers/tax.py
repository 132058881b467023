"""Tax codes (MST): 10 digits with a check digit, 13 for a branch."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers.text import digits

WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def normalise(value: pl.Expr) -> pl.Expr:
    """The digits alone; a branch keeps its three digits behind the ten."""
    return digits(value)


def is_valid(value: pl.Expr) -> pl.Expr:
    """Whether a normalised code is 10 digits with the right last one, or such a code and a branch above 000."""
    form = value.str.contains(r"^[0-9]{10}(?:[0-9]{3})?$")
    named = (value.str.slice(2, 7) != "0000000") & (value.str.slice(10, 3) != "000")
    total = pl.sum_horizontal(
        [value.str.slice(place, 1).cast(pl.Int32, strict=False) * weight for place, weight in enumerate(WEIGHTS)]
    )
    check = value.str.slice(9, 1).cast(pl.Int32, strict=False)
    return (form & named & (check == 10 - total % 11)).fill_null(False)
