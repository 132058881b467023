"""Rows in the order of 64-bit hashes: such numbers are spread evenly, so that their first digits nearly sort them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]
MOST = 12  # bits of a digit: as many places as are written to at a time


def by_hash(hashes: Hashes) -> tuple[Places, Hashes]:
    """The rows from the smallest hash to the largest, those of one hash in their order; and the hashes so."""
    bits = min(MOST, max(1, (len(hashes).bit_length() + 1) // 2))
    keys, rows = _dealt(hashes, np.arange(len(hashes)), 64 - 2 * bits, bits)
    keys, rows = _dealt(keys, rows, 64 - bits, bits)
    _settle(keys, rows)
    return rows, keys


@njit(cache=True, nogil=True)
def _dealt(keys: Hashes, rows: Places, low: int, bits: int) -> tuple[Hashes, Places]:
    """Keys and their rows in the order of one digit of the keys; those of one digit in their order."""
    shift, last = np.uint64(low), np.uint64((1 << bits) - 1)
    ends = np.zeros((1 << bits) + 1, np.int64)
    for key in keys:
        ends[((key >> shift) & last) + np.uint64(1)] += 1
    ends = np.cumsum(ends)
    dealt, places = np.empty_like(keys), np.empty_like(rows)
    for at in range(len(keys)):
        digit = (keys[at] >> shift) & last
        dealt[ends[digit]], places[ends[digit]] = keys[at], rows[at]
        ends[digit] += 1
    return dealt, places


@njit(cache=True, nogil=True)
def _settle(keys: Hashes, rows: Places) -> None:
    """Put in order the few that their first digits leave out of order."""
    for at in range(1, len(keys)):
        key, row, free = keys[at], rows[at], at
        while free > 0 and keys[free - 1] > key:
            keys[free], rows[free] = keys[free - 1], rows[free - 1]
            free -= 1
        keys[free], rows[free] = key, row
