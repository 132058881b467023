from __future__ import annotations

import polars as pl
import pytest
from toy import joined, part

from fraudnet.model.sampling import sample


def test_every_decided_answer_and_a_fixed_draw_of_the_others():
    told = part(0, n=4000, share=0.01).answers
    kept = sample(told, 20)
    assert kept["y"].sum() == told["y"].sum() == 40
    negatives = kept.filter(pl.col("y") == 0)
    assert negatives.height == pytest.approx(800, rel=0.1)
    assert negatives["rate"].unique().to_list() == [pytest.approx(800 / 3960)]
    assert (1 / negatives["rate"]).sum() == pytest.approx(3960, rel=0.1)


def test_draw_does_not_depend_on_the_order_of_the_rows():
    told = part(0, n=2000, share=0.01).answers
    other = sample(told.sample(fraction=1, shuffle=True, seed=4), 10)
    assert other.sort("entity_id").equals(sample(told, 10).sort("entity_id"))


def test_draw_differs_between_snapshots():
    first, second = (set(sample(part(at, n=2000, share=0.01).answers, 10)["entity_id"]) for at in (0, 1))
    assert len(first & second) < 0.5 * len(first)


def test_an_entity_weighs_one_over_its_snapshots():
    kept = sample(joined([part(0), part(1)]).answers, 20)
    assert kept.group_by("entity_id").agg(pl.col("weight").sum())["weight"].to_list() == pytest.approx(
        [1.0] * kept["entity_id"].n_unique()
    )


def test_spared_never_train_and_reviewed_negatives_always_do():
    told = part(0, n=2000, share=0.01).answers.with_columns(
        spared=pl.col("entity_id").str.ends_with("1"),
        reviewed=pl.col("entity_id").str.ends_with("2") | (pl.col("y") == 1),
    )
    kept = sample(told, 1)
    assert not kept["spared"].any()
    assert kept.filter(pl.col("entity_id").str.ends_with("2")).height == 200
