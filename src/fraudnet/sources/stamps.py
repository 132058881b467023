"""Moments as databases print them, `2025-10-01 23:59:59`, read byte by byte; compiled, a tenth of a general parser."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

LENGTH = 19
NOT_ONE = -(1 << 62)
OLDEST = 1976  # Vietnam has not moved its clocks since


@njit(cache=True, nogil=True)
def _number(data: NDArray[np.uint8], begin: int, digits: int) -> int:
    """The number that some digits make; -1 when one of them is none."""
    found = 0
    for place in range(begin, begin + digits):
        digit = int(data[place]) - 48
        if digit < 0 or digit > 9:
            return -1
        found = 10 * found + digit
    return found


@njit(cache=True, nogil=True)
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970 of a calendar day (Howard Hinnant, days_from_civil); NOT_ONE when there is no such day."""
    if month < 1 or month > 12 or day < 1:
        return NOT_ONE
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    most = 29 if month == 2 and leap else 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    if day > most:
        return NOT_ONE
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    within = shifted - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + within * 365 + within // 4 - within // 100 + of_year - 719_468


@njit(cache=True, nogil=True)
def _stamp(data: NDArray[np.uint8], at: int) -> int:
    """Seconds since 1970 of the 19 bytes from a place on; NOT_ONE when they are written otherwise."""
    marks = data[at + 4] == 45 and data[at + 7] == 45 and data[at + 10] == 32
    if not (marks and data[at + 13] == 58 and data[at + 16] == 58):
        return NOT_ONE
    year, month, day = _number(data, at, 4), _number(data, at + 5, 2), _number(data, at + 8, 2)
    hour, minute, second = _number(data, at + 11, 2), _number(data, at + 14, 2), _number(data, at + 17, 2)
    if year < OLDEST or min(hour, minute, second) < 0 or hour > 23 or minute > 59 or second > 59:
        return NOT_ONE
    days = _days(year, month, day)
    return NOT_ONE if days == NOT_ONE else days * 86_400 + hour * 3_600 + minute * 60 + second


@njit(cache=True, nogil=True)
def read_stamps(data: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds since 1970 on the clock that each text shows, since 1976; NOT_ONE for any other text.

    data: the bytes of all texts; starts: where each begins, and the end of the last.
    """
    found = np.full(len(starts) - 1, NOT_ONE, np.int64)
    for row in range(len(found)):
        if starts[row + 1] - starts[row] == LENGTH:
            seconds = _stamp(data, starts[row])
            if seconds != NOT_ONE:
                found[row] = seconds * 1_000_000
    return found
