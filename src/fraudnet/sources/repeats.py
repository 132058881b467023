"""Second rows of a key, and rows that an earlier file brought already, found while files stream by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from fraudnet.sorting import by_hash
from fraudnet.sources import sieve
from fraudnet.sources.sieve import Flags, Hashes, Places

LEAST_BITS = 16  # size of the first sieve: 2^16 bits
ROOM = 16  # bits of the sieve for each key at least, so that few new keys are searched for
SEEDS = (11, 23)
STEPS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))  # between the keys of one row's copies


class Seen:
    """The keys of the good rows of one table so far.

    Keys are compared by two independent 64-bit hashes (one chance in 10^25 at 50 million rows to take two keys for
    one); a sieve lets nearly every new key pass without a search.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(keys)
        self._bits = LEAST_BITS
        self._sieve = np.zeros(1 << (LEAST_BITS - 3), dtype=np.uint8)
        self._pieces: list[tuple[Hashes, Hashes]] = []

    def repeated(self, rows: pl.DataFrame) -> pl.Series:
        """Whether each row's key was there before, in an earlier call or further up; the rest is remembered."""
        hashes = rows.select(first=_hash(self._keys, SEEDS[0]), second=_hash(self._keys, SEEDS[1]))
        first, second = hashes["first"].to_numpy(), hashes["second"].to_numpy()
        return pl.Series(self.take(first, second, by_hash(first)))

    def take(self, first: Hashes, second: Hashes, in_order: tuple[Places, Hashes]) -> Flags:
        """As `repeated`, of keys told by both their hashes; `in_order`: the rows and the first hashes, sorted by these.

        The sieve is asked in that order, which goes through its memory from one end to the other.
        """
        self._widen(first.size)
        (order, ones), again = in_order, np.zeros(first.size, np.bool_)
        twos = second[order]
        suspects = order[sieve.maybe(ones, twos, self._sieve, self._bits, True)]
        again[suspects] = self._known(first[suspects], second[suspects])
        again[suspects] |= sieve.earlier(first, second, order, suspects) > 0
        if again.any():
            new = ~again[order]
            ones, twos = ones[new], twos[new]
        self._pieces.append((ones, twos))
        return again

    def maybe(self, first: Hashes, second: Hashes) -> Flags:
        """Whether each key may have been there in an earlier call; nothing is remembered."""
        return sieve.maybe(first, second, self._sieve, self._bits, False)

    def _known(self, first: Hashes, second: Hashes) -> Flags:
        known = np.zeros(first.size, dtype=np.bool_)
        for ones, twos in self._pieces:
            if ones.size:
                at = np.minimum(np.searchsorted(ones, first), ones.size - 1)
                met = np.flatnonzero(ones[at] == first)
                known[met] |= twos[at[met]] == second[met]
        return known

    def pieces(self, start: int = 0) -> list[tuple[Hashes, Hashes]]:
        """Both hashes of the keys so far, a pair of arrays for each call that brought some, from a call on."""
        return self._pieces[start:]

    def remember(self, first: Hashes, second: Hashes) -> None:
        """Take in both hashes of keys that were not there before, sorted by the first."""
        self._widen(first.size)
        sieve.maybe(first, second, self._sieve, self._bits, True)
        self._pieces.append((first, second))

    def _widen(self, more: int) -> None:
        """Make a larger sieve when some more keys would fill this one."""
        wanted = (sum(ones.size for ones, _ in self._pieces) + more) * ROOM
        if wanted <= 1 << self._bits:
            return
        self._bits = (wanted * 2 - 1).bit_length()
        self._sieve = np.zeros(1 << (self._bits - 3), dtype=np.uint8)
        for ones, twos in self._pieces:
            sieve.maybe(ones, twos, self._sieve, self._bits, True)


class Copies:
    """The rows of one table without a key, so far: a row that an earlier file brought counts once.

    Two equal rows of one file may be two events (a day, a pair and a length can repeat honestly), so the second one of
    a file is a copy only of the second one of an earlier file.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = sorted(columns)
        self.seen = Seen(())
        self.file = ""
        self.counted: list[Hashes] = []  # of that file, a sorted piece for each call

    def repeated(self, rows: pl.DataFrame, file: str) -> pl.Series:
        """Whether an earlier file brought each row; the rows of `file` come in one or more calls in a row."""
        if file != self.file:
            self.file, self.counted = file, []
        hashes = rows.select(row=_hash(self._columns, SEEDS[0]), twin=_hash(self._columns, SEEDS[1]))
        row, twin = hashes["row"].to_numpy(), hashes["twin"].to_numpy()
        order, ones = by_hash(row)
        nth = np.zeros(row.size, np.uint64)
        twice = np.flatnonzero(sieve.alike(ones, order))
        nth[twice] = sieve.earlier(row, twin, order, twice).astype(np.uint64)
        met = order[self.seen.maybe(ones, twin[order])] if self.counted else twice[:0]
        for piece in self.counted:
            nth[met] += _times(piece, row[met])
        self.counted.append(ones)
        if not nth.any():
            return pl.Series(self.seen.take(row, twin, (order, ones)))
        first, second = row + nth * STEPS[0], twin + nth * STEPS[1]
        return pl.Series(self.seen.take(first, second, by_hash(first)))


def _times(piece: Hashes, wanted: Hashes) -> Hashes:
    """How often each wanted number is in a sorted piece."""
    most, least = (np.searchsorted(piece, wanted, side=side) for side in ("right", "left"))
    return (most - least).astype(np.uint64)


def _hash(keys: Sequence[str], seed: int) -> pl.Expr:
    """One 64-bit hash of several columns; null counts as a value."""
    mixed = pl.lit(seed, dtype=pl.UInt64)
    for key in keys:
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) ^ pl.col(key).hash(seed)
    return mixed.hash(seed)
