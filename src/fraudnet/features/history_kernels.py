"""Compiled loops over the transfers of each account in order of time: sums, peaks, partners.

Every kernel is sequential, so the same bytes come for any number of threads. A side is (start, other, at, amount), see
`histories.Side`; `accounts` are the nodes that are asked for, and row i of a result is about accounts[i].
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.expressions import DAY_US, HOUR_US, LOCAL_OFFSET_US
from fraudnet.graph.csr import Ints, Nodes

Columns = tuple[Ints, Nodes, Ints, Ints]
# Movements by account, whoever is at the far end: (start, at, amount).
Listed = tuple[Ints, Ints, Ints]


@njit(cache=True, nogil=True)
def by_moment(start: Ints, at: Ints, order: Nodes) -> None:
    """Put the rows of each node in order of time, in place."""
    for a in range(len(start) - 1):
        mine = order[start[a] : start[a + 1]]
        late = 0
        for k in range(1, len(mine)):
            late += at[mine[k]] < at[mine[k - 1]]
        if late:
            mine[:] = mine[np.argsort(at[mine], kind="mergesort")]


@njit(cache=True, nogil=True)
def joined(one: Listed, other: Listed) -> Listed:
    """The movements of both, over the same nodes, each account's in order of time."""
    start = one[0] + other[0]
    at, amount = np.empty(start[-1], np.int64), np.empty(start[-1], np.int64)
    for a in range(len(start) - 1):
        i, j = one[0][a], other[0][a]
        for k in range(start[a], start[a + 1]):
            if j == other[0][a + 1] or (i < one[0][a + 1] and one[1][i] <= other[1][j]):
                at[k], amount[k] = one[1][i], one[2][i]
                i += 1
            else:
                at[k], amount[k] = other[1][j], other[2][j]
                j += 1
    return start, at, amount


