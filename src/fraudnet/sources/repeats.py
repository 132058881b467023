"""Second rows of a key, and rows that an earlier file brought already, found while files stream by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

LEAST_BITS = 16  # size of the first sieve: 2^16 bytes
ROOM = 8  # bytes of the sieve for each key at least, so that few new keys are searched for
SEEDS = (11, 23)


class Seen:
    """The keys of the good rows of one table so far.

    Keys are compared by two independent 64-bit hashes (one chance in 10^25 at 50 million rows to take two keys for
    one); a sieve lets nearly every new key pass without a search.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(keys)
        self._bits = LEAST_BITS
        self._sieve = np.zeros(1 << LEAST_BITS, dtype=np.bool_)
        self._pieces: list[tuple[NDArray[np.uint64], NDArray[np.uint64]]] = []

    def repeated(self, rows: pl.DataFrame) -> pl.Series:
        """Whether each row's key was there before, in an earlier call or further up; the rest is remembered."""
        hashes = rows.select(first=_hash(self._keys, SEEDS[0]), second=_hash(self._keys, SEEDS[1]))
        again = np.zeros(rows.height, np.bool_)
        twice = hashes["first"].is_duplicated().arg_true()  # few: only those are looked at by both hashes
        among = hashes[twice].select(~pl.struct("first", "second").is_first_distinct()).to_series()
        again[twice.to_numpy()] = among.to_numpy()
        first, second = hashes["first"].to_numpy(), hashes["second"].to_numpy()
        suspects = np.flatnonzero(self._maybe(first) & ~again)
        again[suspects] = self._known(first[suspects], second[suspects])
        self.remember(first[~again], second[~again])
        return pl.Series(again)

    def _maybe(self, first: NDArray[np.uint64]) -> NDArray[np.bool_]:
        suspect: NDArray[np.bool_] = self._sieve[first >> np.uint64(64 - self._bits)]
        return suspect

    def _known(self, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.bool_]:
        known = np.zeros(first.size, dtype=np.bool_)
        for ones, twos in self._pieces:
            if ones.size:
                at = np.minimum(np.searchsorted(ones, first), ones.size - 1)
                known |= (ones[at] == first) & (twos[at] == second)
        return known

    def pieces(self, start: int = 0) -> list[tuple[NDArray[np.uint64], NDArray[np.uint64]]]:
        """Both hashes of the keys so far, a pair of arrays for each call that brought some, from a call on."""
        return self._pieces[start:]

    def remember(self, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> None:
        """Take in both hashes of keys that were not there before."""
        order = np.argsort(first)
        self._pieces.append((first[order], second[order]))
        new = [first]
        if sum(ones.size for ones, _ in self._pieces) * ROOM > self._sieve.size:
            new = [ones for ones, _ in self._pieces]
            self._bits = (sum(ones.size for ones in new) * ROOM * 4 - 1).bit_length()
            self._sieve = np.zeros(1 << self._bits, dtype=np.bool_)
        for ones in new:
            self._sieve[ones >> np.uint64(64 - self._bits)] = True


class Copies:
    """The rows of one table without a key, so far: a row that an earlier file brought counts once.

    Two equal rows of one file may be two events (a day, a pair and a length can repeat honestly), so the second one of
    a file is a copy only of the second one of an earlier file.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = sorted(columns)
        self.seen = Seen(("row", "twin", "nth"))
        self.file = ""
        self.counted: list[NDArray[np.uint64]] = []  # of that file, a sorted piece for each call

    def repeated(self, rows: pl.DataFrame, file: str) -> pl.Series:
        """Whether an earlier file brought each row; the rows of `file` come in one or more calls in a row."""
        if file != self.file:
            self.file, self.counted = file, []
        hashes = rows.select(row=_hash(self._columns, SEEDS[0]), twin=_hash(self._columns, SEEDS[1]))
        row = hashes["row"].to_numpy()
        place = np.zeros(len(row), np.int64)
        twice = hashes["row"].is_duplicated().arg_true()
        place[twice.to_numpy()] = (
            hashes[twice].select(pl.int_range(pl.len()).over("row", "twin")).to_series().to_numpy()
        )
        earlier = sum((_times(piece, row) for piece in self.counted), np.zeros(row.size, np.int64))
        self.counted.append(np.sort(row))
        return self.seen.repeated(hashes.with_columns(nth=pl.Series(place + earlier)))


def _times(piece: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How often each wanted number is in a sorted piece."""
    return np.searchsorted(piece, wanted, side="right") - np.searchsorted(piece, wanted, side="left")


def _hash(keys: Sequence[str], seed: int) -> pl.Expr:
    """One 64-bit hash of several columns; null counts as a value."""
    mixed = pl.lit(seed, dtype=pl.UInt64)
    for key in keys:
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) ^ pl.col(key).hash(seed)
    return mixed.hash(seed)
