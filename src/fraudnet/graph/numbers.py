"""Texts as dense numbers: each is looked up once by its hashes, never joined row by row."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.graph.csr import Nodes
from fraudnet.graph.interning import Met

PIECE = 1 << 20  # rows that are looked up at a time
SEEDS = (1, 2)  # two hashes of 64 bits: that two of a thousand million texts share both is one chance in 10^20


class Texts:
    """Every different text once, numbered from 0 in the order in which it was met."""

    def __init__(self) -> None:
        self._numbers = Met()
        self._met: list[pl.Series] = []

    def __len__(self) -> int:
        return self._numbers.known

    def every(self) -> pl.Series:
        """The text of each number."""
        whole = pl.concat([pl.Series("text", [], dtype=pl.String), *self._met])
        self._met = [whole]
        return whole

    def numbers(self, texts: pl.Series) -> Nodes:
        """The number of each row's text, -1 where it has none."""
        codes = np.full(len(texts), -1, np.int32)
        for start in range(0, len(texts), PIECE):
            piece = texts.slice(start, PIECE)
            if piece.null_count():
                there = np.flatnonzero(piece.is_not_null().to_numpy())
                codes[start + there] = self._entered(piece.gather(there))
            else:
                codes[start : start + len(piece)] = self._entered(piece)
        return codes

    def _entered(self, piece: pl.Series) -> Nodes:
        known = self._numbers.known
        first, second = (piece.hash(seed).to_numpy() for seed in SEEDS)
        codes = self._numbers.numbers(first, second).astype(np.int32)
        brought = piece.gather(self._numbers.rows(known))
        self._met.append(brought.alias("text") + "")  # a copy, or whole tables would be held for it
        return codes
