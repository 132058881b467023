"""Banks by whatever name they are called: one table of names for all sources."""

from __future__ import annotations

import polars as pl

from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.institution import aliases, institution_in


def bank_codes(names: pl.Series) -> pl.Series:
    """The code of each bank or wallet; a name that the table lacks, or that names two, stays, in plain letters."""
    spelled = names.drop_nulls().unique().sort()
    codes = [_code(name) for name in spelled]
    return names.replace_strict(spelled, pl.Series(codes, dtype=pl.String), default=None, return_dtype=pl.String)


def _code(name: str) -> str:
    plain = fold(name.lower())  # small letters first: VietinBank is one word
    return aliases().get(plain) or institution_in(name) or plain