@njit(cache=True, nogil=True)
def window_sums(side: Columns, accounts: Ints, since: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Per account and window (from since[w] on, the shortest first): transfers, their sum, the largest, others met."""
    start, other, at, amount = side
    shape = (len(accounts), len(since))
    count, total = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    most, met = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    seen = np.full(len(start) - 1, -1, np.int32)
    for i in range(len(accounts)):
        for k in range(start[accounts[i] + 1] - 1, start[accounts[i]] - 1, -1):
            new = other[k] >= 0 and seen[other[k]] != i
            if new:
                seen[other[k]] = i
            for w in range(len(since) - 1, -1, -1):
                if at[k] < since[w]:
                    break
                count[i, w] += 1
                total[i, w] += amount[k]
                most[i, w] = max(most[i, w], amount[k])
                met[i, w] += new
    return count, total, most, met


@njit(cache=True, nogil=True)
def sums_with(side: Columns, accounts: Ints, since: int, marked: NDArray[np.bool_]) -> Ints:
    """Per account the sum of its transfers from a moment on whose far end is marked; marked: by node."""
    start, other, at, amount = side
    total = np.zeros(len(accounts), np.int64)
    for i in range(len(accounts)):
        for k in range(start[accounts[i] + 1] - 1, start[accounts[i]] - 1, -1):
            if at[k] < since:
                break
            if other[k] >= 0 and marked[other[k]]:
                total[i] += amount[k]
    return total


@njit(cache=True, nogil=True)
def hour_of(at: int) -> int:
    """The hour of the day in Vietnam, 0 to 23."""
    return (at + LOCAL_OFFSET_US) // HOUR_US % 24


@njit(cache=True, nogil=True)
def hours_between(side: Columns, accounts: Ints, since: int, hours: tuple[int, int]) -> Ints:
    """Per account, how many of its transfers from a moment on fall between two hours, the first one included.

    A span over midnight is given by an end before its beginning.
    """
    start, _, at, _ = side
    found = np.zeros(len(accounts), np.int64)
    for i in range(len(accounts)):
        for k in range(start[accounts[i]], start[accounts[i] + 1]):
            if at[k] >= since:
                hour = hour_of(at[k])
                if hours[0] < hours[1]:
                    found[i] += hours[0] <= hour < hours[1]
                else:
                    found[i] += hour >= hours[0] or hour < hours[1]
    return found


@njit(cache=True, nogil=True)
def sums_between(side: Columns, accounts: Ints, since: int, bounds: tuple[int, int]) -> Ints:
    """Per account, how many of its transfers from a moment on are of at least the first sum and below the second."""
    start, _, at, amount = side
    found = np.zeros(len(accounts), np.int64)
    for i in range(len(accounts)):
        for k in range(start[accounts[i]], start[accounts[i] + 1]):
            found[i] += at[k] >= since and bounds[0] <= amount[k] < bounds[1]
    return found


@njit(cache=True, nogil=True)
def whole_sums(side: Columns, accounts: Ints, unit: int) -> Ints:
    """Per account, how many of its transfers are whole multiples of a sum, and not nothing."""
    start, _, _, amount = side
    found = np.zeros(len(accounts), np.int64)
    for i in range(len(accounts)):
        for k in range(start[accounts[i]], start[accounts[i] + 1]):
            found[i] += amount[k] > 0 and amount[k] % unit == 0
    return found


@njit(cache=True, nogil=True)
def days_between(side: Columns, accounts: Ints, since: int, bounds: tuple[int, int]) -> Ints:
    """Per account, on how many local days with a last transfer from `since` on they add up to a sum within bounds."""
    start, _, at, amount = side
    found = np.zeros(len(accounts), np.int64)
    for i in range(len(accounts)):
        total = 0
        for k in range(start[accounts[i]], start[accounts[i] + 1]):
            total += amount[k]
            last = k + 1 == start[accounts[i] + 1]
            if last or day_of(at[k + 1]) != day_of(at[k]):
                found[i] += at[k] >= since and bounds[0] <= total < bounds[1]
                total = 0
    return found


@njit(cache=True, nogil=True)
def day_of(at: int) -> int:
    """The local day, as days since 1970."""
    return (at + LOCAL_OFFSET_US) // DAY_US


@njit(cache=True, nogil=True)
def peaks(side: Columns, accounts: Ints, length: int) -> tuple[Ints, Ints]:
    """Per account, the most transfers and the most money in any (t - length, t] of its own transfers."""
    start, _, at, amount = side
    many, most = np.zeros(len(accounts), np.int64), np.zeros(len(accounts), np.int64)
    for i in range(len(accounts)):
        first, total = start[accounts[i]], 0
        for k in range(start[accounts[i]], start[accounts[i] + 1]):
            total += amount[k]
            while at[first] <= at[k] - length:
                total -= amount[first]
                first += 1
            many[i], most[i] = max(many[i], k + 1 - first), max(most[i], total)
    return many, most


@njit(cache=True, nogil=True)
def met_in_a_day(side: Columns, accounts: Ints) -> Ints:
    """Per account, the most different others on one local day."""
    start, other, at, _ = side
    most = np.zeros(len(accounts), np.int64)
    seen = np.full(len(start) - 1, -1, np.int64)
    for i in range(len(accounts)):
        different, begin = 0, start[accounts[i]]
        for k in range(begin, start[accounts[i] + 1]):
            if k == begin or day_of(at[k]) != day_of(at[begin]):
                different, begin = 0, k
            if other[k] >= 0 and seen[other[k]] < begin:
                different += 1
            if other[k] >= 0:
                seen[other[k]] = k
            most[i] = max(most[i], different)
    return most


@njit(cache=True, nogil=True)
def partners(side: Columns, back: Columns, accounts: Ints, since: Ints) -> tuple[Ints, Ints]:
    """Per account what the others of one side are to it: two tables.

    By window (from since[w] on): how many it met for the first time. Then how many there are, how many of them it met
    within the last window of `since`, met more than once and also met on the other side, and the largest sum of one.
    """
    (start, other, at, amount), (back_start, back_other, _, _) = side, back
    first, whole = np.zeros((len(accounts), len(since)), np.int64), np.zeros((len(accounts), 5), np.int64)
    seen, mutual = np.full(len(start) - 1, -1, np.int64), np.full(len(start) - 1, -1, np.int64)
    times, total = np.zeros(len(start) - 1, np.int64), np.zeros(len(start) - 1, np.int64)
    for i in range(len(accounts)):
        a = accounts[i]
        for k in range(back_start[a], back_start[a + 1]):
            if back_other[k] >= 0:
                mutual[back_other[k]] = i
        for k in range(start[a + 1] - 1, start[a] - 1, -1):  # the last meeting with each comes first
            u = other[k]
            if u < 0:
                continue
            if seen[u] != i:
                seen[u], times[u], total[u] = i, 0, 0
                whole[i, 0] += 1
                whole[i, 1] += at[k] >= since[-1]
                whole[i, 3] += mutual[u] == i
            times[u], total[u] = times[u] + 1, total[u] + amount[k]
            whole[i, 2] += times[u] == 2
            whole[i, 4] = max(whole[i, 4], total[u])
        for k in range(start[a], start[a + 1]):
            if other[k] >= 0 and times[other[k]] > 0:
                times[other[k]] = 0
                for w in range(len(since)):
                    first[i, w] += at[k] >= since[w]
    return first, whole


@njit(cache=True, nogil=True)
def handed_on(got: Columns, made: Columns, since: int, tolerance: int) -> tuple[Ints, Ints]:
    """Every transfer made from a moment on whose account had received something shortly before it, both since then.

    Rows of (place among the made ones, node, known payer or -1), and of (moment received, sum received): the latest
    moment at most `tolerance` before; of transfers at one moment the sum, and the payer where there is one alone.
    """
    (in_start, payer, in_at, in_amount), (out_start, _, out_at, _) = got, made
    ends, came = np.empty((len(out_at), 3), np.int64), np.empty((len(out_at), 2), np.int64)
    size = 0
    for a in range(len(out_start) - 1):
        high, top = in_start[a], in_start[a + 1]
        begin = high
        for k in range(out_start[a], out_start[a + 1]):
            while high < top and in_at[high] <= out_at[k]:
                if in_at[high] != in_at[begin]:
                    begin = high
                high += 1
            if high == in_start[a] or in_at[begin] < max(since, out_at[k] - tolerance) or out_at[k] < since:
                continue
            source, total = payer[begin], 0
            for c in range(begin, high):
                total += in_amount[c]
                source = source if payer[c] == source else -1
            ends[size, 0], ends[size, 1], ends[size, 2] = k, a, source
            came[size, 0], came[size, 1] = in_at[begin], total
            size += 1
    return ends[:size], came[:size]
