"""The compiled loop over the movements of each account, transfers and cash together, in order of time."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.expressions import HOUR_US
from fraudnet.features.history_kernels import Listed, day_of
from fraudnet.graph.csr import Floats, Ints

Flags = NDArray[np.bool_]
UNKNOWN = np.iinfo(np.int64).min
# An account's movements in order of time, credits first at one moment: moment, sum, whether it is a credit.
Moves = tuple[Ints, Ints, Flags]
SUMS = ("last_in", "last_out", "credit_30d", "credit_all", "left_30d", "left_all", "came_30d", "came_all")
RHYTHM = ("active_days_30d", "active_days_90d", "active_days_all", "gap", "first", "first_in", "burst", "before_burst")


@njit(cache=True, nogil=True)
def lives(credits: Listed, debits: Listed, accounts: Ints, since: Ints) -> tuple[Ints, Ints, Floats]:
    """Per account the columns SUMS, the columns RHYTHM, and the medians of the waits from credits of 30 days and all.

    since: the first moments of the last 30 and 90 days. Whole numbers are UNKNOWN, medians NaN where nothing is seen.
    """
    sums, rhythm = np.zeros((len(accounts), 8), np.int64), np.zeros((len(accounts), 8), np.int64)
    usual = np.full((len(accounts), 2), np.nan)
    longest = 0
    for a in accounts:
        longest = max(longest, credits[0][a + 1] - credits[0][a] + debits[0][a + 1] - debits[0][a])
    at, amount, inward = np.empty(longest, np.int64), np.empty(longest, np.int64), np.empty(longest, np.bool_)
    near, spare = np.empty(longest, np.int64), np.empty(longest, np.int64)
    for i in range(len(accounts)):
        n = merge(credits, debits, accounts[i], (at, amount, inward))
        moves = (at[:n], amount[:n], inward[:n])
        totals(moves, since[0], sums[i])
        waits(moves, near)
        medians(moves, near, since[0], spare, usual[i])
        passed(moves, near, since[0], sums[i])
        days(moves, since, rhythm[i])
    return sums, rhythm, usual


@njit(cache=True, nogil=True)
def merge(credits: Listed, debits: Listed, account: int, moves: Moves) -> int:
    """Write an account's movements in order of time, credits first at one moment; returns how many there are."""
    at, amount, inward = moves
    i, ends_in = credits[0][account], credits[0][account + 1]
    j, ends_out = debits[0][account], debits[0][account + 1]
    n = 0
    while i < ends_in or j < ends_out:
        inward[n] = j == ends_out or (i < ends_in and credits[1][i] <= debits[1][j])
        if inward[n]:
            at[n], amount[n] = credits[1][i], credits[2][i]
            i += 1
        else:
            at[n], amount[n] = debits[1][j], debits[2][j]
            j += 1
        n += 1
    return n


@njit(cache=True, nogil=True)
def totals(moves: Moves, month: int, row: Ints) -> None:
    """The last credit, the last debit, the credits of 30 days and all, into a row of SUMS."""
    at, amount, inward = moves
    row[0], row[1] = UNKNOWN, UNKNOWN
    for k in range(len(at)):
        row[0 if inward[k] else 1] = at[k]
        if inward[k]:
            row[2] += amount[k] if at[k] >= month else 0
            row[3] += amount[k]


@njit(cache=True, nogil=True)
def waits(moves: Moves, found: Ints) -> None:
    """Microseconds from each credit to the next debit, and to each debit from the last credit; -1 without one."""
    at, _, inward = moves
    last, following = -1, -1
    for k in range(len(at)):
        last = k if inward[k] else last
        if not inward[k]:
            found[k] = at[k] - at[last] if last >= 0 else -1
    for k in range(len(at) - 1, -1, -1):
        following = following if inward[k] else k
        if inward[k]:
            found[k] = at[following] - at[k] if following >= 0 else -1


@njit(cache=True, nogil=True)
def medians(moves: Moves, waited: Ints, month: int, spare: Ints, row: Floats) -> None:
    """The usual wait from a credit to the next debit, of the credits of 30 days and of all."""
    at, _, inward = moves
    for place, since in ((0, month), (1, UNKNOWN)):
        n = 0
        for k in range(len(at)):
            if inward[k] and waited[k] >= 0 and at[k] >= since:
                spare[n] = waited[k]
                n += 1
        if n:
            spare[:n].sort()
            row[place] = (spare[(n - 1) // 2] + spare[n // 2]) / 2


@njit(cache=True, nogil=True)
def passed(moves: Moves, waited: Ints, month: int, row: Ints) -> None:
    """Of credits what left within the hour after them, of debits what had come within the hour before, into SUMS."""
    at, amount, inward = moves
    low, high, came, left = 0, 0, 0, 0
    for k in range(len(at)):
        while high < len(at) and at[high] <= at[k] + HOUR_US:
            left += 0 if inward[high] else amount[high]
            high += 1
        if k and at[k] != at[k - 1]:
            back = k - 1
            while back >= 0 and at[back] == at[k - 1]:
                left -= 0 if inward[back] else amount[back]
                back -= 1
        while at[low] < at[k] - HOUR_US:
            came -= amount[low] if inward[low] else 0
            low += 1
        came += amount[k] if inward[k] else 0
        if 0 <= waited[k] <= HOUR_US:
            most = min(amount[k], left if inward[k] else came)
            place = 4 if inward[k] else 6
            row[place] += most if at[k] >= month else 0
            row[place + 1] += most


@njit(cache=True, nogil=True)
def days(moves: Moves, since: Ints, row: Ints) -> None:
    """Active days, the longest silence, the first movement and credit, the busiest day, into a row of RHYTHM."""
    at, _, inward = moves
    row[3], row[5] = UNKNOWN, UNKNOWN
    begin, busiest = 0, 0
    for k in range(len(at)):
        if k:
            row[3] = max(row[3], at[k] - at[k - 1])
        if inward[k] and row[5] == UNKNOWN:
            row[5] = at[k]
        if k + 1 < len(at) and day_of(at[k + 1]) == day_of(at[k]):
            continue
        row[0] += at[k] >= since[0]
        row[1] += at[k] >= since[1]
        row[2] += 1
        if k + 1 - begin > busiest:
            busiest = k + 1 - begin
            row[6], row[7] = at[begin], at[begin - 1] if begin else UNKNOWN
        begin = k + 1
    row[4] = at[0]
