"""A trained model: what it reads, how it scores, what is known about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.errors import ModelMismatchError
from fraudnet.model.booster import Booster, Floats, Ints, Values
from fraudnet.model.calibrate import Calibration
from fraudnet.model.matrix import KEYS, NEAR, Rows, numbers
from fraudnet.model.thresholds import Promises


@dataclass(frozen=True)
class Input:
    """One feature of a model and the range that training saw; both ends are null where training saw no value."""

    column: Column
    low: float | None
    high: float | None

    @property
    def name(self) -> str:
        """The feature's name."""
        return self.column.name

    @property
    def range(self) -> tuple[float, float]:
        """What training saw; everything, where it did not see any or the feature grows by itself."""
        if self.column.growing or self.low is None or self.high is None:
            return -math.inf, math.inf
        return self.low, self.high


@dataclass(frozen=True)
class Sight:
    """Rows as a model sees them: the raw score of each, and of how many each feature lies outside its range."""

    raw: Floats
    beyond: Ints


@dataclass(frozen=True)
class Model:
    """A booster, its calibration, and everything its card says.

    text: LightGBM's own text. inputs: the features in order. params: the chosen settings. threshold: probability that
    gave the best macro F1 on validation. golden: rows made of shuffled training values, with the raw score and
    probability they must give. facts: what the card adds (name, view, digests, metrics, limits). promises: from which
    raw score on a list keeps which precision.
    """

    text: str
    calibration: Calibration
    inputs: tuple[Input, ...]
    params: Mapping[str, Any]
    threshold: float
    golden: pl.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    promises: Promises = field(default_factory=Promises)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The feature names, in order."""
        return tuple(part.name for part in self.inputs)

    @property
    def name(self) -> str:
        """`fraudnet-<kind>-<view>`, or `unnamed` before the model was named."""
        return str(self.facts.get("name", "unnamed"))

    @cached_property
    def booster(self) -> Booster:
        """The booster, read once."""
        return Booster(self.text)

    def with_facts(self, **facts: Any) -> Model:
        """The same model, knowing more about itself."""
        return replace(self, facts={**self.facts, **facts})

    def values(self, frame: pl.DataFrame) -> Values:
        """The numbers the booster reads: columns that grow by themselves are capped at the training maximum.

        Raises ModelMismatchError when the features differ in name, order or type.
        """
        refuse_differences(self.names, frame)
        return capped(numbers(frame, self.names), self.inputs)

    def raw(self, frame: pl.DataFrame, *, threads: int = 0) -> Floats:
        """Raw scores of the rows of a matrix frame; their order is the order of the list."""
        values = self.values(frame)
        return self.booster.raw(values, threads=threads) if len(values) else np.zeros(0)

    def raw_of(self, rows: Rows) -> Floats:
        """As `raw`, of rows that may lie on disk."""
        return self.sight_of(rows).raw

    def sight_of(self, rows: Rows) -> Sight:
        """Raw scores, and what lies outside of what training saw, in one pass over rows that may lie on disk.

        Raises as `values` does.
        """
        refuse_differences(self.names, pl.DataFrame(schema=dict.fromkeys(rows.names, pl.Float64)))
        found, beyond = [np.zeros(0)], np.zeros(len(self.inputs), np.int64)
        for values in rows.blocks():
            beyond += self.outside(values)
            found.append(self.booster.raw(capped(values, self.inputs, values)))
        return Sight(np.concatenate(found), beyond)

    def outside(self, values: Values) -> Ints:
        """Of how many rows each feature lies outside its range; unknown values never do."""
        low, high = np.array([part.range for part in self.inputs], dtype=np.float32).reshape(-1, 2).T
        beyond = np.zeros(len(self.inputs), dtype=np.int64)
        for at in range(0, len(values), NEAR):
            block = values[at : at + NEAR]
            beyond += ((block < low) | (block > high)).sum(axis=0)
        return beyond

    def probability(self, raw: Floats) -> Floats:
        """Calibrated probabilities of raw scores, never 0 or 1."""
        return self.calibration(raw)


def capped(values: Values, inputs: tuple[Input, ...], room: Values | None = None) -> Values:
    """Columns that grow by themselves, cut off at the maximum that training saw; room: where the result may be put."""
    caps = {place: part.high for place, part in enumerate(inputs) if part.column.growing and part.high is not None}
    if not caps:
        return values
    most = np.full(values.shape[1], np.inf, dtype=np.float32)
    most[list(caps)] = list(caps.values())
    return np.minimum(values, most, out=room)  # row by row as they lie in memory; what is unknown stays so


def refuse_differences(expected: tuple[str, ...], frame: pl.DataFrame) -> None:
    """Raise ModelMismatchError when a frame's features are not the expected ones, in order, all of them numbers."""
    offered = tuple(name for name in frame.columns if name not in KEYS)
    types = frame.schema  # asked once: it is built anew each time
    texts = [name for name in offered if not (types[name].is_numeric() or types[name] == pl.Boolean)]
    missing = [name for name in expected if name not in offered]
    strange = [name for name in offered if name not in expected]
    moved = [mine for mine, theirs in zip(expected, offered, strict=False) if mine != theirs]
    for problem, names in (
        ("are missing", missing),
        ("are not known to the model", strange),
        ("are not numbers", texts),
        ("stand in another order", moved),
    ):
        if names:
            raise ModelMismatchError(
                "features: {count} of {columns} {problem}: {names}; expected the names, order and types of "
                "the model's card; score with the version that trained it, or train again",
                count=len(names),
                columns=len(expected),
                problem=problem,
                names=", ".join(names[:5]),
            )
