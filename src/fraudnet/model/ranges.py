"""Whether the rows to be scored look like the rows a model was trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from fraudnet.errors import ModelMismatchError
from fraudnet.model.matrix import Rows
from fraudnet.model.trained import Input, Model
from fraudnet.settings import Settings

WARN = 0.01
BLOCK = 1 << 12  # rows that are looked at together, row by row as they lie in memory


@dataclass(frozen=True)
class Outside:
    """A feature of which more than 1 % of the rows lie outside the range that training saw."""

    feature: str
    share: float


def outside(model: Model, rows: pl.DataFrame | Rows, settings: Settings) -> tuple[Outside, ...]:
    """The features to warn about, the worst first; those that grow by themselves are capped and never counted.

    Raises ModelMismatchError when a share is above `settings.outside_refuse`. Unknown values are not outside.
    """
    found = sorted(_shares(model, rows), key=lambda part: (-part.share, part.feature))
    refused = [part for part in found if part.share > settings.outside_refuse]
    if refused:
        named = ", ".join(f"{part.feature} ({part.share:.0%} of the rows)" for part in refused[:5])
        raise ModelMismatchError(
            "features: {count} lie outside the ranges of {name}: {named}; expected at most {most:.0%}; "
            "check units and mapping of the drop, or train on newer data",
            count=len(refused),
            name=model.name,
            named=named,
            most=settings.outside_refuse,
        )
    return tuple(found)


def _shares(model: Model, rows: pl.DataFrame | Rows) -> list[Outside]:
    values = model.values(rows) if isinstance(rows, pl.DataFrame) else model.numbers_of(rows)
    if not len(values):
        return []
    low, high = np.array([_range(part) for part in model.inputs], dtype=np.float32).T
    beyond = np.zeros(len(model.inputs), dtype=np.int64)
    for at in range(0, len(values), BLOCK):
        block = values[at : at + BLOCK]
        beyond += ((block < low) | (block > high)).sum(axis=0)
    shares = beyond / len(values)
    return [Outside(part.name, float(share)) for part, share in zip(model.inputs, shares, strict=True) if share > WARN]


def _range(part: Input) -> tuple[float, float]:
    """What training saw of a feature; everything, where it did not see any or the feature grows by itself."""
    if part.column.growing or part.low is None or part.high is None:
        return -math.inf, math.inf
    return part.low, part.high
