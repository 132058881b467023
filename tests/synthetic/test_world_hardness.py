"""A world is neither solved by one column nor unlearnable; the figures of a large one are in docs/world.md."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from fraudnet.synthetic import hardness
from fraudnet.synthetic.examine import Examined, examine
from fraudnet.synthetic.world import WorldPlan, write_planned

# A small world of much fraud; its figures move with the seed, so the bounds are wider than those of docs/world.md. Without
# look-alikes and with groups that take no care the same figures are .25 to .27, .15, .05 to .12, .65 to .69 and .60 to .67.
PLAN = WorldPlan(people=800, months=4, share=0.08, seed=5)
MOMENT = datetime(2026, 2, 1, tzinfo=UTC)
BOUNDS = {
    "best_column": (0.02, 0.20), "shallow_tree": (0.0, 0.13), "rules": (0.0, 0.25), "model": (0.08, 0.50),
    "recall": (0.05, 0.55),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> Examined:
    folder = tmp_path_factory.mktemp("hard")
    world = write_planned(folder / "w", PLAN).folder
    return examine(world, (MOMENT,), folder / "cache", kinds=("account",))["account"].plain()


def test_a_small_world_is_neither_given_away_nor_unlearnable(rows):
    assert rows.y.sum() >= 40
    model = hardness.held_out(rows, hardness.full_model)
    found = {
        "best_column": hardness.best_columns(rows)[0][1],
        "shallow_tree": hardness.held_out(rows, hardness.shallow_tree).value,
        "rules": hardness.rules(rows).value,
        "model": model.value,
        "recall": float(hardness.on_top(rows, model.score)[rows.y > 0].mean()),
    }
    outside = {name: v for name, v in found.items() if not BOUNDS[name][0] <= v <= BOUNDS[name][1]}
    assert not outside


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
