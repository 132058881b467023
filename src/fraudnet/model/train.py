"""From matrix and labels to a calibrated model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from fraudnet.labels.draws import order_of
from fraudnet.model.booster import Booster, Floats
from fraudnet.model.calibrate import calibrate
from fraudnet.model.choose import choose, complete, default
from fraudnet.model.golden import shuffled
from fraudnet.model.matrix import Matrix
from fraudnet.model.metrics import best_threshold, rank
from fraudnet.model.reference import reference
from fraudnet.model.rows import Held, Part, Ready, held_out, ready
from fraudnet.model.trained import Model
from fraudnet.model.unlabelled import corrected
from fraudnet.settings import Settings

PARTS = 3


def fit(
    matrix: Matrix,
    answers: pl.DataFrame,
    settings: Settings,
    validation: Part | None = None,
    chosen: Mapping[str, Any] | None = None,
) -> Model:
    """Train, choose settings by average precision on the validation part, calibrate and set the threshold there.

    answers: contract Label at the snapshots of the matrix. chosen: the `params` of a model whose settings were already
    chosen; nothing is searched then. Without validation, or with fewer than 10 positives in it, training rows
    calibrate each other in three parts cut by cluster. Row order and thread count change no bit of the model.
    Raises TooFewLabelsError under `settings.min_positives`.
    """
    train = ready(matrix, answers, settings)
    held = held_out(validation, train.inputs)
    if held is not None and chosen is None:
        params, text = choose([(train, held)], settings.seed, settings.tune)
    else:
        params = complete(chosen or default(train), settings.seed, train.categorical)
        text = train.text(params)
    if settings.found_by_reviews < 1:
        text = corrected(train, params, settings.found_by_reviews).text(params)
    raw, y, weight = _judged(Booster(text), train, held, params)
    curve = calibrate(raw, y, weight)
    # Judged by the probabilities and not by the answers themselves: a few answers make a jagged curve to pick from.
    promised = curve(raw)
    threshold = best_threshold(rank(promised, raw, promised, weight))
    golden = shuffled(train.values, matrix.names, settings.seed)
    model = answered(Model(text, curve, train.inputs, params, threshold, golden))
    # The whole population of a snapshot, not the sample that was learned from.
    return model.with_facts(reference=reference(model, (validation.matrix if validation else matrix).frame))


def answered(model: Model) -> Model:
    """The model with its own answers beside its golden rows."""
    raw = model.raw(model.golden)
    golden = model.golden.with_columns(raw=pl.Series(raw), probability=pl.Series(model.probability(raw)))
    return replace(model, golden=golden)


def _judged(
    booster: Booster, train: Ready, held: Held | None, params: Mapping[str, Any]
) -> tuple[Floats, Floats, Floats]:
    """Raw scores of rows the booster did not learn from, their answers, and the weights that undo the sampling."""
    if held is not None:
        return booster.raw(held.values, threads=train.workers), held.y, np.ones(len(held.y))
    part = order_of(train.rows["cluster"].to_list(), "calibration").to_numpy() % PARTS
    raw = np.zeros(len(part))
    for number in range(PARTS):
        outside = part != number
        if train.y[outside].any() and not outside.all():
            raw[~outside] = Booster(train.text(params, outside)).raw(train.values[~outside], threads=train.workers)
    return raw, train.y, train.weight / train.rows["rate"].to_numpy()
