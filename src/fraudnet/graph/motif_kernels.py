"""Compiled loops that find temporal motifs: transfers in order of time in, the transfers that make up each motif out.

Every kernel is sequential, so the same bytes come for any number of threads, and right without compilation. A motif is
found at the transfer that closes it, from strictly earlier transfers alone. No look back meets more than `cap`
transfers; the places that had more are marked in `capped`.

Lists per account are (indptr, order): the transfers `order[indptr[a]:indptr[a + 1]]` of account a, earliest first.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudnet.graph.kernels import Flags, Ints, Nodes

Lists = tuple[Ints, Ints]


@njit(cache=True, nogil=True)
def lists(account: Nodes, n: int) -> Lists:
    """The transfers of each account in order of time: (indptr, order)."""
    indptr = np.zeros(n + 1, np.int64)
    for a in account:
        indptr[a + 1] += 1
    for a in range(n):
        indptr[a + 1] += indptr[a]
    fill = indptr[:-1].copy()
    order = np.empty(len(account), np.int64)
    for i in range(len(account)):
        order[fill[account[i]]] = i
        fill[account[i]] += 1
    return indptr, order


@njit(cache=True, nogil=True)
def fans(mine: Lists, other: Nodes, at: Ints, window: int) -> Ints:
    """For each transfer, how many different others its account met in (at - window, at], all up to it in order."""
    indptr, order = mine
    times = np.zeros(len(indptr) - 1, np.int64)
    found = np.zeros(len(at), np.int64)
    for a in range(len(indptr) - 1):
        first, different = indptr[a], 0
        for k in range(indptr[a], indptr[a + 1]):
            i = order[k]
            while at[order[first]] <= at[i] - window:
                gone = other[order[first]]
                times[gone] -= 1
                different -= times[gone] == 0
                first += 1
            different += times[other[i]] == 0
            times[other[i]] += 1
            found[i] = different
        for k in range(first, indptr[a + 1]):
            times[other[order[k]]] = 0
    return found


@njit(cache=True, nogil=True)
def pass_ons(
    into: Lists, ends: tuple[Nodes, Nodes], at: Ints, amount: Ints, rule: tuple[int, int, int], capped: Flags
) -> tuple[Ints, Ints]:
    """For each transfer, the credit of its payer that it passes on (or -1), and its place in the chain from 0.

    rule: (window, parts per thousand that may be kept, cap). Of the credits strictly before it that are not passed on
    yet, the latest one of which it is at most all and at least all but the kept part; money sent back is no chain.
    """
    indptr, order = into
    payer, payee = ends
    window, kept, cap = rule
    seen = indptr[:-1].copy()
    source = np.full(len(at), -1, np.int64)
    depth = np.zeros(len(at), np.int64)
    used = np.zeros(len(at), np.bool_)
    for j in range(len(at)):
        m = payer[j]
        while seen[m] < indptr[m + 1] and at[order[seen[m]]] < at[j]:
            seen[m] += 1
        k = seen[m] - 1
        while k >= indptr[m] and at[order[k]] >= at[j] - window:
            if seen[m] - k > cap:
                capped[m] = True
                break
            i = order[k]
            whole = amount[i]
            fits = amount[j] <= whole and 1000 * amount[j] >= (1000 - kept) * whole
            if fits and not used[i] and payer[i] != payee[j]:
                source[j], used[i], depth[j] = i, True, depth[i] + 1
                break
            k -= 1
    return source, depth


@njit(cache=True, nogil=True)
def wedges(
    lists_of: tuple[Lists, Lists],
    far: tuple[Nodes, Nodes],
    at: Ints,
    rule: tuple[int, int],
    result: Nodes,
    capped: Flags,
) -> int:
    """Pairs of transfers (i, j): i in the first list of an account, j in its second, i strictly before j in the window.

    far: per transfer i and per transfer j who is at its far end; these differ, and of several i with one far end only
    the latest counts.
    rule: (window, cap). Fills `result` with i, j in turn as far as it reaches; returns how many pairs there are. They
    come account by account.
    """
    (first, before), (second, after), (one, two), (window, cap) = lists_of[0], lists_of[1], far, rule
    met = np.full(len(first) - 1, -1, np.int32)
    size = 0
    for m in range(len(first) - 1):
        seen = first[m]
        for p in range(second[m], second[m + 1]):
            j = after[p]
            while seen < first[m + 1] and at[before[seen]] < at[j]:
                seen += 1
            k = seen - 1
            while k >= first[m] and at[before[k]] >= at[j] - window:
                if seen - k > cap:
                    capped[m] = True
                    break
                i = before[k]
                if met[one[i]] != j and one[i] != two[j]:
                    met[one[i]] = j
                    if 2 * size + 1 < len(result):
                        result[2 * size], result[2 * size + 1] = i, j
                    size += 1
                k -= 1
    return size


@njit(cache=True, nogil=True)
def often(group: Ints, least: int) -> Flags:
    """Which rows may be of a group of at least so many rows: all that are, and few others (by a short sum of each)."""
    size = 1024
    while size < 4 * len(group):
        size *= 2
    seen = np.zeros(size, np.uint8)
    for g in group:
        place = (g ^ g >> 15) & (size - 1)
        seen[place] += seen[place] < least
    found = np.empty(len(group), np.bool_)
    for k in range(len(group)):
        found[k] = seen[(group[k] ^ group[k] >> 15) & (size - 1)] >= least
    return found


@njit(cache=True, nogil=True)
def gatherings(group: Ints, middle: Nodes, at: Ints, rule: tuple[int, int], n: int) -> tuple[Ints, Ints, Ints]:
    """Where at least `least` different middles of one group come together in (at - window, at].

    Rows are sorted by group, at and a unique key; rule: (window, least). Per row: the number of the gathering that it
    is part of (or -1), the row that made it part of it, and how many different middles there were at its own moment.
    """
    window, least = rule
    times = np.zeros(n, np.int64)
    part, closes, width = np.full(len(at), -1, np.int64), np.full(len(at), -1, np.int64), np.zeros(len(at), np.int64)
    first, different, number, is_open = 0, 0, -1, False
    for k in range(len(at)):
        if k and group[k] != group[k - 1]:
            for g in range(first, k):
                times[middle[g]] = 0
            first, different, is_open = k, 0, False
        while at[first] <= at[k] - window:
            times[middle[first]] -= 1
            different -= times[middle[first]] == 0
            first += 1
        different += times[middle[k]] == 0
        times[middle[k]] += 1
        width[k] = different
        if different < least:
            is_open = False
            continue
        if not is_open:
            number, is_open = number + 1, True
        for g in range(k, first - 1, -1):
            if part[g] >= 0:
                break
            part[g], closes[g] = number, k
    return part, closes, width


@njit(cache=True, nogil=True)
def payers_before(lists_of: tuple[Lists, Lists], payer: Nodes, at: Ints, window: int) -> Ints:
    """For each transfer, how many different accounts paid its payer in [at - window, at).

    lists_of: what each account received, and what it made.
    """
    (in_start, in_order), (out_start, out_order) = lists_of
    times = np.zeros(len(in_start) - 1, np.int64)
    found = np.zeros(len(at), np.int64)
    for m in range(len(in_start) - 1):
        low, high, different = in_start[m], in_start[m], 0
        for k in range(out_start[m], out_start[m + 1]):
            j = out_order[k]
            while high < in_start[m + 1] and at[in_order[high]] < at[j]:
                different += times[payer[in_order[high]]] == 0
                times[payer[in_order[high]]] += 1
                high += 1
            while low < high and at[in_order[low]] < at[j] - window:
                times[payer[in_order[low]]] -= 1
                different -= times[payer[in_order[low]]] == 0
                low += 1
            found[j] = different
        for g in range(low, high):
            times[payer[in_order[g]]] = 0
    return found


@njit(cache=True, nogil=True)
def relays(out: Lists, payee: Nodes, scatters: Flags, at: Ints, rule: tuple[int, int]) -> Flags:
    """Which transfers bring their payer to `least` different payees in (at - window, at], scattering ones alone.

    rule: (window, least).
    """
    indptr, order = out
    window, least = rule
    times = np.zeros(len(indptr) - 1, np.int64)
    closes = np.zeros(len(at), np.bool_)
    for m in range(len(indptr) - 1):
        first, different = indptr[m], 0
        for k in range(indptr[m], indptr[m + 1]):
            j = order[k]
            while at[order[first]] <= at[j] - window:
                gone = order[first]
                if scatters[gone]:
                    times[payee[gone]] -= 1
                    different -= times[payee[gone]] == 0
                first += 1
            if scatters[j]:
                closes[j] = different == least - 1 and times[payee[j]] == 0
                different += times[payee[j]] == 0
                times[payee[j]] += 1
        for g in range(first, indptr[m + 1]):
            times[payee[order[g]]] = 0
    return closes
