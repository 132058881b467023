"""How central, how close to known fraud and how tightly knit each node is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from fraudnet.graph import kernels
from fraudnet.graph.csr import Csr, Floats, Ints

DAMPING = 0.85
ITERATIONS = 40
PIVOTS = 32  # starts of the shortest paths that betweenness is estimated from
REACH = 4  # steps of a walk from known fraud: farther away nearly everybody is reached


def components(graph: Csr, *, strong: bool = False) -> Ints:
    """A number per node, the same for all nodes of one connected part; strong: there is a way and a way back."""
    _, label = csgraph.connected_components(graph.matrix(), directed=True, connection="strong" if strong else "weak")
    return np.asarray(label, dtype=np.int64)


def sizes(label: Ints) -> Ints:
    """How many nodes share each node's label."""
    return np.bincount(label)[label].astype(np.int64) if len(label) else label


def strength(graph: Csr) -> Floats:
    """Sum of the weights of each node's links out of it."""
    return np.asarray(graph.matrix().sum(axis=1), dtype=np.float64)


def shares(graph: Csr, floor: float = 0.0) -> Floats:
    """Each link's part of the weight that leaves its source; 0 where nothing leaves, or no more than `floor` goes."""
    total = strength(graph)[graph.rows]
    return np.divide(graph.weights, total, out=np.zeros_like(total), where=(total > 0) & (graph.weights > floor))


def pagerank(graph: Csr, backward: Csr | None = None) -> Floats:
    """PageRank along the links by weight, after a fixed number of iterations; sums to 1.

    Nodes that lead nowhere hand their rank to everybody, as networkx does. backward: the graph with every link turned
    around, where that is at hand.
    """
    n = graph.n
    if n == 0:
        return np.zeros(0)
    turned = graph.reverse() if backward is None else backward
    total = strength(graph)
    stuck, sent = np.flatnonzero(total <= 0), total[turned.indices]
    share = np.divide(turned.weights, sent, out=np.zeros_like(sent), where=(sent > 0) & (turned.weights > 0))
    onward, rank = turned.matrix(share), np.full(n, 1.0 / n)
    for _ in range(ITERATIONS):
        rank = DAMPING * (onward @ rank + rank[stuck].sum() / n) + (1.0 - DAMPING) / n
    return rank


def hits(graph: Csr) -> tuple[Floats, Floats]:
    """Hubs and authorities by weight after a fixed number of iterations, each summing to 1 (Kleinberg 1999).

    A hub points to good authorities, an authority is pointed to by good hubs; 0 everywhere without links.
    """
    along = graph.matrix()
    against = along.T.tocsr()
    hub = np.ones(graph.n)
    authority = np.zeros(graph.n)
    for _ in range(ITERATIONS):
        authority = _to_one(against @ hub)
        hub = _to_one(along @ authority)
    return hub, authority


def _to_one(values: Floats) -> Floats:
    total = values.sum()
    return values / total if total > 0 else values


def pivots(n: int, k: int = PIVOTS) -> Ints:
    """At most k of n nodes, spread evenly over their numbers; the same for the same n."""
    return np.unique(np.linspace(0, n - 1, min(k, n)).round().astype(np.int64)) if n else np.zeros(0, np.int64)


def betweenness(graph: Csr, k: int = PIVOTS) -> Floats:
    """The part of shortest paths, by number of links, that lead through each node, estimated from k fixed starts.

    0 to 1: paths between two other nodes through it over the ordered pairs of others, as networkx normalises; exact
    when k reaches the number of nodes (Brandes and Pich 2007).
    """
    starts = pivots(graph.n, k)
    pairs = len(starts) * (graph.n - 1) * (graph.n - 2) / max(graph.n, 1)
    found = kernels.betweenness(graph.indptr, graph.indices, starts)
    return found / pairs if pairs > 0 else np.zeros(graph.n)


def closeness(
    graph: Csr, seeds: Ints, weights: Floats, steps: int = REACH, damping: float = DAMPING, floor: float = 0.0
) -> Floats:
    """Personalised PageRank of weighted seeds along the links, never a node's own seed.

    Sum over 1 <= k <= steps of (1 - damping) damping^k (mass of the seeds after k steps); what a seed sends back to
    itself is taken out exactly, so that a node's value is the one it would have if it were no seed. seeds: different
    nodes. Links of up to `floor` carry nothing on.
    Rounded to 12 decimals, so that the rounding of that difference says nothing either.
    """
    share = shares(graph, floor)
    along = graph.matrix(share)
    against = along.T.tocsr()
    against.sort_indices()
    mass = np.zeros(graph.n)
    mass[seeds] = weights
    total = np.zeros(graph.n)
    for k in range(1, steps + 1):
        mass = against @ mass
        total += damping**k * mass
    total[seeds] -= weights * own_return(graph, share, against, seeds, (damping, steps))
    return np.asarray(np.round(np.maximum((1.0 - damping) * total, 0.0), 12))


def own_return(graph: Csr, share: Floats, against: Any, seeds: Ints, walk: tuple[float, int]) -> Floats:
    """What each seed's own unit of mass brings back to it on walks of (damping, steps)."""
    backward = (against.indptr.astype(np.int64), against.indices.astype(np.int32), against.data)
    return kernels.returns((graph.indptr, graph.indices, share), backward, seeds.astype(np.int64), walk[0], walk[1])


def k_core(mutual: Csr) -> Ints:
    """The core number of each node of an undirected graph."""
    return kernels.k_core(mutual.indptr, mutual.indices)


def triangles(mutual: Csr) -> Ints:
    """How many triangles of an undirected graph each node is part of."""
    return kernels.triangles(mutual.indptr, mutual.indices)


def _per(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """part / whole; NaN where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0), dtype=np.float64)


def clustering(found: Ints, degree: Ints) -> Floats:
    """The share of a node's pairs of neighbours that are linked; NaN below two neighbours."""
    pairs = degree * (degree - 1) / 2
    return _per(found, pairs)


def reciprocity(graph: Csr) -> Floats:
    """The share of a node's targets that link back to it; NaN without targets."""
    forth = graph.ones().matrix()
    returned = np.asarray((forth * forth.T).sum(axis=1), dtype=np.float64)
    return _per(returned, graph.degree)


def top_share(graph: Csr) -> Floats:
    """The largest part of a node's weight that goes to one target; NaN without targets."""
    largest, linked, total = np.full(graph.n, np.nan), graph.degree > 0, strength(graph)
    if linked.any():
        most = np.maximum.reduceat(graph.weights, graph.indptr[:-1][linked])
        largest[linked] = np.divide(most, total[linked], out=np.zeros(len(most)), where=total[linked] > 0)
    return largest


def mean_degree_around(mutual: Csr) -> Floats:
    """The mean number of neighbours that a node's neighbours have; NaN without neighbours."""
    total = mutual.ones().matrix() @ mutual.degree.astype(np.float64)
    return _per(total, mutual.degree)


def seeds_within(mutual: Csr, seeds: Ints, hub: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many other seeds are one step and two steps away in an undirected graph; not through hubs."""
    return kernels.seeds_within(mutual.indptr, mutual.indices, seeds.astype(np.int64), hub)
