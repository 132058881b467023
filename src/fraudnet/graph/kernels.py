"""The loops over graphs that neither scipy nor Polars can do, compiled; those over time are in `motif_kernels`.

Every kernel is sequential and therefore gives the same bytes for any number of threads; each is also right without
compilation (NUMBA_DISABLE_JIT=1).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Nodes = NDArray[np.int32]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def match_pairs(group: Ints, at: Ints, source: Ints, named: Flags, window: int) -> Ints:
    """Pair each row with the first later free row of its group, of another source and at most `window` after it.

    Rows are sorted by group, at and a unique key; two `named` rows never pair. Gives the partner's place, or -1.
    """
    n = len(group)
    partner = np.full(n, -1, np.int64)
    for i in range(n):
        if partner[i] >= 0:
            continue
        j = i + 1
        while j < n and group[j] == group[i] and at[j] - at[i] <= window:
            if partner[j] < 0 and source[j] != source[i] and not (named[i] and named[j]):
                partner[i] = j
                partner[j] = i
                break
            j += 1
    return partner


@njit(cache=True, nogil=True)
def k_core(indptr: Ints, indices: Nodes) -> Ints:
    """The largest k such that a node belongs to a part where everybody has k neighbours (Batagelj and Zaversnik)."""
    n = len(indptr) - 1
    degree = indptr[1:] - indptr[:-1]
    core = degree.copy()
    top = 0
    for v in range(n):
        top = max(top, degree[v])
    start = np.zeros(top + 2, np.int64)
    for v in range(n):
        start[degree[v] + 1] += 1
    for d in range(1, top + 2):
        start[d] += start[d - 1]
    fill = start.copy()
    place = np.zeros(n, np.int64)
    order = np.zeros(n, np.int64)
    for v in range(n):
        place[v] = fill[degree[v]]
        order[place[v]] = v
        fill[degree[v]] += 1
    for i in range(n):
        v = order[i]
        for e in range(indptr[v], indptr[v + 1]):
            u = indices[e]
            if core[u] > core[v]:
                first = start[core[u]]
                w = order[first]
                if u != w:
                    order[place[u]], order[first] = w, u
                    place[w], place[u] = place[u], first
                start[core[u]] += 1
                core[u] -= 1
    return core


@njit(cache=True, nogil=True)
def upward(indptr: Ints, indices: Nodes) -> tuple[Ints, Nodes]:
    """The links of an undirected graph that lead to a node of higher degree (of equal degree: of higher number)."""
    n = len(indptr) - 1
    kept = np.zeros(n + 1, np.int64)
    to = np.empty(len(indices), np.int32)
    size = 0
    for u in range(n):
        du = indptr[u + 1] - indptr[u]
        for e in range(indptr[u], indptr[u + 1]):
            v = indices[e]
            dv = indptr[v + 1] - indptr[v]
            if dv > du or (dv == du and v > u):
                to[size] = v
                size += 1
        kept[u + 1] = size
    return kept, to[:size]


@njit(cache=True, nogil=True)
def triangles(indptr: Ints, indices: Nodes) -> Ints:
    """How many triangles each node of an undirected graph is part of; links are followed to higher degrees only."""
    n = len(indptr) - 1
    start, to = upward(indptr, indices)
    found = np.zeros(n, np.int64)
    mark = np.full(n, -1, np.int64)
    for u in range(n):
        for e in range(start[u], start[u + 1]):
            mark[to[e]] = u
        for e in range(start[u], start[u + 1]):
            v = to[e]
            for g in range(start[v], start[v + 1]):
                w = to[g]
                if mark[w] == u:
                    found[u] += 1
                    found[v] += 1
                    found[w] += 1
    return found


@njit(cache=True, nogil=True)
def seeds_within(indptr: Ints, indices: Nodes, seeds: Ints, hub: int) -> tuple[Ints, Ints]:
    """How many other seeds lie exactly one, and exactly two steps away; nobody is reached through a hub."""
    n = len(indptr) - 1
    one = np.zeros(n, np.int64)
    two = np.zeros(n, np.int64)
    mark = np.full(n, -1, np.int64)
    for s in seeds:
        mark[s] = s
        for e in range(indptr[s], indptr[s + 1]):
            mark[indices[e]] = s
            one[indices[e]] += 1
        for e in range(indptr[s], indptr[s + 1]):
            v = indices[e]
            if indptr[v + 1] - indptr[v] > hub:
                continue
            for g in range(indptr[v], indptr[v + 1]):
                w = indices[g]
                if mark[w] != s:
                    mark[w] = s
                    two[w] += 1
    return one, two


@njit(cache=True, nogil=True)
def advance(
    indptr: Ints, indices: Nodes, share: Floats, state: tuple[Floats, Ints, int], to: tuple[Floats, Ints]
) -> int:
    """Move mass one step along the links: `state` is (mass, nodes that hold some, how many), emptied into `to`."""
    mass, held, size = state
    moved, reached = to
    count = 0
    for i in range(size):
        v = held[i]
        for e in range(indptr[v], indptr[v + 1]):
            u = indices[e]
            part = mass[v] * share[e]
            if part > 0.0:
                if moved[u] == 0.0:
                    reached[count] = u
                    count += 1
                moved[u] += part
        mass[v] = 0.0
    return count


@njit(cache=True, nogil=True)
def returns(
    along: tuple[Ints, Nodes, Floats], against: tuple[Ints, Nodes, Floats], starts: Ints, damping: float, steps: int
) -> Floats:
    """The mass that a walk from each start brings back to it within `steps`: sum over k of damping^k (W^k)[v, v].

    `along` and `against` are W and its transpose as (indptr, indices, shares). A return in k steps is a half walk out
    along the links that meets a half walk back, so only half the distance is ever explored.
    """
    n = len(along[0]) - 1
    out, spare, back = np.zeros(n), np.zeros(n), np.zeros(n)
    out_held, spare_held, back_held = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    result = np.zeros(len(starts))
    for i in range(len(starts)):
        out[starts[i]], back[starts[i]] = 1.0, 1.0
        out_held[0], back_held[0] = starts[i], starts[i]
        out_size, back_size = 1, 1
        for k in range(1, steps + 1):
            if k % 2 == 1:
                out_size = advance(along[0], along[1], along[2], (out, out_held, out_size), (spare, spare_held))
                out, spare, out_held, spare_held = spare, out, spare_held, out_held
            else:
                back_size = advance(
                    against[0], against[1], against[2], (back, back_held, back_size), (spare, spare_held)
                )
                back, spare, back_held, spare_held = spare, back, spare_held, back_held
            met = 0.0
            for j in range(out_size):
                met += out[out_held[j]] * back[out_held[j]]
            result[i] += damping**k * met
        for j in range(out_size):
            out[out_held[j]] = 0.0
        for j in range(back_size):
            back[back_held[j]] = 0.0
    return result


@njit(cache=True, nogil=True)
def betweenness(indptr: Ints, indices: Nodes, pivots: Ints) -> Floats:
    """How many shortest paths from the pivots lie through each node, each by its part of the paths (Brandes 2001)."""
    n = len(indptr) - 1
    total = np.zeros(n)
    steps = np.full(n, -1, np.int64)
    paths, passed = np.zeros(n), np.zeros(n)
    order = np.empty(n, np.int64)
    for s in pivots:
        steps[s], paths[s] = 0, 1.0
        order[0] = s
        size, head = 1, 0
        while head < size:
            v = order[head]
            head += 1
            for e in range(indptr[v], indptr[v + 1]):
                u = indices[e]
                if steps[u] < 0:
                    steps[u] = steps[v] + 1
                    order[size] = u
                    size += 1
                if steps[u] == steps[v] + 1:
                    paths[u] += paths[v]
        for k in range(size - 1, -1, -1):
            v = order[k]
            for e in range(indptr[v], indptr[v + 1]):
                u = indices[e]
                if steps[u] == steps[v] + 1:
                    passed[v] += paths[v] / paths[u] * (1.0 + passed[u])
            if v != s:
                total[v] += passed[v]
        for k in range(size):
            v = order[k]
            steps[v], paths[v], passed[v] = -1, 0.0, 0.0
    return total


@njit(cache=True, nogil=True)
def propagate(indptr: Ints, indices: Nodes, weights: Floats, rounds: int) -> Ints:
    """Labels after each node, in turn, took the label with the most weight around it, the smallest on ties."""
    n = len(indptr) - 1
    label = np.arange(n)
    total = np.zeros(n)
    for _ in range(rounds):
        changed = False
        for v in range(n):
            best, most = label[v], 0.0
            for j in range(indptr[v], indptr[v + 1]):
                near = label[indices[j]]
                total[near] += weights[j]
                if total[near] > most or (total[near] == most and near < best):
                    best, most = near, total[near]
            for j in range(indptr[v], indptr[v + 1]):
                total[label[indices[j]]] = 0.0
            changed = changed or best != label[v]
            label[v] = best
        if not changed:
            break
    return label
