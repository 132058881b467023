from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from fraudnet.model import metrics
from fraudnet.model.intervals import bootstrap

ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(1, 4)), min_size=4, max_size=60).filter(
    lambda rows: len({y for y, _, _ in rows}) == 2
)


def columns(rows):
    y, score, weight = np.array(rows, dtype=float).T
    return y, score / 7 + 0.05, weight


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_auc_and_average_precision_are_sklearns(rows):
    y, p, weight = columns(rows)
    ranked = metrics.rank(y, p, p, weight)
    assert metrics.auc(ranked) == pytest.approx(oracle.roc_auc_score(y, p, sample_weight=weight))
    assert metrics.average_precision(ranked) == pytest.approx(
        oracle.average_precision_score(y, p, sample_weight=weight)
    )


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_f1_and_brier_are_sklearns(rows):
    y, p, weight = columns(rows)
    ranked = metrics.rank(y, p, p, weight)
    expected = oracle.f1_score(y, p >= 0.5, average="macro", sample_weight=weight, zero_division=0)
    assert metrics.macro_f1(ranked, 0.5) == pytest.approx(expected)
    assert metrics.brier(ranked) == pytest.approx(oracle.brier_score_loss(y, p, sample_weight=weight))
    best = max(metrics.macro_f1(ranked, cut) for cut in p)
    assert metrics.macro_f1(ranked, metrics.best_threshold(ranked)) == pytest.approx(best)


@settings(max_examples=30, deadline=None)
@given(ROWS, st.integers(1, 80))
def test_weights_are_repetitions(rows, k):
    y, p, weight = columns(rows)
    times = weight.astype(int)
    once = metrics.rank(y, p, p, weight)
    often = metrics.rank(np.repeat(y, times), np.repeat(p, times), np.repeat(p, times))
    for measure in (lambda r: metrics.recall_at(r, k), lambda r: metrics.precision_at(r, k), metrics.observed_expected):
        assert measure(once) == pytest.approx(measure(often))


def test_top_of_the_list_by_brute_force():
    rng = np.random.default_rng(0)
    y, p = (rng.random(1000) < 0.1).astype(float), rng.random(1000)
    ranked = metrics.rank(y, p, p)
    top = y[np.argsort(-p)][:37]
    assert metrics.precision_at(ranked, 37) == pytest.approx(top.mean())
    assert metrics.recall_at(ranked, 37) == pytest.approx(top.sum() / y.sum())
    first, promised = y[np.argsort(-p)][:50].reshape(10, 5), np.sort(p)[::-1][:50].reshape(10, 5)
    assert metrics.ece_top(ranked) == pytest.approx(np.abs(first.mean(1) - promised.mean(1)).mean())
    assert metrics.observed_expected(ranked, 0.05) == pytest.approx(first.sum() / promised.sum())


@pytest.mark.parametrize(
    ("capacity", "rows", "expected"), [(0.005, 200, 1), (0.005, 201, 2), (0.07, 100, 7), (0.5, 3, 2), (0.1, 0, 0)]
)
def test_capacity_is_rounded_up_exactly(capacity, rows, expected):
    assert metrics.places(capacity, rows) == expected


def test_metrics_without_positives_are_not_defined():
    ranked = metrics.rank(np.zeros(5), np.arange(5.0), np.full(5, 0.1))
    assert math.isnan(metrics.auc(ranked))
    assert math.isnan(metrics.average_precision(ranked))
    assert math.isnan(metrics.recall_at(ranked, 2))


def test_intervals_resample_clusters_whole():
    rng = np.random.default_rng(3)
    truth = np.repeat((rng.random(60) < 0.3).astype(float), 10)
    p = np.clip(truth * 0.2 + rng.random(600) * 0.8, 0, 1)
    ranked = metrics.rank(truth, p, p)
    order = np.argsort(-p, kind="stable")
    alone = bootstrap(ranked, np.arange(600.0), {"m": lambda r: float(r.weight @ r.y / r.weight.sum())}, 300, 1)["m"]
    groups = np.repeat(np.arange(60.0), 10)[order]
    whole = bootstrap(ranked, groups, {"m": lambda r: float(r.weight @ r.y / r.weight.sum())}, 300, 1)["m"]
    # Ten copies of each answer: the honest interval is about sqrt(10) wider.
    assert 2 < (whole[1] - whole[0]) / (alone[1] - alone[0]) < 5
    assert whole[0] < truth.mean() < whole[1]
