"""Random draws that depend on nothing but a text: the same on every machine and for every order of the rows."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import polars as pl


def order_of(texts: Iterable[str], salt: str) -> pl.Series:
    """A number in [0, 2^63) per text, drawn by a keyed digest of the text."""
    key = blake2b(salt.encode(), digest_size=16).digest()
    drawn = [int.from_bytes(blake2b(t.encode(), digest_size=8, key=key).digest(), "big") >> 1 for t in texts]
    return pl.Series("draw", drawn, dtype=pl.Int64)
