"""Ties among partners against networkx and against matrices of random walks."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.graph.csr import Csr, build
from fraudnet.graph.motif_ties import ties

check = settings(max_examples=40, deadline=None)
graphs = st.integers(1, 10).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=45))
)


def as_csr(n: int, edges: list[tuple[int, int]]) -> Csr:
    source, target = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    return build(source, target, np.ones(len(source)), n)


def walk(matrix: np.ndarray) -> np.ndarray:
    """The matrix of steps of a random walk."""
    degree = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, degree, out=np.zeros_like(matrix), where=degree > 0)


@check
@given(graphs)
def test_ties_are_resource_allocation_between_linked_nodes(given_graph):
    n, edges = given_graph
    graph = as_csr(n, edges)
    found = ties(graph, graph.both_ways())
    reference = nx.Graph()
    reference.add_nodes_from(range(n))
    reference.add_edges_from((a, b) for a, b in edges if a != b)
    wanted = np.zeros((n, n))
    for a, b, value in nx.resource_allocation_index(reference, list(reference.edges)):
        wanted[a, b] = wanted[b, a] = value
    assert found.near.toarray() == pytest.approx(wanted)
    assert found.partners.tolist() == (wanted > 0).sum(axis=1).tolist()
    assert found.total == pytest.approx(wanted.sum(axis=1))
    assert found.strongest == pytest.approx(wanted.max(axis=1))
    directed = graph.ones().matrix().toarray()
    both = (wanted * directed).sum(axis=1)
    assert np.nan_to_num(found.forth, nan=-1.0) == pytest.approx(
        np.where(wanted.sum(axis=1) > 0, both / np.maximum(wanted.sum(axis=1), 1e-300), -1.0)
    )


@check
@given(graphs)
def test_returns_of_random_walks(given_graph):
    n, edges = given_graph
    graph = as_csr(n, edges)
    found = ties(graph, graph.both_ways())
    directed = graph.ones().matrix().toarray()
    mutual = ((directed + directed.T) > 0).astype(float)
    assert found.back == pytest.approx(np.diag(np.linalg.matrix_power(walk(mutual), 3)))
    assert found.along == pytest.approx(np.diag(np.linalg.matrix_power(walk(directed), 3)))
    assert found.circles.tolist() == np.diag(np.linalg.matrix_power(directed, 3)).astype(int).tolist()
    assert found.back.max(initial=0.0) <= 1.0


@check
@given(graphs, st.randoms())
def test_means_around_are_weighted_by_the_ties(given_graph, random):
    n, edges = given_graph
    graph = as_csr(n, edges)
    mutual = graph.both_ways()
    before = mutual.indices.copy(), mutual.indptr.copy()
    found = ties(graph, mutual)
    assert (mutual.indices == before[0]).all()
    assert (mutual.indptr == before[1]).all()
    values = np.array([[random.choice([1.0, 2.5, np.nan])] for _ in range(n)])
    near, around = found.near.toarray(), found.mean_around(values)
    for v in range(n):
        known = [(near[v, u], values[u, 0]) for u in range(n) if near[v, u] > 0 and not np.isnan(values[u, 0])]
        wanted = sum(w * x for w, x in known) / sum(w for w, _ in known) if known else np.nan
        assert around[v, 0] == pytest.approx(wanted, nan_ok=True)


def test_a_shared_hub_ties_less_than_a_shared_friend():
    hub = [(0, 1), (0, 2), (1, 2)] + [(2, i) for i in range(20, 60)]
    friends = [(10, 11), (10, 12), (11, 12)]
    graph = as_csr(60, hub + friends)
    found = ties(graph, graph.both_ways())
    assert found.near[0, 1] == pytest.approx(1 / 42)
    assert found.near[10, 11] == pytest.approx(1 / 2)
    assert found.back[10] > 10 * found.back[0]
