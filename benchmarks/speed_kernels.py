"""Our graph kernels beside networkx, igraph and scipy: CPU-seconds from edge arrays to result arrays, answers equal."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from fraudnet.graph import centrality
from fraudnet.graph.csr import Csr, build

STAGES = ("build", "components", "pagerank", "k_core", "triangles", "hits")
LEAST = {"networkx": 20.0, "igraph": 3.0}
Answers = dict[str, np.ndarray]
Steps = dict[str, Callable[[], Any]]


def edges(n_edges: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Payments between accounts with a heavy tail: source, target, amount, number of accounts."""
    rng = np.random.default_rng(seed)
    n = max(n_edges * 2 // 5, 10)
    names = rng.permutation(n)
    source, target = (names[(n * rng.random(n_edges) ** power).astype(np.int64)] for power in (1.6, 2.0))
    return source, target, rng.integers(1, 1_000_000, n_edges).astype(np.float64), n


def timed(steps: Steps) -> tuple[dict[str, float], dict[str, Any]]:
    """CPU-seconds and result of each step, in order."""
    seconds, results = {}, {}
    for name, step in steps.items():
        started = time.process_time()
        results[name] = step()
        seconds[name] = time.process_time() - started
    return seconds, results


def ours(given: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> tuple[dict[str, float], Answers]:
    """Our kernels."""
    held: dict[str, Csr] = {}

    def graphs() -> None:
        held["forth"] = build(*given)
        held["mutual"] = held["forth"].both_ways()

    return timed(
        {
            "build": graphs,
            "components": lambda: centrality.components(held["forth"]),
            "pagerank": lambda: centrality.pagerank(held["forth"]),
            "k_core": lambda: centrality.k_core(held["mutual"]),
            "triangles": lambda: centrality.triangles(held["mutual"]),
            "hits": lambda: centrality.hits(held["forth"])[1],
        }
    )


def with_networkx(given: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> tuple[dict[str, float], Answers]:
    """The same with networkx, parallel payments summed first: it would keep only the last one."""
    import networkx as nx

    held: dict[str, Any] = {}
    n = given[3]

    def graphs() -> None:
        whole = summed(given)
        held["forth"] = nx.DiGraph()
        held["forth"].add_nodes_from(range(n))
        rows = zip(whole.row.tolist(), whole.col.tolist(), whole.data.tolist(), strict=True)
        held["forth"].add_weighted_edges_from(rows)
        held["mutual"] = held["forth"].to_undirected()

    def components() -> np.ndarray:
        label = np.zeros(n, np.int64)
        for number, part in enumerate(nx.weakly_connected_components(held["forth"])):
            label[list(part)] = number
        return label

    steps: Steps = {
        "build": graphs,
        "components": components,
        "pagerank": lambda: values(nx.pagerank(held["forth"], tol=1e-12, max_iter=500), n),
        "k_core": lambda: values(nx.core_number(held["mutual"]), n),
        "triangles": lambda: values(nx.triangles(held["mutual"]), n),
        "hits": lambda: values(nx.hits(held["forth"])[1], n),
    }
    return timed(steps)


def with_igraph(given: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> tuple[dict[str, float], Answers]:
    """The same with igraph."""
    import igraph as ig

    held: dict[str, Any] = {}

    def graphs() -> None:
        whole = summed(given)
        forth = ig.Graph(n=given[3], edges=np.column_stack([whole.row, whole.col]), directed=True)
        forth.es["weight"] = whole.data
        held["forth"], held["mutual"] = forth, forth.as_undirected(mode="collapse")

    def hits() -> np.ndarray:
        found = np.array(held["forth"].authority_score(weights="weight", scale=False))
        return found / found.sum()

    steps: Steps = {
        "build": graphs,
        "components": lambda: np.array(held["forth"].connected_components(mode="weak").membership),
        "pagerank": lambda: np.array(held["forth"].pagerank(weights="weight")),
        "k_core": lambda: np.array(held["mutual"].coreness()),
        "triangles": lambda: triangles_of(held["mutual"]),
        "hits": hits,
    }
    return timed(steps)


def triangles_of(mutual: Any) -> np.ndarray:
    """Triangles of each node by igraph's local clustering, which counts them inside."""
    share = np.array(mutual.transitivity_local_undirected(mode="zero"))
    degree = np.array(mutual.degree())
    return np.rint(share * degree * (degree - 1) / 2).astype(np.int64)


def with_scipy(given: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> tuple[dict[str, float], Answers]:
    """What scipy has: building, components and triangles by products of matrices; its oracle of PageRank is ours."""
    held: dict[str, Any] = {}

    def graphs() -> None:
        held["forth"] = summed(given).tocsr()
        both = held["forth"] + held["forth"].T
        held["mutual"] = sparse.csr_array((np.ones(len(both.data)), both.indices, both.indptr), shape=both.shape)

    def triangles() -> np.ndarray:
        near = held["mutual"]
        return np.asarray((near @ near).multiply(near).sum(axis=1) // 2)

    components = sparse.csgraph.connected_components
    steps: Steps = {
        "build": graphs,
        "components": lambda: components(held["forth"], connection="weak")[1],
        "triangles": triangles,
    }
    return timed(steps)


def summed(given: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> Any:
    """One edge for each ordered pair, without loops."""
    source, target, weight, n = given
    keep = source != target
    whole = sparse.coo_array((weight[keep], (source[keep], target[keep])), shape=(n, n))
    whole.sum_duplicates()
    return whole


def values(found: dict[int, float], n: int) -> np.ndarray:
    """A dictionary by node as an array."""
    return np.array([found[node] for node in range(n)])


def check_equal(mine: Answers, theirs: Answers, library: str) -> None:
    """Raise SystemExit where an answer differs."""
    for stage in STAGES[1:]:
        if stage not in theirs:
            continue
        a, b = mine[stage], theirs[stage]
        if stage == "components":
            same = len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(set(a.tolist())) == len(set(b.tolist()))
        else:
            same = bool(np.allclose(a, b, rtol=1e-4, atol=1e-6))
        if not same:
            raise SystemExit(f"{stage}: {library} gives another answer")


def compare(n_edges: int) -> list[dict[str, Any]]:
    """Every stage of every library at one size; ours first, its kernels compiled before."""
    ours(edges(1_000))
    given = edges(n_edges)
    mine, answers = ours(given)
    rows = [{"library": "fraudnet", "stage": stage, "cpu_seconds": mine[stage]} for stage in STAGES]
    for library, run in (("scipy", with_scipy), ("igraph", with_igraph), ("networkx", with_networkx)):
        seconds, theirs = run(given)
        check_equal(answers, theirs, library)
        rows += [{"library": library, "stage": stage, "cpu_seconds": seconds[stage]} for stage in seconds]
    return rows


def alone(n_edges: int) -> dict[str, Any]:
    """Our kernels at a size that the others are not asked for: CPU-seconds by stage and the peak of memory."""
    ours(edges(1_000))
    given = edges(n_edges)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, _ = ours(given)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"edges": n_edges, "seconds": seconds, "memory_mb": round(peak / 1024), "before_mb": round(before / 1024)}
