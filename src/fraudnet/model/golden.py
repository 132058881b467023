"""Rows that a model must always answer alike, wherever it is loaded."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.errors import ModelMismatchError
from fraudnet.model.booster import Floats, Values

ROWS = 64
SCORES = ("raw", "probability")
TOLERANCE = 1e-12


def shuffled(values: Values, names: tuple[str, ...], seed: int) -> pl.DataFrame:
    """Rows whose every column is drawn from the training values by itself: plausible, and nobody's."""
    rng = np.random.default_rng(seed)
    picked = rng.integers(0, len(values), (ROWS, len(names)))
    mixed = np.take_along_axis(values, picked, axis=0).astype(np.float64)
    return pl.DataFrame({name: mixed[:, place] for place, name in enumerate(names)}).fill_nan(None)


def differing(golden: pl.DataFrame, raw: Floats, probability: Floats) -> int:
    """How many golden rows were answered differently."""
    off = np.abs(golden["raw"].to_numpy() - raw) + np.abs(golden["probability"].to_numpy() - probability)
    return int((~(off <= TOLERANCE)).sum())


def refuse_other_answers(where: str, golden: pl.DataFrame, raw: Floats, probability: Floats) -> None:
    """Raise ModelMismatchError when a loaded model does not give the answers it gave when it was trained."""
    wrong = differing(golden, raw, probability)
    if wrong:
        raise ModelMismatchError(
            "{where}: {wrong} of {rows} golden rows get another score than at training; expected equal "
            "to {most:g}; the model's parts do not belong together or LightGBM differs: train or export "
            "it again",
            where=where,
            wrong=wrong,
            rows=golden.height,
            most=TOLERANCE,
        )
