"""Texts numbered as they are met, each told by two hashes: the compiled loop behind `codes.py` and `numbers.py`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.graph.csr import Ints

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.uint32]
Slots = NDArray[np.int32]
LEAST = 1 << 16  # slots of the first table; at most half of them are taken


@njit(cache=True, nogil=True)
def _meet(begin: int, texts: tuple[Hashes, Hashes], known: tuple[Hashes, Hashes, Ints], slots: Slots, found: Numbers,
          met: int) -> tuple[int, int]:  # fmt: skip
    """Number the texts from a row on until all are, or there is no more room; the row, and how many are known then."""
    (first, second), (ones, twos, rows) = texts, known
    last = np.uint64(len(slots) - 1)
    for row in range(begin, len(first)):
        at = first[row] & last
        while slots[at] >= 0 and not (ones[slots[at]] == first[row] and twos[slots[at]] == second[row]):
            at = (at + np.uint64(1)) & last
        if slots[at] < 0:
            if met == len(ones):
                return row, met
            slots[at], ones[met], twos[met], rows[met] = met, first[row], second[row], row
            met += 1
        found[row] = slots[at]
    return len(first), met


@njit(cache=True, nogil=True)
def _placed(ones: Hashes, slots: Slots) -> None:
    """Put known texts into an empty table."""
    last = np.uint64(len(slots) - 1)
    for text in range(len(ones)):
        at = ones[text] & last
        while slots[at] >= 0:
            at = (at + np.uint64(1)) & last
        slots[at] = text


@dataclass
class Met:
    """Texts met so far, each told by two independent 64-bit hashes, and the row of its column in which each was met."""

    known: int = 0
    _slots: Slots = field(default_factory=lambda: np.full(LEAST, -1, np.int32))
    _told: tuple[Hashes, Hashes, Ints] = field(default_factory=lambda: _room(LEAST // 2))

    def numbers(self, first: Hashes, second: Hashes) -> Numbers:
        """The number of each text of a column: 0, 1, ... in the order in which texts are met."""
        found, row = np.empty(len(first), np.uint32), 0
        while row < len(first):
            row, self.known = _meet(row, (first, second), self._told, self._slots, found, self.known)
            if row < len(first):
                self._widen()
        return found

    def rows(self, since: int) -> Ints:
        """Where texts were met first, from a number on."""
        return self._told[2][since : self.known]

    def _widen(self) -> None:
        more = _room(len(self._told[0]))
        ones, twos, rows = (np.concatenate(pair) for pair in zip(self._told, more, strict=True))
        self._told = (ones, twos, rows)
        self._slots = np.full(2 * len(self._slots), -1, np.int32)
        _placed(ones[: self.known], self._slots)


def _room(size: int) -> tuple[Hashes, Hashes, Ints]:
    return np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(size, np.int64)
