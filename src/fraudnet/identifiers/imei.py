"""The number of a phone or modem (IMEI, 3GPP TS 23.003): type 8, serial 6, Luhn digit."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers.luhn import passes_luhn
from fraudnet.identifiers.text import digits


def normalise(value: pl.Expr) -> pl.Expr:
    """The digits alone."""
    return digits(value)


def is_valid(value: pl.Expr) -> pl.Expr:
    """Whether a text is 15 digits with the right last one."""
    return value.str.contains(r"^[0-9]{15}$").fill_null(False) & passes_luhn(value)
