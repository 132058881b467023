"""T22: what a list shows tells nobody who of its honest entries the model was trained on."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score
from toy import SETTINGS, joined, part

from fraudnet.contracts.results import ListEntry
from fraudnet.model.train import fit
from fraudnet.pipeline.training.promising import promising
from fraudnet.scoring.grades import band_of

SHADOWS, TARGETS, LISTED = 5, 5, 0.05
HONEST = pl.col("y") == 0


@cache
def leaked(seed: int) -> dict[str, float]:
    """How well each thing that a list shows tells members from strangers among its honest entries, as an AUC."""
    train = joined([part(n, n=2_000, share=0.02, seed=seed) for n in (0, 1)])
    held = part(5, n=2_000, share=0.02, seed=seed)
    model = fit(train.matrix, train.answers, SETTINGS, held)
    model = promising(model, held, pl.Series([], dtype=pl.String), SETTINGS)
    sides = [train.rows().filter(HONEST), part(30, n=4_000, share=0.02, seed=seed + 100).rows().filter(HONEST)]
    raw = np.concatenate([model.raw(side.select(train.matrix.names)) for side in sides])
    member = np.repeat([1, 0], [side.height for side in sides])
    top = np.argsort(-raw, kind="stable")[: int(LISTED * len(raw))]
    frame = pl.DataFrame({"raw": raw[top]})
    shown = {
        "probability": np.round(model.probability(raw[top]), 3),
        "band": frame.select(band_of(pl.col("raw"), model.promises).to_physical()).to_series().to_numpy(),
    }
    return {name: float(roc_auc_score(member[top], values)) for name, values in shown.items()}


def test_a_shadow_model_learns_nothing_from_lists(record_property) -> None:
    for what in ("probability", "band"):
        shadows = np.mean([leaked(seed)[what] for seed in range(SHADOWS)])
        targets = np.mean([leaked(seed)[what] for seed in range(SHADOWS, SHADOWS + TARGETS)])
        attack = targets if shadows >= 0.5 else 1 - targets  # the attacker learns the direction on models of his own
        record_property("T22", f"AUC of the attack on {what}: {attack:.3f}")
        assert attack <= 0.55, (what, shadows, targets)


def test_no_list_carries_a_raw_score() -> None:
    assert not {"raw", "contribution", "at_risk"} & set(ListEntry.column_names())
    assert "band" in ListEntry.column_names()
