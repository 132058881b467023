"""What a model's lists promise, and what became of promises on later rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from fraudnet.model.booster import Floats
from fraudnet.model.metrics import places
from fraudnet.model.rows import Part
from fraudnet.model.thresholds import MOVED, REACH, found_later, keeping, moved, promised
from fraudnet.model.trained import Model
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.settings import Settings

LATER = "promises_later"


def promising(model: Model, held: Part, by_lot: pl.Series, settings: Settings) -> Model:
    """The model with the promises that its calibration rows support; victims on a list count as wrong flags there.

    held: rows that the model did not learn from; by_lot: entity ids that were reviewed by lot.
    """
    y, raw, who = judged(model, held)
    reach = REACH * places(settings.capacity, len(y))
    audited = who.is_in(by_lot.implode()).to_numpy()
    return replace(model, promises=promised(y, raw, audited, reach))


def judged(model: Model, part: Part) -> tuple[Floats, Floats, pl.Series]:
    """Answers, raw scores and entity ids of the rows of a part."""
    rows = part.rows()
    raw = model.raw(rows.select(part.matrix.names)) if rows.height else np.zeros(0)
    return rows["y"].to_numpy().astype(np.float64), raw, rows["entity_id"]


def base(part: Part) -> tuple[int, int]:
    """How many positives there are among how many rows."""
    return int(part.answers["y"].sum()), part.answers.height


def later(model: Model, before: tuple[int, int], scored: pl.DataFrame) -> tuple[Model, dict[str, Any]]:
    """What became of the promises on a later test, and the model without them where the base rates differ.

    before: positives and rows of the calibration. scored: y and raw of the test, as it was measured. The figures:
    found (per level), calibration and test (positives and rows of each), moved.
    """
    y, raw = (scored[name].cast(pl.Float64).to_numpy() for name in ("y", "raw"))
    after = (int(y.sum()), len(y))
    differ = moved(before, after)
    kept = replace(model, promises=model.promises.abstaining(MOVED)) if differ else model
    found = found_later(kept.promises, y, raw)
    return kept, {"found": found, "calibration": before, "test": after, "moved": differ}


def followed(kept: Outcome, measured: Outcome) -> Outcome:
    """The outcome to keep, with what became of the same recipe's promises when it was measured.

    Where the base rate moved between that calibration and that test, the kept model promises nothing either.
    """
    seen = measured.facts.get(LATER)
    if seen is None or kept.model is None:
        return kept
    model = kept.model
    if any(fold["moved"] for fold in seen):
        model = replace(model, promises=model.promises.abstaining(MOVED))
    return replace(kept, model=model, facts={**kept.facts, LATER: seen})


def sentence(folds: Sequence[dict[str, Any]]) -> str:
    """How often the promises were kept, in words."""
    if all(fold["moved"] for fold in folds):
        return "no promise: base rates of calibration and test differ"
    told = [
        f"{row['level']:.0%}: kept in {row['kept']} of {row['promised']}"
        for row in keeping([fold["found"] for fold in folds])
        if row["promised"]
    ]
    return "promised precision, " + ("; ".join(told) if told else "none: no list shows 20 % with 90 % confidence")
