"""How tightly each node is tied into its surroundings: triangles, each weighing less the easier it arises by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fraudnet.graph import motif_triads
from fraudnet.graph.csr import Csr, Floats, Ints

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Ties:
    """The ties of a directed graph between linked nodes that share a neighbour.

    near: a symmetric matrix with, per tied pair, the sum over shared neighbours of 1 / their number of neighbours.
    partners: tied partners of each node. forth: the part of a node's ties that lie along its own links out.
    back: the chance that a random walk that ignores directions is back after three steps; along: the same along the
    links. circles: directed circles of three through each node.
    """

    near: Any
    forth: Floats
    back: Floats
    along: Floats
    circles: Ints

    @property
    def partners(self) -> Ints:
        """How many partners each node shares another partner with."""
        return np.asarray(np.diff(self.near.indptr), dtype=np.int64)

    @property
    def total(self) -> Floats:
        """The sum of each node's ties."""
        return np.asarray(self.near.sum(axis=1), dtype=np.float64)

    @property
    def strongest(self) -> Floats:
        """Each node's strongest tie; 0 without any."""
        found = np.zeros(len(self.back))
        np.maximum.at(found, self.near.nonzero()[0], self.near.data)
        return found

    def mean_around(self, values: Matrix) -> Matrix:
        """The mean of each column over a node's tied partners, weighted by the ties; NaN without a known value.

        values: n x columns; NaN is left out.
        """
        unknown = np.isnan(values)
        total = self.near @ np.where(unknown, 0.0, values)
        weight = self.near @ (~unknown).astype(np.float64)
        mean = np.divide(total, weight, out=np.full(values.shape, np.nan), where=weight > 0)
        return np.asarray(mean, dtype=np.float64)


def ties(graph: Csr, mutual: Csr) -> Ties:
    """The ties of a directed graph, given also without its directions; a sequential pass over its triangles."""
    rows = [(one.indptr, one.indices) for one in (mutual, graph, graph.reverse())]
    way = motif_triads.ways_of(*rows)
    half, (back, along, circles) = motif_triads.triads(*rows[0], way, graph.degree.astype(np.int64))
    start, to, near = half
    once = sparse.csr_array((near, to, start), shape=(graph.n, graph.n))
    once.eliminate_zeros()
    whole = sparse.csr_array(once + once.T)
    whole.sort_indices()
    # A link and its tie lie in the same place of two matrices of one shape.
    out = np.asarray(whole.multiply(graph.ones().matrix()).sum(axis=1), dtype=np.float64)
    total = np.asarray(whole.sum(axis=1), dtype=np.float64)
    share = np.divide(out, total, out=np.full(graph.n, np.nan), where=total > 0)
    return Ties(whole, share, back, along, circles)
