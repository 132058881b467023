"""Communities: parts of a graph that are tied more closely inside than to the rest.

For whole graphs, in notebooks and benchmarks. Cases divide the small subgraph around flagged entities themselves, and
no feature reads communities.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from fraudnet.graph import kernels
from fraudnet.graph.centrality import components
from fraudnet.graph.csr import Csr, Ints

WHOLE = 3  # nodes up to which a component is one community
MOST = 50_000_000  # links of a component that Louvain can hold in about 12 GB; a larger one is spread over by label
ROUNDS = 20


def communities(mutual: Csr, most: int = MOST) -> Ints:
    """A number per node of an undirected graph, the same for all nodes of one community, in order of first nodes.

    Louvain (Blondel and others 2008) by weight inside each weak component, in the order of nodes, without any draw. A
    component of more than `most` links is divided by label propagation instead (Raghavan and others 2007: each node
    takes the label with the most weight around it, the smallest one on ties, for at most 20 rounds), which needs no
    memory beside the graph and finds coarser parts. Nodes without links are communities of their own.
    """
    part = components(mutual)
    order = np.argsort(part, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(part[order]) > 0]) if len(part) else np.zeros(0, np.int64)
    found = part.copy()
    named, total = int(part.max(initial=-1)) + 1, mutual.weights.sum()
    for nodes in np.split(order, starts[1:]):
        if len(nodes) > WHOLE:
            inner = slice_of(mutual, nodes)
            share = float(inner.weights.sum() / total)
            found[nodes] = named + (louvain(inner, share) if len(inner.indices) <= most else spread(inner))
            named += len(nodes)
    return in_order(found)


def slice_of(graph: Csr, nodes: Ints) -> Csr:
    """The links among some nodes (in order), which are called by their places."""
    inner = graph.matrix()[nodes][:, nodes].tocsr()
    inner.sort_indices()
    return Csr(inner.indptr.astype(np.int64), inner.indices.astype(np.int32), inner.data)


def louvain(graph: Csr, resolution: float) -> Ints:
    """Louvain by weight over a connected undirected graph; one thread, no draw.

    With the component's share of all weight as resolution it seeks the modularity of the whole graph.
    """
    from sknetwork.clustering import Louvain

    method = Louvain(resolution, shuffle_nodes=False, sort_clusters=False, random_state=0)
    whole = sparse.csr_matrix(graph.matrix())  # the package knows no arrays yet
    return np.asarray(method.fit_predict(whole), dtype=np.int64)


def spread(graph: Csr) -> Ints:
    """Label propagation by weight over an undirected graph; one thread, no draw."""
    return kernels.propagate(graph.indptr, graph.indices, graph.weights, ROUNDS)


def in_order(label: Ints) -> Ints:
    """The same parts, numbered from 0 in the order of their first nodes."""
    _, first, place = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[place], dtype=np.int64)
