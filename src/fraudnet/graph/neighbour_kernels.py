"""The compiled loops over the columns of each node's neighbours, and between columns and rows."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.graph.kernels import Floats, Ints, Nodes

Singles = NDArray[np.float32]


@njit(cache=True, nogil=True)
def neighbour_mean(indptr: Ints, indices: Nodes, values: Floats) -> Floats:
    """Per node and column the mean of the known values among its neighbours; NaN where none is known."""
    n, columns = len(indptr) - 1, values.shape[1]
    mean, total, known = np.empty((n, columns)), np.empty(columns), np.empty(columns, np.int32)
    for v in range(n):
        total[:], known[:] = 0.0, 0
        for e in range(indptr[v], indptr[v + 1]):
            near = values[indices[e]]
            for c in range(columns):
                here = not np.isnan(near[c])  # no branch: both sums run side by side
                total[c] += near[c] if here else 0.0
                known[c] += 1 if here else 0
        for c in range(columns):
            mean[v, c] = total[c] / known[c] if known[c] > 0 else np.nan
    return mean


@njit(cache=True, nogil=True)
def rows_of(columns: Floats, place: Ints) -> Floats:
    """Some places of columns, each a row of an array, as rows: one pass, for numpy takes one for each column."""
    found = np.empty((len(place), len(columns)))
    for i in range(len(place)):
        for c in range(len(columns)):
            found[i, c] = columns[c, place[i]]
    return found


@njit(cache=True, nogil=True)
def columns_of(rows: Floats, place: Ints) -> Singles:
    """Some rows as columns, each a row of an array, in single precision."""
    found = np.empty((rows.shape[1], len(place)), np.float32)
    for i in range(len(place)):
        for c in range(rows.shape[1]):
            found[c, i] = rows[place[i], c]
    return found


@njit(cache=True, nogil=True)
def neighbour_max(indptr: Ints, indices: Nodes, values: Floats) -> Floats:
    """Per node and column the largest known value among its neighbours; NaN where none is known."""
    n, columns = len(indptr) - 1, values.shape[1]
    largest, best = np.empty((n, columns)), np.empty(columns)
    for v in range(n):
        best[:] = -np.inf
        for e in range(indptr[v], indptr[v + 1]):
            near = values[indices[e]]
            for c in range(columns):
                best[c] = near[c] if near[c] > best[c] else best[c]  # what is unknown is not larger
        for c in range(columns):
            largest[v, c] = best[c] if best[c] > -np.inf else np.nan
    return largest
