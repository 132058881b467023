"""A world is neither solved by one column nor unlearnable; the figures of a large one are in docs/world.md."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from fraudnet.synthetic import hardness
from fraudnet.synthetic.examine import Examined, examine
from fraudnet.synthetic.world import WorldPlan, write_planned

PLAN = WorldPlan(people=1_500, months=5, share=0.06, seed=3)
MOMENT = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> Examined:
    folder = tmp_path_factory.mktemp("hard")
    world = write_planned(folder / "w", PLAN).folder
    return examine(world, (MOMENT,), folder / "cache")["account"].plain()


def test_no_column_and_no_small_tree_gives_fraud_away(rows):
    assert rows.y.sum() >= 20
    assert hardness.best_columns(rows)[0][1] < 0.35
    assert hardness.held_out(rows, hardness.shallow_tree).value < 0.5


def test_a_model_learns_something_and_not_everything(rows):
    found = hardness.held_out(rows, hardness.full_model)
    assert 0.05 < found.value < 0.95
    top = hardness.on_top(rows, found.score)
    assert top[rows.y > 0].mean() < 0.98


def test_rows_of_one_ring_are_never_split(rows):
    fold = hardness.folds(rows)
    for group in np.unique(rows.group[rows.y > 0]):
        assert len(np.unique(fold[rows.group == group])) == 1


def test_average_precision_is_that_of_half_a_percent():
    rng = np.random.default_rng(2)
    y = (rng.random(4_000) < 0.05).astype(float)
    score = rng.normal(size=4_000) + 1.5 * y
    weight = hardness.weights(y)
    assert weight[y > 0].sum() / weight.sum() == pytest.approx(0.005)
    assert hardness.precision_of(y, score) == pytest.approx(average_precision_score(y, score, sample_weight=weight))
