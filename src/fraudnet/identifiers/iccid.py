"""The number printed on a SIM card (ICCID, ITU-T E.118): 89, country 84, issuer, serial, Luhn digit."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers.luhn import passes_luhn
from fraudnet.identifiers.text import digits


def normalise(value: pl.Expr) -> pl.Expr:
    """The digits, without the filler F that some readers add at the end."""
    return digits(value).str.replace(r"(?i)f$", "")


def is_valid(value: pl.Expr) -> pl.Expr:
    """Whether a text is 19 or 20 digits of a Vietnamese card with the right check digit.

    Some cards carry one digit after the check digit: 20 digits are valid when the first 19 are.
    """
    form = value.str.contains(r"^8984[0-9]{15,16}$").fill_null(False)
    return form & (passes_luhn(value) | passes_luhn(value.str.slice(0, 19)))
