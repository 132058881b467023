"""How the columns and scores of a population lay: kept with a model, so that a later population can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.model.trained import Model

BINS = 10
SCORE = "raw score"


@dataclass(frozen=True)
class Bins:
    """Upper edges of the bins of one column but the last, and how many rows lie in each, the unknown first."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def count(self, values: NDArray[np.floating[Any]]) -> tuple[int, ...]:
        """How many of other values lie in the same bins, the unknown (NaN) first."""
        known = values[~np.isnan(values)].astype(np.float32)
        place = np.searchsorted(np.array(self.edges, dtype=np.float32), known, side="left")
        inside = np.bincount(place, minlength=len(self.edges) + 1)
        return (len(values) - len(known), *map(int, inside))


def bins_of(values: NDArray[np.floating[Any]]) -> Bins:
    """Ten bins of equal size where the values allow it: equal values are never parted."""
    known = np.sort(values[~np.isnan(values)].astype(np.float32))
    places = np.arange(1, BINS) * len(known) // BINS
    edges = np.unique(known[places]) if len(known) else known
    ends = [0, *map(int, np.searchsorted(known, edges, side="right")), len(known)]
    inside = (end - begin for begin, end in pairwise(ends))
    return Bins(tuple(map(float, edges)), (len(values) - len(known), *inside))


def reference(model: Model, frame: pl.DataFrame) -> dict[str, Any]:
    """Bins of every column of a matrix frame and of the raw scores, as a plain value for the card."""
    columns = {name: bins_of(_values(frame, name)) for name in model.names}
    scores = bins_of(model.raw(frame.select(model.names)))
    told = {**columns, SCORE: scores}
    return {name: {"edges": list(one.edges), "counts": list(one.counts)} for name, one in told.items()}


def referred(told: Mapping[str, Any]) -> dict[str, Bins]:
    """Read what `reference` told; empty for a model from before it was kept."""
    return {name: Bins(tuple(one["edges"]), tuple(one["counts"])) for name, one in told.items()}


def counted(bins: Mapping[str, Bins], frame: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    """The rows of a frame in the same bins, by column; columns that the frame lacks are left out."""
    return {name: one.count(_values(frame, name)) for name, one in bins.items() if name in frame.columns}


def _values(frame: pl.DataFrame, name: str) -> NDArray[np.float64]:
    return frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
