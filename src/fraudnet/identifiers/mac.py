"""The address of a network card (MAC, IEEE 802): six bytes; phones make up a new one for each network."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers.text import digits

FORM = r"^[0-9a-f]{12}$"


def normalise(value: pl.Expr) -> pl.Expr:
    """Twelve hexadecimal digits in lower case, without colons and dashes."""
    return digits(value).str.replace_all(":", "", literal=True).str.to_lowercase()


def is_randomised(value: pl.Expr) -> pl.Expr:
    """Whether a normalised address says of itself that it was made up (the local bit of its first byte is set)."""
    return (value.str.contains(FORM) & value.str.slice(1, 1).is_in(list("2367abef"))).fill_null(False)
