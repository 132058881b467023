"""From a raw score to a probability that is neither 0 nor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ISOTONIC_FROM = 1_000


@dataclass(frozen=True)
class Calibration:
    """A rising curve from raw score to probability, clipped to [1 / (n + 2), 1 - 1 / (n + 2)].

    `method` beta: log-odds = a ln(s) - b ln(1 - s) + c with s the logistic of the raw score and a, b >= 0
    (Kull, Silva Filho and Flach 2017). `method` isotonic: straight lines between `knots` (raw score, probability).
    """

    method: str
    n: int
    a: float = 1.0
    b: float = 1.0
    c: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()

    def __call__(self, raw: Floats) -> Floats:
        """The probability of each raw score."""
        if self.method == "isotonic":
            at, p = np.array(self.knots).T
            found = np.interp(raw, at, p)
        else:
            found = _logistic(self.a * _log_s(raw) - self.b * _log_s(-raw) + self.c)
        least = 1.0 / (self.n + 2)
        return np.asarray(np.clip(found, least, 1.0 - least), dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """A plain value that `from_json` reads back exactly."""
        told: dict[str, Any] = {"method": self.method, "n": self.n}
        if self.method == "isotonic":
            return told | {"knots": [list(knot) for knot in self.knots]}
        return told | {"a": self.a, "b": self.b, "c": self.c}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Calibration:
        """Read what `as_json` wrote."""
        return Calibration(**{**value, "knots": tuple((x, p) for x, p in value.get("knots", ()))})


def calibrate(raw: Floats, y: Floats, weight: Floats | None = None) -> Calibration:
    """Fit the curve on scores the model was not trained on.

    weight undoes the sampling of negatives. Isotonic only with at least 1,000 positives: with fewer it ties scores and
    jumps. Outcomes are drawn in a little, as if one more of each kind had been seen (Platt 1999), so that a handful of
    clean positives does not promise certainty.
    """
    given = np.ones_like(raw) if weight is None else weight
    if y.sum() >= ISOTONIC_FROM:
        return _isotonic(raw, y, given)
    a, b, c = _beta(raw, y, given)
    return Calibration("beta", len(raw), a, b, c)


def _beta(raw: Floats, y: Floats, weight: Floats) -> tuple[float, float, float]:
    from scipy.optimize import minimize

    design = np.column_stack([_log_s(raw), -_log_s(-raw), np.ones_like(raw)])
    positives, negatives = float(weight @ y), float(weight @ (1 - y))
    target = np.where(y > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(theta: Floats) -> tuple[float, Floats]:
        odds = design @ theta
        off = weight * (_logistic(odds) - target)
        return float(weight @ (np.logaddexp(0, odds) - target * odds)) / weight.sum(), design.T @ off / weight.sum()

    start = np.array([1.0, 1.0, np.log((positives + 1) / (negatives + 1))])
    bounds = [(0.0, 50.0), (0.0, 50.0), (-100.0, 100.0)]
    options = {"ftol": 1e-14, "gtol": 1e-10, "maxiter": 1_000}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return tuple(float(part) for part in found.x)  # type: ignore[return-value]  # three parameters in, three out


def _isotonic(raw: Floats, y: Floats, weight: Floats) -> Calibration:
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(out_of_bounds="clip").fit(raw, y, sample_weight=weight)
    knots = tuple((float(x), float(p)) for x, p in zip(curve.X_thresholds_, curve.y_thresholds_, strict=True))
    return Calibration("isotonic", len(raw), knots=knots)


def _log_s(raw: Floats) -> Floats:
    return -np.logaddexp(0.0, -raw)


def _logistic(odds: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -odds))
