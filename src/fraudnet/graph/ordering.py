"""Links put in order by counting instead of comparing, and two sorted graphs merged into one."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Nodes = NDArray[np.int32]
Floats = NDArray[np.float64]
Rows = tuple[Ints, Nodes, Floats]


@njit(cache=True, nogil=True)
def counted(values: Nodes, order: Nodes, n: int) -> Nodes:
    """The places in `order`, sorted by the values (0 to n - 1) found there; equal ones stay in their order."""
    start = np.zeros(n + 1, np.int64)
    for value in values:
        start[value + 1] += 1
    for value in range(n):
        start[value + 1] += start[value]
    found = np.empty_like(order)
    for place in order:
        value = values[place]
        found[start[value]] = place
        start[value] += 1
    return found


def by_ends(source: Nodes, target: Nodes, n: int) -> Nodes:
    """The places of links sorted by source, then target, then as they stood; linear in links and nodes."""
    as_given = np.arange(len(source), dtype=np.int32)
    return counted(source, counted(target, as_given, n), n)


@njit(cache=True, nogil=True)
def grouped(node: Nodes, n: int) -> tuple[Ints, Nodes]:
    """The rows of each node from 0 to n - 1, as they stand: where those of a node begin, and their places."""
    start = np.zeros(n + 2, np.int64)
    for a in node:
        start[a + 1] += 1
    for a in range(n + 1):
        start[a + 1] += start[a]
    free, order = start[:n].copy(), np.empty(start[n], np.int32)
    for row in range(len(node)):
        if node[row] < n:
            order[free[node[row]]] = row
            free[node[row]] += 1
    return start[: n + 1], order


@njit(cache=True, nogil=True)
def settle(moment: Ints, keys: tuple[Ints, Ints | Nodes, Ints | Nodes], order: Nodes) -> None:
    """Sort, in place, the rows of each moment by three keys; `order` names all rows by moment.

    Most moments have few rows, so each is sorted for itself (Shell 1959, with the gaps of Gonnet).
    """
    one, two, three = keys
    last = 0
    for first in range(len(order)):
        if first < last:
            continue
        while last < len(order) and moment[order[last]] == moment[order[first]]:
            last += 1
        gap = last - first
        while gap > 1:
            gap = max(5 * gap // 11, 1)
            for i in range(first + gap, last):
                a, k = order[i], i
                while k - gap >= first:
                    b = order[k - gap]
                    if one[b] != one[a]:
                        later = one[b] > one[a]
                    elif two[b] != two[a]:
                        later = two[b] > two[a]
                    else:
                        later = three[b] > three[a]
                    if not later:
                        break
                    order[k] = b
                    k -= gap
                order[k] = a


@njit(cache=True, nogil=True)
def compacted(source: Nodes, target: Nodes) -> tuple[Ints, Nodes, Nodes]:
    """The nodes that are a source or a target, sorted, and both ends of each link as places among them."""
    n = np.int32(0)
    for ends in (source, target):
        for node in ends:
            n = max(n, node + 1)
    place, nodes, size = np.full(n, -1, np.int32), np.empty(n, np.int64), 0
    for ends in (source, target):
        for node in ends:
            place[node] = 0
    for node in range(n):
        if place[node] == 0:
            place[node], nodes[size] = size, node
            size += 1
    start, end = np.empty(len(source), np.int32), np.empty(len(source), np.int32)
    for k in range(len(source)):
        start[k], end[k] = place[source[k]], place[target[k]]
    return nodes[:size].copy(), start, end


@njit(cache=True, nogil=True)
def merged(one: Rows, other: Rows) -> Rows:
    """The links of two graphs over the same nodes, each sorted row by row; weights of common links are added."""
    n, at = len(one[0]) - 1, 0
    indptr = np.zeros(n + 1, np.int64)
    indices = np.empty(len(one[1]) + len(other[1]), np.int32)
    weights = np.empty(len(indices))
    for v in range(n):
        i, j = one[0][v], other[0][v]
        while i < one[0][v + 1] or j < other[0][v + 1]:
            here = one[1][i] if i < one[0][v + 1] else np.int32(n)
            there = other[1][j] if j < other[0][v + 1] else np.int32(n)
            indices[at] = min(here, there)
            weights[at] = 0.0
            if here <= there:
                weights[at] += one[2][i]
                i += 1
            if there <= here:
                weights[at] += other[2][j]
                j += 1
            at += 1
        indptr[v + 1] = at
    return indptr, indices[:at].copy(), weights[:at].copy()
