"""Answers and features met, as the numbers a booster learns from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.errors import TooFewLabelsError
from fraudnet.labels.draws import order_of
from fraudnet.model.booster import Floats, Values
from fraudnet.model.matrix import KEYS, Matrix, numbers
from fraudnet.model.propensity import review_weights
from fraudnet.model.sampling import WHOLE, row_names, sample
from fraudnet.model.trained import Input, capped
from fraudnet.settings import Settings

if TYPE_CHECKING:
    from fraudnet.model.estimator import FraudClassifier

BLANKED = 0.10
# Fewer positives on the validation side can neither choose settings nor place a curve.
FEWEST_HELD = 10
# On fewer rows threads wait for each other longer than they work.
SHARED_FROM = 100_000


@dataclass(frozen=True)
class Part:
    """Rows of a matrix and the answers to them (contract Label), met by entity_id and snapshot."""

    matrix: Matrix
    answers: pl.DataFrame

    def rows(self) -> pl.DataFrame:
        """Answers and features side by side, sorted by entity and snapshot; rows that lack either are left out."""
        return self.answers.join(self.matrix.frame, on=list(KEYS), how="inner", nulls_equal=True).sort(KEYS)


@dataclass(frozen=True)
class Ready:
    """Training rows as numbers, sorted by entity and snapshot."""

    rows: pl.DataFrame
    values: Values
    y: Floats
    weight: Floats
    inputs: tuple[Input, ...]
    threads: int

    @property
    def positives(self) -> int:
        """How many positives there are to learn from."""
        return int(self.y.sum())

    @property
    def categorical(self) -> list[int]:
        """The places of the columns that hold category codes."""
        return [place for place, part in enumerate(self.inputs) if part.column.categories]

    @property
    def workers(self) -> int:
        """How many threads are worth using on these rows; 0 means all cores."""
        return self.threads if len(self.y) >= SHARED_FROM else 1

    @property
    def rising(self) -> list[int]:
        """The places of the columns of which more may only raise suspicion."""
        return [place for place, part in enumerate(self.inputs) if part.column.rising]

    def learner(self, params: Mapping[str, Any]) -> FraudClassifier:
        """The estimator for these rows: it knows the names of the columns and which may only raise suspicion."""
        from fraudnet.model.estimator import classifier  # it loads scikit-learn, which scoring does without

        return classifier(params, [part.name for part in self.inputs], self.rising, self.workers)

    def text(self, params: Mapping[str, Any], keep: NDArray[np.bool_] | None = None) -> str:
        """Train a booster on the rows (or on those to `keep`) and return its text."""
        chosen = slice(None) if keep is None else keep
        text: str = self.learner(params).fit(self.values[chosen], self.y[chosen], self.weight[chosen]).text_
        return text


@dataclass(frozen=True)
class Held:
    """Rows a booster did not learn from: their numbers and answers."""

    values: Values
    y: Floats


def ready(matrix: Matrix, answers: pl.DataFrame, settings: Settings) -> Ready:
    """Sample, meet, sort and blank the training rows. Raises TooFewLabelsError under `settings.min_positives`."""
    rows = Part(matrix, sample(answers, settings.negatives_per_positive)).rows()
    positives = int(rows["y"].sum())
    if positives < settings.min_positives:
        raise TooFewLabelsError(
            "training: {positives} positives among {rows:,} labelled rows; expected at least {least}; "
            "bring more decisions, or wait until they have matured",
            positives=positives,
            rows=rows.height,
            least=settings.min_positives,
        )
    values = numbers(rows, matrix.names)
    inputs = ranges(matrix, values)
    # A model that sometimes has to do without known fraud can say later whether a flag stands without it.
    blanked = np.flatnonzero(order_of(row_names(rows), "blank").to_numpy() < BLANKED * WHOLE)
    for place, column in enumerate(matrix.columns):
        if column.seed_built:
            values[blanked, place] = np.nan
    y, weight = rows["y"].to_numpy().astype(np.float64), rows["weight"].to_numpy()
    if settings.weigh_reviews:
        weight = weight * review_weights(rows)
    return Ready(rows, values, y, weight, inputs, settings.threads)


def held_out(validation: Part | None, inputs: tuple[Input, ...]) -> Held | None:
    """The validation rows as numbers, the spared left out; none when fewer than 10 positives are among them."""
    if validation is None:
        return None
    rows = validation.rows().filter(~pl.col("spared"))
    if rows["y"].sum() < FEWEST_HELD:
        return None
    values = capped(numbers(rows, tuple(part.name for part in inputs)), inputs)
    return Held(values, rows["y"].to_numpy().astype(np.float64))


def ranges(matrix: Matrix, values: Values) -> tuple[Input, ...]:
    """What training saw of each column."""
    known = ~np.isnan(values)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    return tuple(
        Input(column, float(low[i]), float(high[i])) if known[:, i].any() else Input(column, None, None)
        for i, column in enumerate(matrix.columns)
    )
