"""Rows of one moment are put in order for themselves, and accounts numbered by how they are reached."""

from __future__ import annotations

import numpy as np
import pytest

from fraudnet.graph.motif_circles import nearby
from fraudnet.graph.ordering import grouped, settle


@pytest.mark.parametrize("moments", [1, 3, 400])
def test_settling_is_sorting_by_moment_and_keys(moments):
    draw = np.random.default_rng(moments)
    at = np.sort(draw.integers(0, moments, 500))
    one, two = draw.integers(0, 5, 500), draw.integers(0, 5, 500).astype(np.int32)
    unique = draw.permutation(500).astype(np.int32)
    order = np.arange(500, dtype=np.int32)
    settle(at, (one, two, unique), order)
    assert order.tolist() == np.lexsort((unique, two, one, at)).tolist()


def test_nothing_is_settled_among_nothing():
    order = np.zeros(0, np.int32)
    settle(np.zeros(0, np.int64), (np.zeros(0, np.int64), order, order), order)
    assert len(order) == 0


def test_those_who_deal_with_each_other_get_numbers_side_by_side():
    payer, payee = np.array([0, 2, 5], np.int32), np.array([4, 0, 3], np.int32)
    (came, credits), (went, payments) = grouped(payee, 6), grouped(payer, 6)
    label, order = nearby((came, payer[credits]), (went, payee[payments]))
    assert label[order].tolist() == list(range(6))
    assert sorted(label[[0, 2, 4]].tolist()) == [0, 1, 2]
    assert abs(int(label[3]) - int(label[5])) == 1
