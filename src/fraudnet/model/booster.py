"""The one door to LightGBM: numbers in, model text and raw scores out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Values = NDArray[np.float32]

FIXED: Mapping[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "feature_pre_filter": False,
    "verbosity": -1,
}


def lightgbm() -> Any:
    """LightGBM, told before it loads that idle threads shall sleep: spinning ones starve a shared machine."""
    os.environ["OMP_WAIT_POLICY"] = "passive"
    import lightgbm as library

    return library


def safe_names(names: tuple[str, ...]) -> list[str]:
    """Feature names that LightGBM's text format can hold, one per name and all different."""
    return [f"{place}_{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}" for place, name in enumerate(names)]


def train_text(
    values: Values, y: Floats, weight: Floats, params: Mapping[str, Any], names: tuple[str, ...], threads: int
) -> str:
    """Train one booster and return its text; `params` holds `rounds`, `seed` and may hold `categorical` positions.

    The first tree starts from even odds unless `params` says `boost_from_average`.
    """
    library = lightgbm()
    told = {k: v for k, v in params.items() if k not in ("rounds", "categorical")}
    told = {"boost_from_average": False, **told, **FIXED}
    told["num_threads"] = threads or (os.cpu_count() or 1)
    # On one thread both ways add the same numbers in the same order; by columns takes a fifth less time.
    told["force_col_wise" if threads == 1 else "force_row_wise"] = True
    data = library.Dataset(
        values,
        y,
        weight=weight,
        feature_name=safe_names(names),
        categorical_feature=list(params.get("categorical", ())),
        params=told,
    )
    text: str = library.train(told, data, int(params["rounds"])).model_to_string(num_iteration=-1)
    # Neither threads nor the way to add up can change a tree, and they must not change the bytes.
    for name, said in {"num_threads": 0, "force_col_wise": 0, "force_row_wise": 1}.items():
        text = re.sub(rf"\[{name}: \d+\]", f"[{name}: {said}]", text)
    return text


class Booster:
    """A booster read from its text."""

    def __init__(self, text: str) -> None:
        self._booster = lightgbm().Booster(model_str=text)

    def raw(self, values: Values, *, rounds: int = -1, threads: int = 0) -> Floats:
        """Raw scores (log-odds before calibration), one per row."""
        scores = self._booster.predict(values, raw_score=True, num_iteration=rounds, num_threads=threads)
        return np.asarray(scores, dtype=np.float64)

    def contributions(self, values: Values, *, threads: int = 0) -> Floats:
        """What each feature adds to each row's raw score, the base value last: they sum to the raw score."""
        return np.asarray(self._booster.predict(values, pred_contrib=True, num_threads=threads), dtype=np.float64)

    def text(self, rounds: int) -> str:
        """The text of the first trees alone."""
        return str(self._booster.model_to_string(num_iteration=rounds))

    def gains(self) -> Floats:
        """How much each feature helped in training."""
        return np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)
