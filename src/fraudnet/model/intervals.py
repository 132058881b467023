"""Intervals of 95 % that know that members of one cluster are no independent witnesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from fraudnet.model.metrics import Floats, Ranked


def bootstrap(
    rows: Ranked, clusters: Floats, metrics: Mapping[str, Callable[[Ranked], float]], resamples: int, seed: int
) -> dict[str, tuple[float, float]]:
    """Percentile intervals (2.5 %, 97.5 %) of every metric over resamples of whole clusters.

    clusters: the dense cluster number of every row, in ranked order. Resamples on which a metric is not defined are
    left out of it; both ends are NaN where none is.
    """
    rng = np.random.default_rng(seed)
    groups = clusters.astype(np.int64)
    size = int(groups.max()) + 1 if len(groups) else 0
    found: dict[str, list[float]] = {name: [] for name in metrics}
    for _ in range(resamples if size else 0):
        drawn = np.bincount(rng.integers(0, size, size), minlength=size)
        resample = rows.weighing(rows.weight * drawn[groups])
        for name, metric in metrics.items():
            found[name].append(metric(resample))
    return {name: _ends(np.array(values)) for name, values in found.items()}


def _ends(values: Floats) -> tuple[float, float]:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, (0.025, 0.975))
    return float(low), float(high)
