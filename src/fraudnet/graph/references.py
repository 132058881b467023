"""The loop behind `collapse.py`, compiled: of all rows of one rail reference the side known first stays."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.graph.csr import Ints

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _repeats(rows: Ints, side: Ints, sides: int) -> bool:
    """Whether two of some rows come from one source."""
    if len(rows) > sides:
        return True
    for one in range(len(rows)):
        for other in range(one):
            if side[rows[one]] == side[rows[other]]:
                return True
    return False


@njit(cache=True, nogil=True)
def _later(one: int, other: int, known_at: Ints, at: Ints, side: Ints) -> bool:
    if known_at[one] != known_at[other]:
        return bool(known_at[one] > known_at[other])
    if at[one] != at[other]:
        return bool(at[one] > at[other])
    return bool(side[one] > side[other])


@njit(cache=True, nogil=True)
def _put_in_order(rows: Ints, known_at: Ints, at: Ints, side: Ints) -> None:
    """Few rows, each of another source: by known_at, at, source."""
    for place in range(1, len(rows)):
        row, free = rows[place], place
        while free > 0 and _later(rows[free - 1], row, known_at, at, side):
            rows[free] = rows[free - 1]
            free -= 1
        rows[free] = row


@njit(cache=True, nogil=True)
def merge(order: Ints, references: tuple[Hashes, Hashes], moments: tuple[Ints, Ints], side: Ints, named: Flags) -> Ints:
    """Rows that stay and rows that go, a pair in each line; of each reference in the order in which they were known.

    order: the rows that name a reference, those of one reference beside each other; it is put in order within them.
    references: both numbers of each row's reference and movement; moments: known_at and at; side: 0 to n - 1.
    named: of a reference that one source gives twice it is made false.
    """
    (code, twin), (known_at, at) = references, moments
    pairs = np.empty((len(order), 2), np.int64)
    sides = side.max() + 1 if len(side) else 0
    found = begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and code[order[end]] == code[order[begin]]:
            end += 1
        rows = order[begin:end]
        if len(rows) > 1 and _repeats(rows, side, sides):
            named[rows] = False
        elif len(rows) > 1:
            _put_in_order(rows, known_at, at, side)
            for row in rows[1:]:
                if twin[row] == twin[rows[0]]:  # two references with one number are not one reference
                    pairs[found] = rows[0], row
                    found += 1
        begin = end
    return pairs[:found]
