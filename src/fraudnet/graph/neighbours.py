"""Means, maxima and sums of columns over the neighbours of each node."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fraudnet.graph import neighbour_kernels as kernels
from fraudnet.graph.csr import Csr

Matrix = NDArray[np.float64]
TILE = 16  # columns at a time: keeps memory bounded whatever the width


def mean_around(graph: Csr, values: Matrix) -> Matrix:
    """The mean of each column over a node's targets, each counted once; unknown (NaN) values are left out.

    values: n x columns. NaN where no neighbour's value is known.
    """
    result = np.empty(values.shape)
    for first in range(0, values.shape[1], TILE):
        tile = np.ascontiguousarray(values[:, first : first + TILE], dtype=np.float64)
        result[:, first : first + TILE] = kernels.neighbour_mean(graph.indptr, graph.indices, tile)
    return result


def mean_two_steps(graph: Csr, values: Matrix) -> Matrix:
    """The mean over the neighbours of the mean over their neighbours."""
    return mean_around(graph, mean_around(graph, values))


def max_around(graph: Csr, values: Matrix) -> Matrix:
    """The largest known value of each column over a node's targets; NaN where none is known."""
    return kernels.neighbour_max(graph.indptr, graph.indices, np.ascontiguousarray(values, dtype=np.float64))


def sum_around(graph: Csr, values: Matrix) -> Matrix:
    """The sum of each column's known values over a node's targets; NaN where no neighbour's value is known."""
    unknown = np.isnan(values)
    total = graph.ones().matrix() @ np.where(unknown, 0.0, values)
    known = graph.ones().matrix() @ (~unknown).astype(np.float64)
    return np.where(known > 0, total, np.nan)
