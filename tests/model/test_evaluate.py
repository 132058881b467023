from __future__ import annotations

import polars as pl
import pytest
from sklearn.metrics import average_precision_score
from toy import SETTINGS, joined, part

from fraudnet.model.evaluate import ALL, UNSEEN, evaluate
from fraudnet.model.plots import plots
from fraudnet.model.rows import Part


def test_figures_lie_in_their_intervals_and_match_sklearn(trained):
    test = part(8)
    found = evaluate(trained, test, SETTINGS)
    row = found.figures.filter((pl.col("rows") == ALL) & (pl.col("metric") == "average_precision")).row(0, named=True)
    expected = average_precision_score(test.rows()["y"].to_numpy(), trained.raw(test.matrix.frame))
    assert row["value"] == pytest.approx(expected)
    assert row["low"] <= row["value"] <= row["high"]
    assert found.figures["metric"].n_unique() == 12
    assert found.flat()["auc"] > 0.95
    assert "entity_id" not in found.scored.columns


def test_second_table_leaves_out_clusters_of_training(trained):
    test = part(8)
    known = joined([part(0)]).answers.filter(pl.col("cluster") < "account:bank:001")
    found = evaluate(trained, test, SETTINGS, known)
    counts = dict(found.counts.select("rows", "entities").iter_rows())
    assert counts[ALL] == 600
    assert counts[UNSEEN] == test.answers.filter(~pl.col("cluster").is_in(known["cluster"].unique().to_list())).height
    assert 0 < counts[UNSEEN] < 600


def test_few_positives_are_marked(trained):
    found = evaluate(trained, part(8, n=60), SETTINGS)
    assert found.figures["too_few"].all()


def test_flagging_a_victim_is_a_wrong_flag_with_its_own_count(trained):
    test = part(8)
    plain = evaluate(trained, test, SETTINGS)
    best = test.answers.with_columns(raw=trained.raw(test.matrix.frame)).sort("raw", descending=True)["entity_id"][0]
    victim = pl.col("entity_id") == best
    turned = test.answers.with_columns(
        spared=victim, y=pl.when(victim).then(0).otherwise("y").cast(pl.Int8), reviewed=pl.lit(value=True)
    )
    found = evaluate(trained, Part(test.matrix, turned), SETTINGS)
    assert found.counts.filter(pl.col("rows") == ALL).select("spared", "spared_flagged", "flagged").row(0) == (1, 1, 30)
    assert found.flat()["precision_at_capacity"] == pytest.approx(plain.flat()["precision_at_capacity"] - 1 / 30)


def test_the_same_evaluation_twice_is_the_same(trained):
    test = part(8)
    turned = Part(test.matrix, test.answers.sample(fraction=1, shuffle=True, seed=2))
    assert evaluate(trained, test, SETTINGS).figures.equals(evaluate(trained, turned, SETTINGS).figures)


def test_pictures_are_drawn_and_equal_each_time(trained, tmp_path):
    scored = evaluate(trained, part(8), SETTINGS).scored
    first = plots(trained, scored, tmp_path / "a")
    second = plots(trained, scored, tmp_path / "b")
    assert [path.name for path in first] == ["precision_recall.svg", "reliability.svg", "importance.svg"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
        assert one.stat().st_size > 4000
