"""T21: what evading costs the list, per budget; and no pattern that shows can be used to hide."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from toy import COLUMNS, SETTINGS, joined, part

from fraudnet.contracts.features import Column
from fraudnet.model.matrix import Matrix
from fraudnet.model.metrics import rank, recall_at
from fraudnet.model.rows import Part
from fraudnet.model.train import fit
from fraudnet.model.trained import Model

# Structuring, splitting and ageing change what somebody does himself; not who paid him, nor what is known around him.
OWN = ("in_amount_1d", "in_amount_7d", "in_amount_30d")
RISING = tuple(Column(f"{name}_strength", name, "typologies", 0.0, 1.0, rising=True) for name in ("ring", "farm"))
BUDGETS = (0.0, 0.25, 0.5, 1.0)


def shown(one: Part, seed: int) -> Part:
    """The rows with two patterns that show on most of the guilty and on few others."""
    rng = np.random.default_rng(seed)
    y = one.answers.sort("entity_id")["y"].to_numpy()
    frame = one.matrix.frame.sort("entity_id")
    for column in RISING:
        seen = rng.random(len(y)) < np.where(y == 1, 0.7, 0.05)
        frame = frame.with_columns(pl.Series(column.name, np.where(seen, rng.uniform(0.3, 1.0, len(y)), 0.0)))
    return Part(Matrix(frame, (*COLUMNS, *RISING)), one.answers)


@cache
def model() -> Model:
    whole = joined([shown(part(n, n=1_500, share=0.05), n) for n in (0, 1)])
    return fit(whole.matrix, whole.answers, SETTINGS, shown(part(5, n=1_500, share=0.05), 5))


def recall(budget: float) -> float:
    """Recall at capacity when a share of the guilty puts on the own columns of honest rows."""
    test = shown(part(8, n=2_000, share=0.05), 8)
    rows = test.rows()
    guilty = np.flatnonzero(rows["y"].to_numpy() == 1)
    honest = np.flatnonzero(rows["y"].to_numpy() == 0)
    evading = guilty[: round(budget * len(guilty))]
    worn = np.arange(rows.height)
    worn[evading] = honest[: len(evading)]
    frame = rows.select(test.matrix.names).with_columns(pl.col(name).gather(worn) for name in OWN)
    raw = model().raw(frame, threads=1)
    return recall_at(rank(rows["y"].to_numpy().astype(float), raw, raw), SETTINGS.capacity * rows.height)


def test_recall_lost_is_told_per_budget_and_never_more_than_those_who_evade(record_property) -> None:
    told = {budget: recall(budget) for budget in BUDGETS}
    lost = ", ".join(f"{told[0.0] - value:.2f} when {budget:.0%} hide" for budget, value in told.items() if budget)
    record_property("T21", f"features of honest rows put on: recall {told[0.0]:.2f}, less {lost}")
    assert told[0.0] > 0.9
    assert list(told.values()) == sorted(told.values(), reverse=True)
    assert all(told[0.0] - value <= budget + 0.02 for budget, value in told.items())
    assert told[1.0] >= 0.4  # what others know about them still finds many


def test_more_of_any_listed_column_never_lowers_a_score(record_property) -> None:
    test = shown(part(9, n=600), 9)
    frame = test.rows().select(test.matrix.names)
    held = [one.name for one in model().inputs if one.column.rising]
    assert held == [column.name for column in RISING]
    record_property("T21", f"monotone constraints hold for {len(held)} of {len(RISING)} listed columns")
    for name in held:
        raised = [
            model().raw(frame.with_columns(pl.lit(value).alias(name)), threads=1) for value in (0.0, 0.4, 0.7, 1.0)
        ]
        assert all((np.diff(raised, axis=0) >= -1e-9).ravel()), name
