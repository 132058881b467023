"""A graph as compressed sparse rows: the one shape that every kernel reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fraudnet.graph.ordering import by_ends, compacted, merged

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Nodes = NDArray[np.int32]
FITS = 2**31


@dataclass(frozen=True)
class Csr:
    """Links sorted by (source, target), at most one per ordered pair, no loops.

    indptr: int64 of length n + 1. indices: int32 targets. weights: float64 sums of the parallel links.
    """

    indptr: Ints
    indices: Nodes
    weights: Floats

    @property
    def n(self) -> int:
        """How many nodes there are, linked or not."""
        return len(self.indptr) - 1

    @property
    def degree(self) -> Ints:
        """How many different targets each node has."""
        return np.diff(self.indptr)

    @property
    def rows(self) -> Nodes:
        """The source of each link, in the order of `indices`."""
        return np.repeat(np.arange(self.n, dtype=np.int32), self.degree)

    def matrix(self, values: Floats | None = None) -> Any:
        """The scipy matrix of the weights, or of other values given per link."""
        data = self.weights if values is None else values
        # One kind of whole number for both, or scipy copies every index into the longer kind.
        indptr = self.indptr.astype(np.int32) if len(self.indices) < FITS else self.indptr
        return sparse.csr_array((data, self.indices, indptr), shape=(self.n, self.n))

    def ones(self) -> Csr:
        """The same links, each of weight 1."""
        return Csr(self.indptr, self.indices, np.ones(len(self.indices)))

    def above(self, least: float) -> Csr:
        """Only the links of more than this weight, among the same nodes."""
        kept = self.weights > least
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
        return Csr(ends[self.indptr], self.indices[kept], self.weights[kept])

    def reverse(self) -> Csr:
        """Every link turned around."""
        turned = self.matrix().tocsc()
        return Csr(turned.indptr.astype(np.int64), turned.indices.astype(np.int32), turned.data)

    def both_ways(self) -> Csr:
        """The undirected graph: weights of the two directions added."""
        turned = self.reverse()
        mine = (self.indptr, self.indices, self.weights)
        return Csr(*merged(mine, (turned.indptr, turned.indices, turned.weights)))


def build(source: NDArray[Any], target: NDArray[Any], weight: Floats, n: int) -> Csr:
    """Sort links, drop loops and add up parallel ones; the order of the arguments' rows does not matter."""
    keep = source != target
    start, end = source[keep].astype(np.int32), target[keep].astype(np.int32)
    order = by_ends(start, end, n)
    key = start[order].astype(np.int64) * n + end[order]
    weight = np.asarray(weight, dtype=np.float64)[keep][order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    if len(first) < len(key):
        length = np.diff(np.r_[first, len(key)])
        if length.max() > 2:  # more than two: add by size, so that row order cannot show
            many = np.flatnonzero(np.repeat(length > 2, length))
            weight[many] = weight[many][np.lexsort((weight[many], key[many]))]
        weight = np.add.reduceat(weight, first)
        key = key[first]
    indptr = np.searchsorted(key, np.arange(n + 1, dtype=np.int64) * n).astype(np.int64)
    return Csr(indptr, (key % max(n, 1)).astype(np.int32), weight)


def compact(source: NDArray[Any], target: NDArray[Any]) -> tuple[Ints, Nodes, Nodes]:
    """The nodes that occur, sorted, and both ends as places among them; nodes are dense, so nothing is searched."""
    return compacted(source.astype(np.int32, copy=False), target.astype(np.int32, copy=False))
