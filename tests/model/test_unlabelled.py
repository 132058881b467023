from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from toy import SETTINGS, joined, part

from fraudnet.model.rows import ready
from fraudnet.model.train import fit
from fraudnet.model.unlabelled import corrected

PARAMS = {"num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.1, "max_bin": 63, "rounds": 30, "seed": 1}


def half_found():
    """A training set of which half of the fraud was found."""
    whole = joined([part(n, n=1_500, share=0.05) for n in (0, 1)])
    hidden = np.random.default_rng(3).random(whole.answers.height) < 0.5
    answers = whole.answers.with_columns(
        y=pl.when(pl.Series(hidden)).then(0).otherwise("y").cast(pl.Int8),
        reviewed=pl.col("reviewed") & ~pl.Series(hidden),
    )
    return ready(whole.matrix, answers, SETTINGS), whole.answers


def test_hidden_fraud_gets_most_of_the_weight_and_nothing_is_lost() -> None:
    train, truth = half_found()
    found = corrected(train, PARAMS, 0.5)
    added = found.rows[len(train.y) :].select("entity_id", "at").with_columns(weight=found.weight[len(train.y) :])
    true = truth.filter(pl.col("y") == 1).select("entity_id", "at")
    right = added.join(true, on=["entity_id", "at"], how="semi", nulls_equal=True)["weight"].sum()
    assert right > 0.5 * added["weight"].sum()
    assert found.weight.sum() == pytest.approx(train.weight.sum())
    assert (found.weight >= 0).all() and len(found.values) == len(found.y) == found.rows.height


def test_training_believes_in_unlabelled_rows_when_it_is_told_to() -> None:
    whole = joined([part(n, n=1_500, share=0.05) for n in (0, 1)])
    usual = fit(whole.matrix, whole.answers, SETTINGS, part(5), PARAMS)
    told = fit(whole.matrix, whole.answers, SETTINGS.model_copy(update={"found_by_reviews": 0.5}), part(5), PARAMS)
    assert told.text != usual.text
    assert told.probability(told.raw(part(8).matrix.frame)).mean() < 0.2  # the curve still answers to the labels


def test_if_everything_is_found_nothing_changes_and_other_shares_are_refused() -> None:
    train, _ = half_found()
    same = corrected(train, PARAMS, 1.0)
    assert len(same.y) == len(train.y) and (same.weight == train.weight).all()
    for wrong in (0.0, 1.2, -1.0):
        with pytest.raises(ValueError, match="above 0"):
            corrected(train, PARAMS, wrong)
