"""The loops behind `collapse.py`, compiled: rows alike in order, and of one rail reference the side known first."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.graph.csr import Ints

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]


GAPS = (701, 301, 132, 57, 23, 10, 4, 1)  # M. Ciura, Best increments for the average case of shellsort, 2001


@njit(cache=True, nogil=True)
def _earlier(one: int, other: int, at: Ints, side: Ints) -> bool:
    return bool(at[one] < at[other] or (at[one] == at[other] and side[one] < side[other]))


@njit(cache=True, nogil=True)
def by_moment(rows: Ints, codes: Hashes, at: Ints, side: Ints) -> None:
    """Put rows in order of moment and source within those of one code, which stand beside each other."""
    begin = 0
    while begin < len(rows):
        end = begin + 1
        while end < len(rows) and codes[end] == codes[begin]:
            end += 1
        alike = rows[begin:end]
        for gap in GAPS:  # nearly always there are few, and they are in order already
            for place in range(gap, len(alike)):
                row, free = alike[place], place
                while free >= gap and _earlier(row, alike[free - gap], at, side):
                    alike[free] = alike[free - gap]
                    free -= gap
                alike[free] = row
        begin = end


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
def merge(order: Ints, told: tuple[Hashes, Hashes], moments: tuple[Ints, Ints], side: Ints, named: Flags) -> Ints:
    """Rows that stay and rows that go, a pair in each line; of each reference in the order in which they were known.

    order: the rows that name a reference, those of one reference beside each other; it is put in order within them.
    told: what stands for the reference and movement of each of them, and another number for that of every row.
    moments: known_at and at of every row; side: 0 to n - 1. named: of a reference that one source gives twice it is
    made false.
    """
    (codes, twin), (known_at, at) = told, moments
    pairs = np.empty((len(order), 2), np.int64)
    sides = side.max() + 1 if len(side) else 0
    found = begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and codes[end] == codes[begin]:
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
