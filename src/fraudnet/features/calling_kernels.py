"""Compiled loops over the calls and messages of each SIM in order of time: counts, partners, peaks, habits.

A side is (start, other, at, kind): the calls of node a that lie at the places start[a] to start[a + 1], earliest first,
with the SIM at the far end (-1 where there is none) and a code of VOICE, SMS or OTP. Row i of a result is about
nodes[i].
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.expressions import DAY_US, NIGHT_FROM, NIGHT_TO
from fraudnet.features.history_kernels import hour_of
from fraudnet.graph.csr import Floats, Ints, Nodes

Kinds = NDArray[np.int8]
Calls = tuple[Ints, Nodes, Ints, Kinds]
VOICE, SMS, OTP = range(3)
HABITS = ("answered_30d", "told_30d", "answered_all", "told_all", "night", "cells", "first_30d")


@njit(cache=True, nogil=True)
def counts(side: Calls, nodes: Ints, since: Ints) -> tuple[Ints, Ints]:
    """Per node: rows of each kind by window (from since[w] on, the shortest first), and others called or written to."""
    start, other, at, kind = side
    found = np.zeros((len(nodes), 3, len(since)), np.int64)
    met = np.zeros((len(nodes), len(since)), np.int64)
    seen = np.full(len(start) - 1, -1, np.int32)
    for i in range(len(nodes)):
        for k in range(start[nodes[i] + 1] - 1, start[nodes[i]] - 1, -1):
            new = kind[k] != OTP and other[k] >= 0 and seen[other[k]] != i
            if new:
                seen[other[k]] = i
            for w in range(len(since) - 1, -1, -1):
                if at[k] < since[w]:
                    break
                found[i, kind[k], w] += 1
                met[i, w] += new
    return found, met


@njit(cache=True, nogil=True)
def peak(side: Calls, nodes: Ints, wanted: int) -> Ints:
    """Per node the most rows of one kind in any (t - one day, t] of its own rows."""
    start, _, at, kind = side
    most = np.zeros(len(nodes), np.int64)
    for i in range(len(nodes)):
        first, now = start[nodes[i]], 0
        for k in range(start[nodes[i]], start[nodes[i] + 1]):
            now += kind[k] == wanted
            while at[first] <= at[k] - DAY_US:
                now -= kind[first] == wanted
                first += 1
            most[i] = max(most[i], now)
    return most


@njit(cache=True, nogil=True)
def talk(side: Calls, nodes: Ints, since: Ints, seconds: Nodes, answered: Kinds) -> tuple[Ints, Floats]:
    """Per node: seconds of calls by window, and the usual length of a call that was not left unanswered.

    seconds, answered: of every row, -1 where not known. A median of nothing is NaN.
    """
    start, _, at, kind = side
    total, usual = np.zeros((len(nodes), len(since)), np.int64), np.full(len(nodes), np.nan)
    for i in range(len(nodes)):
        lengths, n = np.empty(start[nodes[i] + 1] - start[nodes[i]], np.int32), 0
        for k in range(start[nodes[i]], start[nodes[i] + 1]):
            if kind[k] != VOICE or seconds[k] < 0:
                continue
            for w in range(len(since)):
                if at[k] >= since[w]:
                    total[i, w] += seconds[k]
            if answered[k] != 0:
                lengths[n] = seconds[k]
                n += 1
        if n:
            usual[i] = np.median(lengths[:n])
    return total, usual


@njit(cache=True, nogil=True)
def habits(side: Calls, nodes: Ints, month: int, answered: Kinds, cell: Nodes) -> Ints:
    """Per node the columns HABITS; month: the first moment of the last 30 days, cell: a number, -1 for none."""
    start, other, at, kind = side
    found = np.zeros((len(nodes), len(HABITS)), np.int64)
    met, been = np.full(len(start) - 1, -1, np.int32), np.full(cell.max() + 1 if len(cell) else 0, -1, np.int32)
    for i in range(len(nodes)):
        for k in range(start[nodes[i]], start[nodes[i] + 1]):
            late, voice = at[k] >= month, kind[k] == VOICE
            found[i, 0] += voice and late and answered[k] == 1
            found[i, 1] += voice and late and answered[k] >= 0
            found[i, 2] += voice and answered[k] == 1
            found[i, 3] += voice and answered[k] >= 0
            hour = hour_of(at[k])
            found[i, 4] += voice and (hour >= NIGHT_FROM or hour < NIGHT_TO)
            if cell[k] >= 0 and been[cell[k]] != i:
                been[cell[k]] = i
                found[i, 5] += 1
            if kind[k] != OTP and other[k] >= 0 and met[other[k]] != i:
                met[other[k]] = i
                found[i, 6] += late
    return found
