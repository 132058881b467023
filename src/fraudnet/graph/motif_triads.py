"""The compiled loop over the triangles of a graph: what they say of its links and of its nodes."""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudnet.graph.kernels import Floats, Ints, Nodes, upward

Rows = tuple[Ints, Nodes]
Half = tuple[Ints, Nodes, Floats]
PerNode = tuple[Floats, Floats, Ints]


@njit(cache=True, nogil=True)
def ways_of(mutual: Rows, forth: Rows, back: Rows) -> Nodes:
    """Per link of an undirected graph, 1 if the directed one has it this way round, 2 if the other way, 3 if both."""
    found = np.zeros(len(mutual[1]), np.int32)
    for graph, way in ((forth, 1), (back, 2)):
        for v in range(len(mutual[0]) - 1):
            k = graph[0][v]
            for e in range(mutual[0][v], mutual[0][v + 1]):
                while k < graph[0][v + 1] and graph[1][k] < mutual[1][e]:
                    k += 1
                if k < graph[0][v + 1] and graph[1][k] == mutual[1][e]:
                    found[e] += way
    return found


@njit(cache=True, nogil=True)
def half_ways(indptr: Ints, indices: Nodes, way: Nodes, start: Ints, to: Nodes) -> Nodes:
    """The ways of those links that `upward` kept, in its order."""
    kept = np.empty(len(to), np.int32)
    for u in range(len(indptr) - 1):
        k = start[u]
        for e in range(indptr[u], indptr[u + 1]):
            if k < start[u + 1] and indices[e] == to[k]:
                kept[k] = way[e]
                k += 1
    return kept


@njit(cache=True, nogil=True)
def triads(indptr: Ints, indices: Nodes, way: Nodes, out_degree: Ints) -> tuple[Half, PerNode]:
    """What the triangles of an undirected graph say of its links and nodes.

    way: per link, 1 if money goes along it, 2 if it comes back, 3 if both. Links, each once, as (indptr, indices,
    value): the sum over shared neighbours of 1 / their degree (resource allocation; Zhou, Lü and Zhang 2009). Nodes:
    the chance that a random walk is back after three steps; the same along the directions; directed circles of three.
    """
    n = len(indptr) - 1
    degree = (indptr[1:] - indptr[:-1]).astype(np.float64)
    start, to = upward(indptr, indices)
    ways = half_ways(indptr, indices, way, start, to)
    near = np.zeros(len(to))
    back, along, turned = np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    mark = np.full(n, -1, np.int64)
    for u in range(n):
        for e in range(start[u], start[u + 1]):
            mark[to[e]] = e
        for e in range(start[u], start[u + 1]):
            v = to[e]
            for g in range(start[v], start[v + 1]):
                w = to[g]
                f = mark[w]
                if f < start[u]:  # marked for an earlier node, or never
                    continue
                near[e] += 1.0 / degree[w]
                near[f] += 1.0 / degree[v]
                near[g] += 1.0 / degree[u]
                chance = 2.0 / (degree[u] * degree[v] * degree[w])
                forth = ways[e] & 1 and ways[g] & 1 and ways[f] & 2
                other = ways[f] & 1 and ways[g] & 2 and ways[e] & 2
                turns = (1 if forth else 0) + (1 if other else 0)
                round_trip = 0.0
                if turns:
                    round_trip = turns / (float(out_degree[u]) * out_degree[v] * out_degree[w])
                for x in (np.int64(u), np.int64(v), np.int64(w)):
                    back[x] += chance
                    along[x] += round_trip
                    turned[x] += turns
    return (start, to, near), (back, along, turned)
