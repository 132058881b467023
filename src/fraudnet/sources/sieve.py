"""The loops behind `repeats.py`, compiled: which keys may have been there before, and which have."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
LINE = np.uint64(511)
BITS = 4  # for each key


@njit(cache=True, nogil=True)
def maybe(first: Hashes, second: Hashes, sieve: NDArray[np.uint8], bits: int, keep: bool) -> Flags:
    """Whether all bits of each key are set in a sieve of 2^bits bits; keep: set them, before the next key is asked."""
    found = np.zeros(len(first), np.bool_)
    shift = np.uint64(64 - bits)
    for row in range(len(first)):
        one = first[row] >> shift
        found[row] = True
        for nth in range(BITS):  # all in one line of the memory, which is asked once
            bit = (one | LINE) ^ ((second[row] >> np.uint64(9 * nth)) & LINE)
            mark = np.uint8(1 << (bit & np.uint64(7)))
            found[row] &= (sieve[bit >> np.uint64(3)] & mark) != 0
            if keep:
                sieve[bit >> np.uint64(3)] |= mark
    return found


@njit(cache=True, nogil=True)
def earlier(first: Hashes, second: Hashes, order: Places, rows: Places) -> NDArray[np.int64]:
    """How many rows further up have the key of each of some rows; `order` sorts all rows by `first`."""
    times = np.zeros(len(rows), np.int64)
    for place in range(len(rows)):
        row = rows[place]
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            if first[order[middle]] < first[row]:
                low = middle + 1
            else:
                high = middle
        while low < len(order) and first[order[low]] == first[row]:
            times[place] += second[order[low]] == second[row] and order[low] < row
            low += 1
    return times


@njit(cache=True, nogil=True)
def alike(ones: Hashes, order: Places) -> Flags:
    """Which rows share their number with another one; `ones`: all numbers sorted, `order`: the rows they are of."""
    found = np.zeros(len(ones), np.bool_)
    for place in range(1, len(ones)):
        if ones[place] == ones[place - 1]:
            found[order[place]] = True
            found[order[place - 1]] = True
    return found
