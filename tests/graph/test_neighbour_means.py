from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.graph.csr import build
from fraudnet.graph.neighbours import TILE, max_around, mean_around, mean_two_steps, sum_around


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30), st.integers(0, 99))
def test_means_maxima_and_sums_agree_with_loops(columns, edges, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(9, columns))
    values[rng.random(values.shape) < 0.3] = np.nan
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    graph = build(ends[:, 0], ends[:, 1], np.ones(len(ends)), 9)
    near = [sorted({b for a, b in edges if a == v and b != v}) for v in range(9)]
    mean, largest, total = mean_around(graph, values), max_around(graph, values), sum_around(graph, values)
    for v in range(9):
        for c in range(columns):
            known = [values[u, c] for u in near[v] if not np.isnan(values[u, c])]
            if not known:
                assert np.isnan([mean[v, c], largest[v, c], total[v, c]]).all()
            else:
                assert [mean[v, c], largest[v, c], total[v, c]] == pytest.approx(
                    [np.mean(known), max(known), sum(known)]
                )
    np.testing.assert_array_equal(mean_two_steps(graph, values), mean_around(graph, mean))


def test_tiles_do_not_show():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(20, 2 * TILE + 3))
    graph = build(rng.integers(0, 20, 90), rng.integers(0, 20, 90), np.ones(90), 20)
    whole = mean_around(graph, values)
    for column in (0, TILE - 1, TILE, 2 * TILE + 2):
        np.testing.assert_array_equal(whole[:, [column]], mean_around(graph, values[:, [column]]))
