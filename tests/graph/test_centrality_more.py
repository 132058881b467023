"""Hubs, authorities and betweenness against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.graph import centrality
from fraudnet.graph.csr import Csr, build

check = settings(max_examples=30, deadline=None)
graphs = st.integers(2, 12).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40))
)


def as_csr(n: int, edges: list[tuple[int, int]], weight: np.ndarray | None = None) -> Csr:
    source, target = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    return build(source, target, np.ones(len(source)) if weight is None else weight, n)


def as_nx(graph: Csr) -> nx.DiGraph:
    made = nx.DiGraph()
    made.add_nodes_from(range(graph.n))
    made.add_weighted_edges_from(zip(graph.rows.tolist(), graph.indices.tolist(), graph.weights.tolist(), strict=True))
    return made


@check
@given(graphs)
def test_betweenness_from_all_starts_is_exact(given_graph):
    graph = as_csr(*given_graph)
    wanted = nx.betweenness_centrality(as_nx(graph), normalized=True)
    assert centrality.betweenness(graph, graph.n) == pytest.approx([wanted[v] for v in range(graph.n)])


@check
@given(graphs, st.integers(1, 6))
def test_betweenness_from_some_starts_is_theirs_alone(given_graph, k):
    graph = as_csr(*given_graph)
    starts = centrality.pivots(graph.n, k)
    assert len(starts) == min(k, graph.n)
    some = nx.betweenness_centrality_subset(as_nx(graph), starts.tolist(), range(graph.n))
    scale = max(len(starts) * (graph.n - 1) * (graph.n - 2) / graph.n, 1e-9)
    assert centrality.betweenness(graph, k) == pytest.approx([some[v] / scale for v in range(graph.n)])


@pytest.mark.parametrize("seed", range(5))
def test_hubs_and_authorities(seed: int):
    rng = np.random.default_rng(seed)
    n = 30
    # One star among much else: the leading direction stands out, so that all methods find the same.
    edges = [(int(a), int(b)) for a, b in rng.integers(0, n, (200, 2))] + [(0, i) for i in range(1, n)]
    graph = as_csr(n, edges, rng.integers(1, 9, len(edges)).astype(np.float64))
    hub, authority = centrality.hits(graph)
    wanted_hub, wanted_authority = nx.hits(as_nx(graph), max_iter=1000)
    assert hub == pytest.approx([wanted_hub[v] for v in range(n)], abs=1e-6)
    assert authority == pytest.approx([wanted_authority[v] for v in range(n)], abs=1e-6)


def test_nothing_to_measure():
    graph = as_csr(3, [])
    assert centrality.betweenness(graph).tolist() == [0.0] * 3
    assert [v.tolist() for v in centrality.hits(graph)] == [[0.0] * 3] * 2
    assert centrality.betweenness(as_csr(1, [])).tolist() == [0.0]
    assert centrality.pivots(0).tolist() == []
