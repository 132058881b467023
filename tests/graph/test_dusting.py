"""Dusting: small sums that known fraud sends to honest accounts must not make these look close to it (T36)."""

from __future__ import annotations

import numpy as np
import pytest

from fraudnet.graph.centrality import closeness
from fraudnet.graph.csr import build

PEOPLE, MULES, DUSTED = 20_000, 100, 50
MOST = 200_000  # đồng of one dusting credit
Edges = tuple[np.ndarray, np.ndarray, np.ndarray]


def payments(rng: np.random.Generator) -> Edges:
    """Everybody pays a dozen others sums around 1 M đồng; each mule passes on 60 sums around 9 M."""
    source, target = rng.integers(0, PEOPLE, (2, PEOPLE * 12))
    sent, reached = np.repeat(np.arange(MULES), 60), rng.integers(MULES, PEOPLE, MULES * 60)
    amounts = np.round(np.r_[rng.lognormal(13.8, 1.0, len(source)), rng.lognormal(16.0, 0.8, len(sent))])
    return np.r_[source, sent], np.r_[target, reached], amounts


def dust(rng: np.random.Generator, honest: np.ndarray) -> Edges:
    """One to ten credits of at most 200,000 đồng from known mules to each."""
    target = np.repeat(honest, rng.integers(1, 11, len(honest)))
    return rng.integers(0, MULES, len(target)), target, rng.integers(20_000, MOST + 1, len(target)).astype(float)


def places(edges: Edges, by_amount: bool) -> np.ndarray:
    """Everybody's place by closeness to the mules, the closest first."""
    weight = edges[2] if by_amount else np.ones(len(edges[0]))
    near = closeness(build(edges[0], edges[1], weight, PEOPLE), np.arange(MULES), np.ones(MULES))
    return np.argsort(np.argsort(-near, kind="stable"))


@pytest.mark.parametrize("seed", range(3))
def test_dusting_moves_honest_accounts_by_at_most_5_percent_of_the_population(seed):
    rng = np.random.default_rng(seed)
    clean, honest = payments(rng), rng.permutation(np.arange(MULES, PEOPLE))[:DUSTED]
    dusted = tuple(np.r_[a, b] for a, b in zip(clean, dust(rng, honest), strict=True))
    moved = {way: np.median((places(clean, way) - places(dusted, way))[honest]) / PEOPLE for way in (True, False)}
    assert moved[True] <= 0.05
    assert moved[False] > 0.3  # by number of payments it would have worked
