from __future__ import annotations

import os
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.graph import centrality, kernels
from fraudnet.graph.csr import Csr, build

graphs = st.integers(2, 14).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(1, 9)), max_size=50)
    )
)
check = settings(max_examples=30, deadline=None)


def as_csr(n: int, edges: list[tuple[int, int, int]]) -> Csr:
    source, target, weight = np.array(edges, dtype=np.int64).reshape(-1, 3).T
    return build(source, target, weight.astype(np.float64), n)


def as_nx(n: int, edges: list[tuple[int, int, int]]) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    for a, b, w in edges:  # a DiGraph holds one link per pair: parallel weights are added first
        if a != b:
            graph.add_edge(a, b, weight=w + graph.get_edge_data(a, b, {"weight": 0})["weight"])
    return graph


def as_undirected(n: int, edges: list[tuple[int, int, int]]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((a, b) for a, b, _ in edges if a != b)
    return graph


@check
@given(graphs)
def test_links_are_merged_sorted_and_free_of_loops(given_graph):
    n, edges = given_graph
    graph, reference = as_csr(n, edges), as_nx(n, edges)
    assert dict(zip(zip(graph.rows, graph.indices, strict=True), graph.weights, strict=True)) == {
        (a, b): w for a, b, w in reference.edges(data="weight")
    }
    key = graph.rows.astype(np.int64) * n + graph.indices
    assert (np.diff(key) > 0).all()
    assert graph.reverse().matrix().toarray().tolist() == graph.matrix().toarray().T.tolist()
    both = graph.matrix().toarray() + graph.matrix().toarray().T
    assert graph.both_ways().matrix().toarray().tolist() == both.tolist()
    assert graph.indices.dtype == np.int32
    assert graph.weights.dtype == np.float64


def test_fractions_of_parallel_links_add_up_alike_in_any_row_order():
    weight = np.array([0.1, 1e16, 0.2, -1e16 + 2, 0.3])
    source, target = np.zeros(5, np.int64), np.ones(5, np.int64)
    results = {build(source, target, weight[order], 2).weights[0] for order in ([0, 1, 2, 3, 4], [4, 2, 3, 1, 0])}
    assert len(results) == 1


@check
@given(graphs)
def test_components_core_triangles_and_clustering_agree_with_networkx(given_graph):
    n, edges = given_graph
    graph, directed, mutual = as_csr(n, edges), as_nx(n, edges), as_undirected(n, edges)
    both = graph.both_ways()
    weak, strong = centrality.components(graph), centrality.components(graph, strong=True)
    assert _partition(weak) == {frozenset(c) for c in nx.connected_components(mutual)}
    assert _partition(strong) == {frozenset(c) for c in nx.strongly_connected_components(directed)}
    assert centrality.sizes(weak).tolist() == [len(nx.node_connected_component(mutual, v)) for v in range(n)]
    assert dict(enumerate(centrality.k_core(both))) == nx.core_number(mutual)
    triangles = centrality.triangles(both)
    assert dict(enumerate(triangles)) == nx.triangles(mutual)
    clustering = centrality.clustering(triangles, both.degree)
    for v in range(n):
        if mutual.degree(v) >= 2:
            assert clustering[v] == pytest.approx(nx.clustering(mutual, v))
        else:
            assert np.isnan(clustering[v])


def _partition(label: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(label == x).tolist()) for x in set(label.tolist())}


@check
@given(graphs)
def test_pagerank_agrees_with_networkx(given_graph):
    n, edges = given_graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(centrality, "ITERATIONS", 200)
        _compare_pagerank(n, edges)
    assert centrality.pagerank(as_csr(n, edges)).sum() == pytest.approx(1.0)


def _compare_pagerank(n: int, edges: list[tuple[int, int, int]]) -> None:
    graph, reference = as_csr(n, edges), as_nx(n, edges)
    weighted = nx.pagerank(reference, weight="weight", tol=1e-12, max_iter=500)
    plain = nx.pagerank(reference, weight=None, tol=1e-12, max_iter=500)
    assert centrality.pagerank(graph) == pytest.approx([weighted[v] for v in range(n)], abs=1e-9)
    assert centrality.pagerank(graph.ones()) == pytest.approx([plain[v] for v in range(n)], abs=1e-9)


@check
@given(graphs)
def test_reciprocity_top_share_and_partner_degree(given_graph):
    n, edges = given_graph
    graph, reference, mutual = as_csr(n, edges), as_nx(n, edges), as_undirected(n, edges)
    reciprocity, top = centrality.reciprocity(graph), centrality.top_share(graph)
    around = centrality.mean_degree_around(graph.both_ways())
    for v in range(n):
        out = [d["weight"] for _, _, d in reference.out_edges(v, data=True)]
        if not out:
            assert np.isnan(reciprocity[v])
            assert np.isnan(top[v])
        else:
            back = sum(reference.has_edge(b, v) for b in reference.successors(v))
            assert reciprocity[v] == pytest.approx(back / len(out))
            assert top[v] == pytest.approx(max(out) / sum(out))
        if mutual.degree(v):
            assert around[v] == pytest.approx(np.mean([mutual.degree(u) for u in mutual[v]]))


def _walks(graph: Csr, start: dict[int, float], steps: int) -> np.ndarray:
    matrix = graph.matrix().toarray()
    out = matrix.sum(axis=1, keepdims=True)
    step = np.divide(matrix, out, out=np.zeros_like(matrix), where=out > 0)
    mass = np.zeros(graph.n)
    mass[list(start)] = list(start.values())
    total = np.zeros(graph.n)
    for k in range(1, steps + 1):
        mass = mass @ step
        total += 0.15 * 0.85**k * mass
    return total


