from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from fraudnet.model.calibrate import Calibration, calibrate

SCORED = st.lists(st.tuples(st.floats(-20, 20), st.integers(0, 1)), min_size=5, max_size=80)


def drawn(n: int, seed: int, a: float = 1.0, shift: float = 0.0):
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2, 2, n)
    truth = 1 / (1 + np.exp(-(a * raw + shift)))
    return raw, (rng.random(n) < truth).astype(float), truth


@settings(max_examples=30, deadline=None)
@given(SCORED)
def test_curve_rises_and_never_promises_certainty(rows):
    raw, y = np.array(rows, dtype=float).T
    curve = calibrate(raw, y)
    p = curve(np.linspace(-60, 60, 400))
    assert (np.diff(p) >= -1e-12).all()
    least = 1 / (len(rows) + 2)
    assert p.min() >= least
    assert p.max() <= 1 - least
    assert curve.a >= 0
    assert curve.b >= 0


@pytest.mark.parametrize(("a", "shift"), [(1.0, 0.0), (0.4, -1.0), (2.0, 1.5)])
def test_beta_recovers_a_distorted_score(a, shift):
    raw, y, truth = drawn(20_000, 5, a, shift)
    raw, y, truth = raw[:6000], y[:6000], truth[:6000]
    keep = np.cumsum(y) < 990
    curve = calibrate(raw[keep], y[keep])
    assert curve.method == "beta"
    assert np.abs(curve(raw) - truth).mean() < 0.02


def test_isotonic_only_with_a_thousand_positives():
    raw, y, truth = drawn(12_000, 7)
    few = np.cumsum(y) <= 999
    assert calibrate(raw[few], y[few]).method == "beta"
    curve = calibrate(raw, y)
    assert curve.method == "isotonic"
    expected = IsotonicRegression(out_of_bounds="clip").fit(raw, y).predict(raw)
    least = 1 / (len(raw) + 2)
    assert np.allclose(curve(raw), np.clip(expected, least, 1 - least))
    assert np.abs(curve(raw) - truth).mean() < 0.03


def test_weights_undo_the_sampling_of_negatives():
    raw, y, truth = drawn(40_000, 9, shift=-3)
    kept = (y == 1) | (np.random.default_rng(1).random(len(y)) < 0.1)
    weight = np.where(y == 1, 1.0, 10.0)[kept]
    few = np.cumsum(y[kept]) < 990
    curve = calibrate(raw[kept][few], y[kept][few], weight[few])
    assert curve(raw).mean() == pytest.approx(truth.mean(), rel=0.15)


@pytest.mark.parametrize("n", [500, 12_000])
def test_json_keeps_the_curve_exactly(n):
    raw, y, _ = drawn(n, 11)
    curve = calibrate(raw, y)
    assert Calibration.from_json(json.loads(json.dumps(curve.as_json()))) == curve


def test_a_score_that_says_nothing_promises_the_base_rate():
    y = (np.arange(1000) % 50 == 0).astype(float)
    raw = np.random.default_rng(2).normal(size=1000)
    assert calibrate(-np.abs(raw) * 0, y)(np.zeros(1))[0] == pytest.approx(0.02, abs=0.003)
