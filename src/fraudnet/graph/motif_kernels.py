"""Compiled loops that find temporal motifs: transfers in order of time in, the transfers that make up each motif out.

Every kernel is sequential, so the same bytes come for any number of threads, and right without compilation. A motif is
found at the transfer that closes it, from strictly earlier transfers alone. No look back meets more than `cap`
transfers; the places that had more are marked in `capped`.

Transfers by account are Listed: (start, move, other, at). Those of account a lie from place start[a] to start[a + 1],
earliest first, with who is at the far end and when, so that a kernel reads on instead of looking each one up.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudnet.graph.kernels import Flags, Ints, Nodes

Listed = tuple[Ints, Nodes, Nodes, Ints]


@njit(cache=True, nogil=True)
def listed(start: Ints, move: Nodes, far: Nodes, moment: Ints) -> Listed:
    """The transfers of each account; far, moment: of all transfers, in order of time."""
    other, at = np.empty(len(move), np.int32), np.empty(len(move), np.int64)
    for place in range(len(move)):
        other[place], at[place] = far[move[place]], moment[move[place]]
    return start, move, other, at


@njit(cache=True, nogil=True)
def fans(mine: Listed, window: int) -> Nodes:
    """For each transfer, how many different others its account met in (at - window, at], all up to it in order."""
    start, move, other, at = mine
    times = np.zeros(len(start) - 1, np.int32)
    found = np.empty(len(at), np.int32)
    for a in range(len(start) - 1):
        first, different = start[a], 0
        for k in range(start[a], start[a + 1]):
            while at[first] <= at[k] - window:
                times[other[first]] -= 1
                different -= times[other[first]] == 0
                first += 1
            different += times[other[k]] == 0
            times[other[k]] += 1
            found[move[k]] = different
        for k in range(first, start[a + 1]):
            times[other[k]] = 0
    return found


@njit(cache=True, nogil=True)
def pass_ons(
    received: Listed, made: Listed, amount: Ints, rule: tuple[int, int, int], capped: Flags
) -> tuple[Nodes, Nodes]:
    """For each transfer, the credit of its payer that it passes on (or -1), and its place in the chain from 0.

    rule: (window, parts per thousand that may be kept, cap). Of the credits strictly before it that are not passed on
    yet, the latest one of which it is at most all and at least all but the kept part; money sent back is no chain.
    """
    (start, credit, payer, came), (begin, payment, payee, went), (window, kept, cap) = received, made, rule
    source, depth = np.full(len(amount), -1, np.int32), np.zeros(len(amount), np.int32)
    used = np.zeros(len(amount), np.bool_)
    for m in range(len(start) - 1):
        seen = start[m]
        for p in range(begin[m], begin[m + 1]):
            while seen < start[m + 1] and came[seen] < went[p]:
                seen += 1
            part, k = amount[payment[p]], seen - 1
            while k >= start[m] and came[k] >= went[p] - window:
                if seen - k > cap:
                    capped[m] = True
                    break
                whole = amount[credit[k]]
                fits = part <= whole and 1000 * part >= (1000 - kept) * whole
                if fits and not used[k] and payer[k] != payee[p]:
                    source[payment[p]], used[k] = credit[k], True
                    break
                k -= 1
    for j in range(len(amount)):
        if source[j] >= 0:
            depth[j] = depth[source[j]] + 1
    return source, depth


@njit(cache=True, nogil=True)
def crowded(mine: Listed, window: int, least: int) -> Flags:
    """Which transfers lie, with others of their account, in a window in which it met `least` different others."""
    start, move, other, at = mine
    times = np.zeros(len(start) - 1, np.int32)
    found = np.zeros(len(at), np.bool_)
    for a in range(len(start) - 1):
        first, told, different = start[a], start[a], 0
        if start[a + 1] - start[a] < least:
            continue
        for k in range(start[a], start[a + 1]):
            while at[first] < at[k] - window:
                times[other[first]] -= 1
                different -= times[other[first]] == 0
                first += 1
            different += times[other[k]] == 0
            times[other[k]] += 1
            if different >= least:
                for place in range(max(first, told), k + 1):
                    found[move[place]] = True
                told = k + 1
        for k in range(first, start[a + 1]):
            times[other[k]] = 0
    return found


@njit(cache=True, nogil=True)
def wedges(
    first: Listed,
    second: Listed,
    chosen: tuple[Flags, Flags],
    rule: tuple[int, int],
    result: Nodes,
    capped: Flags,
) -> int:
    """Pairs of transfers (i, j): i in the first list of an account, j in its second, i strictly before j in the window.

    Who is at their far ends differs, and of several i with one far end only the latest counts. chosen: which i and
    which j are asked for. rule: (window, cap). Fills `result` with i, j in turn as far as it reaches; returns how many
    pairs there are. They come account by account.
    """
    (start, before, one, came), (begin, after, two, went), (window, cap) = first, second, rule
    met, size = np.full(len(start) - 1, -1, np.int32), 0
    for m in range(len(start) - 1):
        here = start[m]
        for p in range(begin[m], begin[m + 1]):
            while here < start[m + 1] and came[here] < went[p]:
                here += 1
            oldest, last = went[p] - window, max(here - cap, start[m])
            capped[m] |= last > start[m] and came[last - 1] >= oldest
            k = here - 1 if chosen[1][after[p]] else start[m] - 1
            while k >= last and came[k] >= oldest:
                if met[one[k]] != p and one[k] != two[p]:
                    met[one[k]] = p
                    if chosen[0][before[k]]:
                        if 2 * size + 1 < len(result):
                            result[2 * size], result[2 * size + 1] = before[k], after[p]
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
def relays(received: Listed, made: Listed, rule: tuple[int, int]) -> Flags:
    """Which transfers bring their payer to `least` different payees in (at - window, at], scattering ones alone.

    Those scatter before which `least` different accounts paid the payer in [at - window, at). rule: (window, least).
    """
    (start, _, payer, came), (begin, payment, payee, went), (window, least) = received, made, rule
    n = len(start) - 1
    came_from, went_to = np.zeros(n, np.int32), np.zeros(n, np.int32)
    scatters, closes = np.zeros(len(went), np.bool_), np.zeros(len(went), np.bool_)
    for m in range(n):
        if start[m + 1] - start[m] < least or begin[m + 1] - begin[m] < least:
            continue
        low, high, payers = start[m], start[m], 0
        first, payees = begin[m], 0
        for k in range(begin[m], begin[m + 1]):
            while high < start[m + 1] and came[high] < went[k]:
                payers += came_from[payer[high]] == 0
                came_from[payer[high]] += 1
                high += 1
            while low < high and came[low] < went[k] - window:
                came_from[payer[low]] -= 1
                payers -= came_from[payer[low]] == 0
                low += 1
            while went[first] <= went[k] - window:
                if scatters[first]:
                    went_to[payee[first]] -= 1
                    payees -= went_to[payee[first]] == 0
                first += 1
            scatters[k] = payers >= least
            if scatters[k]:
                closes[payment[k]] = payees == least - 1 and went_to[payee[k]] == 0
                payees += went_to[payee[k]] == 0
                went_to[payee[k]] += 1
        for place in range(low, high):
            came_from[payer[place]] = 0
        for place in range(first, begin[m + 1]):
            went_to[payee[place]] = 0
    return closes