@check
@given(graphs, st.data(), st.integers(1, 7))
def test_closeness_of_a_node_is_what_it_would_be_if_it_were_no_seed(given_graph, data, steps):
    n, edges = given_graph
    graph = as_csr(n, edges)
    picked = data.draw(st.dictionaries(st.integers(0, n - 1), st.sampled_from([0.5, 1.0, 2.0]), max_size=n))
    seeds = np.array(sorted(picked), dtype=np.int64)
    found = centrality.closeness(graph, seeds, np.array([picked[s] for s in seeds.tolist()]), steps)
    for v in range(n):
        others = {s: w for s, w in picked.items() if s != v}
        assert found[v] == pytest.approx(_walks(graph, others, steps)[v], abs=2e-12)
        kept = np.array(sorted(others), dtype=np.int64)
        flipped = centrality.closeness(graph, kept, np.array([others[s] for s in kept.tolist()]), steps)
        assert flipped[v] == pytest.approx(found[v], abs=2e-12)
        assert (flipped[v] == 0) == (found[v] == 0)


def test_closeness_far_out_is_personalised_pagerank():
    reference = nx.gnp_random_graph(12, 0.4, seed=3, directed=True)
    reference.add_edges_from((v, (v + 1) % 12) for v in range(12))
    graph = as_csr(12, [(a, b, 1) for a, b in reference.edges])
    expected = nx.pagerank(reference, personalization={4: 1.0}, tol=1e-13, max_iter=1000)
    found = centrality.closeness(graph, np.array([4]), np.array([1.0]), steps=300)
    others = [v for v in range(12) if v != 4]
    assert found[others] == pytest.approx([expected[v] for v in others], abs=1e-10)
    assert found[4] == 0.0


@check
@given(graphs, st.data(), st.integers(0, 6))
def test_seeds_are_counted_once_at_one_and_two_steps(given_graph, data, hub):
    n, edges = given_graph
    mutual = as_undirected(n, edges)
    seeds = sorted(data.draw(st.sets(st.integers(0, n - 1))))
    one, two = centrality.seeds_within(as_csr(n, edges).both_ways(), np.array(seeds, dtype=np.int64), hub)
    for v in range(n):
        near = set(mutual[v])
        far = {w for u in near if mutual.degree(u) <= hub for w in mutual[u]} - near - {v}
        assert one[v] == len(near & set(seeds))
        assert two[v] == len(far & set(seeds))


@check
@given(graphs, st.randoms())
def test_renaming_nodes_only_renames(given_graph, random):
    n, edges = given_graph
    order = list(range(n))
    random.shuffle(order)
    before, after = as_csr(n, edges), as_csr(n, [(order[a], order[b], w) for a, b, w in edges])
    seeds = np.array([0], dtype=np.int64)
    pairs = [
        (centrality.pagerank(before), centrality.pagerank(after)),
        (centrality.k_core(before.both_ways()), centrality.k_core(after.both_ways())),
        (centrality.triangles(before.both_ways()), centrality.triangles(after.both_ways())),
        (
            centrality.closeness(before, seeds, np.ones(1)),
            centrality.closeness(after, np.array([order[0]]), np.ones(1)),
        ),
    ]
    for old, new in pairs:
        assert np.abs(np.asarray(new)[order] - old).max() < 1e-9


def test_kernels_are_right_without_compilation():
    code = (
        "import numpy as np\n"
        "from fraudnet.graph import centrality, kernels, neighbour_kernels\n"
        "from fraudnet.graph.csr import build\n"
        "g = build(np.array([0, 1, 2, 2, 3]), np.array([1, 2, 0, 3, 4]), np.ones(5), 6)\n"
        "m = g.both_ways()\n"
        "print(centrality.triangles(m).tolist(), centrality.k_core(m).tolist())\n"
        "print(centrality.closeness(g, np.array([0, 2]), np.ones(2)).round(6).tolist())\n"
        "print([x.tolist() for x in centrality.seeds_within(m, np.array([0, 4]), 9)])\n"
        "v = np.array([[1.0], [5.0], [np.nan], [2.0], [0.0], [9.0]])\n"
        "print(neighbour_kernels.neighbour_max(m.indptr, m.indices, v).tolist())\n"
        "z = np.zeros(3, np.int64)\n"
        "print(kernels.match_pairs(z, np.array([0, 1, 2]), np.array([0, 1, 0]), z > 0, 1).tolist())\n"
    )
    outputs = []
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        outputs.append(run.stdout)
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith("[1, 1, 1, 0, 0, 0] [2, 2, 2, 1, 1, 0]")


@check
@given(graphs)
def test_returns_are_closed_walks(given_graph):
    n, edges = given_graph
    graph = as_csr(n, edges)
    share = centrality.shares(graph)
    step = graph.matrix(share).toarray()
    back = build(graph.indices, graph.rows, share, n)
    starts = np.arange(n, dtype=np.int64)
    along, against = (graph.indptr, graph.indices, share), (back.indptr, back.indices, back.weights)
    found = kernels.returns(along, against, starts, 0.85, 5)
    expected = sum(0.85**k * np.diag(np.linalg.matrix_power(step, k)) for k in range(1, 6))
    assert found == pytest.approx(expected, abs=1e-12)
