"""Invisible and full-width characters that hide equal identifiers from each other."""

from __future__ import annotations

import polars as pl

# Zero-width and direction marks, soft hyphen, byte order mark: never part of an identifier.
INVISIBLE = r"\p{Cf}"


def visible(value: pl.Expr) -> pl.Expr:
    """Text with full-width forms made plain (NFKC), without invisible marks and outer blanks; blank is null."""
    return _or_null(_visible(value))


def joined(value: pl.Expr) -> pl.Expr:
    """As `visible`, without any blank inside either."""
    return _or_null(_visible(value).str.replace_all(r"\s+", ""))


def digits(value: pl.Expr) -> pl.Expr:
    """As `joined`, without the dots, dashes, slashes and brackets that people write between groups of digits."""
    return _or_null(_visible(value).str.replace_all(r"[\s.\-‐-―/()]+", ""))


# Kept apart from the test for blanks, which names its argument twice: nested, the work would double at every level.
def _visible(value: pl.Expr) -> pl.Expr:
    return value.str.normalize("NFKC").str.replace_all(INVISIBLE, "").str.strip_chars()


def _or_null(plain: pl.Expr) -> pl.Expr:
    return pl.when(plain != "").then(plain)
