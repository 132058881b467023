"""What one person cannot be: compiled rules that compare two records, and groups that obey them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

# Columns of the table of whole numbers that the rules read; 0 is unknown (sex: -1). ODD: 1 where a record's own card
# tells another sex or birth year than the record; either may be wrong, so such a record has neither.
BIRTH, YEAR, SEX, DOCUMENT, FORMER, CARD, OLD, NAME, ODD, KIND = range(10)
NONE, BIRTHS, SEXES, DOCUMENTS, BORROWED, KINDS = range(6)
A_YEAR = 10_000
NEW_YEAR = 101  # 1 January: what counters enter when only the year is known


@njit(cache=True, nogil=True)
def differing_digits(a: int, b: int) -> int:
    """In how many decimal places two numbers differ."""
    n = 0
    while a > 0 or b > 0:
        n += a % 10 != b % 10
        a //= 10
        b //= 10
    return n


@njit(cache=True, nogil=True)
def near_dates(a: int, b: int) -> bool:
    """Whether two dates (yyyymmdd) may be one: a digit or a year off, day and month swapped, or one is 1 January."""
    if a // A_YEAR == b // A_YEAR:
        if a % A_YEAR == NEW_YEAR or b % A_YEAR == NEW_YEAR:
            return True
        if a // 100 % 100 == b % 100 and a % 100 == b // 100 % 100:
            return True
    return bool(abs(a - b) == A_YEAR or differing_digits(a, b) <= 1)


@njit(cache=True, nogil=True)
def far(a: int, b: int) -> bool:
    """Whether two numbers are known and differ in more than one digit."""
    return bool(a > 0 and b > 0 and differing_digits(a, b) > 1)


@njit(cache=True, nogil=True)
def two_births(x: Ints, y: Ints) -> bool:
    """Whether two records were born on different days; where a date is missing the year of its card speaks."""
    if x[BIRTH] > 0 and y[BIRTH] > 0:
        return bool(not near_dates(x[BIRTH], y[BIRTH]))
    return bool(x[YEAR] > 0 and y[YEAR] > 0 and x[YEAR] != y[YEAR])


@njit(cache=True, nogil=True)
def contradict(x: Ints, y: Ints) -> int:
    """Why two records cannot be one person or one organisation (0: they can).

    One document number outweighs a birth date or a sex typed wrongly, unless the names differ too: then one of the two
    has somebody else's number. Former numbers outweigh nothing but another card.
    """
    if x[KIND] > 0 and y[KIND] > 0 and x[KIND] != y[KIND]:
        return KINDS
    births = two_births(x, y)
    sexes = x[SEX] >= 0 and y[SEX] >= 0 and x[SEX] != y[SEX]
    if x[DOCUMENT] > 0 and x[DOCUMENT] == y[DOCUMENT]:
        named = x[NAME] > 0 and y[NAME] > 0 and x[NAME] != y[NAME]
        return BORROWED if named and (births or sexes or x[ODD] + y[ODD] > 0) else NONE
    if births:
        return BIRTHS
    if sexes:
        return SEXES
    succeeds = x[FORMER] > 0 and (x[FORMER] == y[DOCUMENT] or x[FORMER] == y[FORMER])
    if succeeds or (y[FORMER] > 0 and y[FORMER] == x[DOCUMENT]):
        return NONE
    return DOCUMENTS if far(x[CARD], y[CARD]) or far(x[OLD], y[OLD]) else NONE


@njit(cache=True, nogil=True)
def of_pairs(facts: Ints, a: Ints, b: Ints) -> Codes:
    """Why the two records of each pair cannot be one person; facts: records x 10 whole numbers."""
    found = np.zeros(len(a), np.int8)
    for k in range(len(a)):
        found[k] = contradict(facts[a[k]], facts[b[k]])
    return found


@njit(cache=True, nogil=True)
def near_births(facts: Ints, a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Whether the birth dates of each pair are known, different and may still be one."""
    found = np.zeros(len(a), np.bool_)
    for k in range(len(a)):
        x, y = facts[a[k], BIRTH], facts[b[k], BIRTH]
        found[k] = x > 0 and y > 0 and x != y and near_dates(x, y)
    return found


@njit(cache=True, nogil=True)
def number_distance(facts: Ints, a: Ints, b: Ints) -> Codes:
    """In how many digits the card numbers of each pair differ (else the old ones); -1 where they cannot be compared."""
    found = np.full(len(a), -1, np.int8)
    for k in range(len(a)):
        for column in (CARD, OLD):
            x, y = facts[a[k], column], facts[b[k], column]
            if x > 0 and y > 0:
                d = differing_digits(x, y)
                if found[k] < 0 or d < found[k]:
                    found[k] = d
    return found


@njit(cache=True, nogil=True)
def join_without_contradiction(facts: Ints, a: Ints, b: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Join records pair by pair, the strongest first, unless anybody on one side contradicts anybody on the other.

    Pairs come in order of strength. Gives each record's group (its lowest record) and which pairs were refused.
    """
    n = len(facts)
    root, after, last = np.arange(n), np.full(n, -1, np.int64), np.arange(n)
    refused = np.zeros(len(a), np.bool_)
    for k in range(len(a)):
        one, two = root[a[k]], root[b[k]]
        if one == two:
            continue
        x = one
        while x >= 0 and not refused[k]:
            y = two
            while y >= 0 and not refused[k]:
                refused[k] = contradict(facts[x], facts[y]) > 0
                y = after[y]
            x = after[x]
        if refused[k]:
            continue
        if two < one:
            one, two = two, one
        after[last[one]] = two
        last[one] = last[two]
        y = two
        while y >= 0:
            root[y] = one
            y = after[y]
    return root, refused
