from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from toy import COLUMNS, SETTINGS, joined, part

from fraudnet.errors import ModelMismatchError, TooFewLabelsError
from fraudnet.model.booster import Booster
from fraudnet.model.matrix import Matrix, blank, build, stack
from fraudnet.model.ranges import outside
from fraudnet.model.rows import Part
from fraudnet.model.sampling import sample
from fraudnet.model.train import fit
from fraudnet.settings import Settings


def test_learns_a_strong_signal_and_keeps_its_promise(trained):
    test = part(8)
    rows = test.rows()
    raw = trained.raw(test.matrix.frame, threads=1)
    assert roc_auc_score(rows["y"].to_numpy(), raw) > 0.95
    assert trained.probability(raw).mean() == pytest.approx(0.1, abs=0.03)


def test_row_order_and_threads_change_no_bit(trained):
    train = joined([part(1), part(0)])
    turned = Part(train.matrix, train.answers.sample(fraction=1, shuffle=True, seed=3))
    moved = turned.matrix.frame.sample(fraction=1, shuffle=True, seed=5)
    again = fit(type(train.matrix)(moved, COLUMNS), turned.answers, SETTINGS.model_copy(update={"threads": 2}), part(5))
    assert again.text == trained.text
    assert again.calibration == trained.calibration
    assert again.golden.equals(trained.golden)
    assert "[num_threads: 0]" in again.text


def test_chosen_settings_are_reused_without_a_search(trained):
    train = joined([part(0), part(1)])
    again = fit(train.matrix, train.answers, SETTINGS, part(5), trained.params)
    assert again.params == trained.params
    assert np.array_equal(again.raw(train.matrix.frame), trained.raw(train.matrix.frame))


def test_thirty_positives_give_a_sensible_model_without_validation():
    few = part(0, n=3000, share=0.01)
    model = fit(few.matrix, few.answers, SETTINGS)
    fresh = part(3, n=3000, share=0.01)
    raw = model.raw(fresh.matrix.frame)
    assert roc_auc_score(fresh.rows()["y"].to_numpy(), raw) > 0.9
    # Negatives were sampled, the probabilities speak of the whole population.
    assert model.probability(raw).mean() == pytest.approx(0.01, abs=0.008)


def test_too_few_positives_are_refused():
    with pytest.raises(TooFewLabelsError, match="10 positives among"):
        fit(part(0, n=100).matrix, part(0, n=100).answers, Settings(threads=1))


def test_unknown_features_and_other_orders_are_refused_by_name(trained):
    frame = part(0).matrix.frame
    for wrong, words in (
        (frame.drop("noise_2"), "1 of 10 are missing: noise_2"),
        (frame.with_columns(more=pl.lit(1.0)), "not known to the model: more"),
        (frame.with_columns(noise_1=pl.lit("x")), "are not numbers: noise_1"),
        (frame.select("entity_id", "at", *reversed(trained.names)), "stand in another order: in_amount_1d"),
    ):
        with pytest.raises(ModelMismatchError, match=words):
            trained.raw(wrong)


def test_growing_columns_are_capped_at_the_training_maximum(trained):
    frame = part(0).matrix.frame
    older = frame.with_columns(pl.col("age_days") + 1e6)
    highest = next(p.high for p in trained.inputs if p.name == "age_days")
    capped = frame.with_columns(age_days=pl.lit(highest))
    assert np.array_equal(trained.raw(older), trained.raw(capped))
    assert outside(trained, older, SETTINGS) == ()


def test_ranges_warn_then_refuse(trained):
    frame = part(0, n=1000).matrix.frame
    odd = pl.int_range(pl.len())
    some = frame.with_columns(noise_3=pl.when(odd < 50).then(1e9).otherwise("noise_3"))
    warned = outside(trained, some, SETTINGS)
    assert [(w.feature, round(w.share, 2)) for w in warned] == [("noise_3", 0.05)]
    many = frame.with_columns(noise_3=pl.when(odd < 300).then(-1e9).otherwise("noise_3"))
    with pytest.raises(ModelMismatchError, match=r"noise_3 \(30% of the rows\)"):
        outside(trained, many, SETTINGS)


def test_contributions_sum_to_the_raw_score(trained):
    frame = part(2, n=50).matrix.frame
    parts = trained.booster.contributions(trained.values(frame))
    assert np.allclose(parts.sum(axis=1), trained.raw(frame))


def test_the_model_can_do_without_known_fraud(trained):
    matrix = part(8).matrix
    without = blank(matrix, ("seed_share",))
    assert without.frame["seed_share"].null_count() == 600
    assert roc_auc_score(part(8).rows()["y"].to_numpy(), trained.raw(without.frame)) > 0.85


def test_truncated_text_is_a_shorter_training(trained):
    values = trained.values(part(2).matrix.frame)
    short = Booster(trained.booster.text(20))
    assert np.array_equal(short.raw(values), trained.booster.raw(values, rounds=20))


def test_matrix_puts_hits_beside_features():
    features = pl.DataFrame({"node": [3, 1], "money": [1, None]})
    hits = pl.DataFrame({"node": [1], "typology": ["ring"], "strength": [0.7], "alike_strength": [0.2]})
    nodes = pl.DataFrame({"node": [1, 3], "entity_id": ["account:a", "account:b"]})
    got = build(features, COLUMNS[:0], hits, nodes, part(0).answers["at"][0], ("ring", "mill"))
    assert got.names == ("ring_strength", "ring_alike", "mill_strength", "mill_alike")
    assert got.frame.drop("at").rows() == [("account:a", 0.7, 0.2, 0.0, 0.0), ("account:b", 0.0, 0.0, 0.0, 0.0)]
    assert all(column.description for column in got.columns)


def test_snapshots_with_other_features_do_not_stack():
    one, two = part(0).matrix, part(1).matrix
    with pytest.raises(ModelMismatchError, match="noise_3"):
        stack([one, type(two)(two.frame.drop("noise_3"), tuple(c for c in COLUMNS if c.name != "noise_3"))])


def test_features_of_the_drawn_rows_alone_give_the_same_model():
    whole = joined([part(n, share=0.02, n=1_500) for n in (0, 1)])
    settings = SETTINGS.model_copy(update={"negatives_per_positive": 5})
    drawn = sample(whole.answers, 5).select("entity_id", "at")
    kept = whole.matrix.frame.join(drawn, on=["entity_id", "at"], how="semi", nulls_equal=True, maintain_order="left")
    assert kept.height < whole.answers.height / 2
    full = fit(whole.matrix, whole.answers, settings, part(8, n=1_500))
    assert fit(Matrix(kept, whole.matrix.columns), whole.answers, settings, part(8, n=1_500)).text == full.text
