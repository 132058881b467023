"""Our kernels beside scipy's on one graph: ratios only, with room to spare, since walls say more about the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from fraudnet.graph import centrality
from fraudnet.graph.csr import Csr, build

NODES, LINKS = 20_000, 100_000


def cpu(work: Callable[[], object]) -> float:
    """CPU-seconds of the quickest of three runs, compiled before."""
    work()
    spent = []
    for _ in range(3):
        started = time.thread_time()
        work()
        spent.append(time.thread_time() - started)
    return min(spent)


@pytest.fixture(scope="module")
def ends() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    return tuple((NODES * rng.random(LINKS) ** 2).astype(np.int64) for _ in range(2))


@pytest.fixture(scope="module")
def mutual(ends) -> Csr:
    return build(*ends, np.ones(LINKS), NODES).both_ways().ones()


def test_triangles_cost_less_than_the_product_of_matrices(mutual):
    near = mutual.matrix()

    def oracle() -> np.ndarray:
        return np.asarray((near @ near).multiply(near).sum(axis=1) // 2)

    assert np.array_equal(centrality.triangles(mutual), oracle())
    assert cpu(lambda: centrality.triangles(mutual)) < cpu(oracle)


def test_building_costs_at_most_five_times_scipy_s(ends):
    source, target = ends
    keep = source != target

    def oracle() -> object:
        return sparse.coo_array((np.ones(keep.sum()), (source[keep], target[keep])), shape=(NODES, NODES)).tocsr()

    assert np.array_equal(build(*ends, np.ones(LINKS), NODES).matrix()[:50].toarray(), oracle()[:50].toarray())
    assert cpu(lambda: build(*ends, np.ones(LINKS), NODES)) < 5 * cpu(oracle)


def test_both_ways_costs_at_most_five_times_a_sum_of_matrices(ends):
    graph = build(*ends, np.ones(LINKS), NODES)

    def oracle() -> object:
        return graph.matrix() + graph.matrix().T.tocsr()

    assert (graph.both_ways().matrix() != oracle()).nnz == 0
    assert cpu(graph.both_ways) < 5 * cpu(oracle)
