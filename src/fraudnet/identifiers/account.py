"""Account numbers: no national form, no check digit, no length per bank; the key is institution and number as text."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers.text import joined

PLAIN = r"^[\x21-\x7e]+$"


def normalise(value: pl.Expr) -> pl.Expr:
    """The number as text without blanks, full-width forms and invisible marks; zeros and letters stay."""
    return joined(value)


def is_plausible(value: pl.Expr) -> pl.Expr:
    """Whether a text is 6 to 19 letters and digits, as VietQR carries them."""
    return value.str.contains(r"^[0-9A-Za-z]{6,19}$").fill_null(False)
