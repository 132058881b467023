"""The 12-digit citizen identity number (CCCD, personal number; Circular 07/2016/TT-BCA). It has no check digit."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers.provinces import PROVINCES
from fraudnet.identifiers.text import digits

FEMALE, MALE = 0, 1


def normalise(value: pl.Expr) -> pl.Expr:
    """The number as 12 digits; zeros that a spreadsheet dropped come back when the result is a valid number."""
    plain = digits(value)
    padded = plain.str.zfill(12)
    lost = plain.str.contains(r"^[0-9]{10,11}$") & is_valid(padded)
    return pl.when(lost).then(padded).otherwise(plain)


def is_valid(value: pl.Expr) -> pl.Expr:
    """Whether a text is 12 digits and begins with one of the 63 provinces or a country's code (above 099)."""
    province = value.str.slice(0, 3).is_in(list(PROVINCES)) | (value.str.slice(0, 1) != "0")
    return (value.str.contains(r"^[0-9]{12}$") & province).fill_null(False)


def province(value: pl.Expr) -> pl.Expr:
    """Province in which the birth was registered, by its name; null when abroad or unknown."""
    return value.str.slice(0, 3).replace_strict(PROVINCES, default=None, return_dtype=pl.String)


def sex(value: pl.Expr) -> pl.Expr:
    """Sex as the fourth digit tells: 0 female, 1 male; null when the number is not valid."""
    even = value.str.slice(3, 1).cast(pl.Int8, strict=False) % 2 == 0
    return pl.when(is_valid(value)).then(pl.when(even).then(MALE).otherwise(FEMALE)).cast(pl.Int8)


def birth_year(value: pl.Expr) -> pl.Expr:
    """Year of birth as digits four to six tell; null when the number is not valid."""
    century = 1900 + 100 * (value.str.slice(3, 1).cast(pl.Int32, strict=False) // 2)
    return pl.when(is_valid(value)).then(century + value.str.slice(4, 2).cast(pl.Int32, strict=False))


def matches_sex(value: pl.Expr, stated: pl.Expr) -> pl.Expr:
    """Whether the number agrees with a stated sex (0 female, 1 male); null when either side says nothing."""
    return pl.when(stated.is_in([FEMALE, MALE])).then(sex(value) == stated)


def matches_birth_year(value: pl.Expr, birth_date: pl.Expr) -> pl.Expr:
    """Whether the number agrees with the year of a birth date; null when either side says nothing."""
    return birth_year(value) == birth_date.dt.year()
