"""Communities against networkx: as good by modularity, never across components, the same whatever the row order."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from fraudnet.graph import kernels
from fraudnet.graph.centrality import components
from fraudnet.graph.communities import communities, in_order, spread
from fraudnet.graph.csr import Csr, build


def rings(parts: int, size: int, seed: int) -> Csr:
    """Dense groups with a few links between some of them, a pair and a node alone."""
    rng = np.random.default_rng(seed)
    inside = [rng.integers(p * size, (p + 1) * size, (size * 4, 2)) for p in range(parts)]
    between = np.array([[p * size, (p + 1) * size] for p in range(parts - 3)])
    alone = np.array([[parts * size, parts * size + 1]])
    ends = np.concatenate([*inside, between, alone])
    both = np.concatenate([ends, ends[:, ::-1]])
    return build(both[:, 0], both[:, 1], np.ones(len(both)), parts * size + 3)


def modularity(graph: Csr, label: np.ndarray) -> float:
    drawn = nx.from_scipy_sparse_array(graph.matrix())
    return nx.community.modularity(drawn, [set(np.flatnonzero(label == c)) for c in np.unique(label)])


@pytest.fixture(scope="module")
def graph() -> Csr:
    return rings(12, 20, 7)


def test_as_good_as_networkx(graph):
    theirs = nx.community.louvain_communities(nx.from_scipy_sparse_array(graph.matrix()), seed=1)
    best = nx.community.modularity(nx.from_scipy_sparse_array(graph.matrix()), theirs)
    assert modularity(graph, communities(graph)) >= best - 0.02


def test_no_community_spans_two_components_and_lonely_nodes_stay_alone(graph):
    found, part = communities(graph), components(graph)
    assert all(len(set(part[found == c])) == 1 for c in np.unique(found))
    assert np.sum(found == found[-1]) == 1
    assert found[-3] == found[-2]
    assert found.tolist() == in_order(found).tolist()


def test_the_path_for_graphs_too_large_finds_the_groups_too(graph):
    found = communities(graph, most=10)
    assert modularity(graph, found) > 0.6
    assert found.tolist() == communities(graph, most=10).tolist()


def test_labels_spread_alike_with_and_without_compilation(graph):
    plain = kernels.propagate.py_func(graph.indptr, graph.indices, graph.weights, 20)
    assert spread(graph).tolist() == plain.tolist()


def test_a_graph_without_nodes():
    nothing = np.zeros(0, np.int64)
    assert communities(build(nothing, nothing, np.zeros(0), 0)).tolist() == []
