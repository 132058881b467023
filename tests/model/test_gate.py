from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from scipy.stats import false_discovery_control
from toy_trial import toy_trial

from fraudnet.model.fallen import doubted, fallen, false_discoveries
from fraudnet.model.gate import FIRST, NOT_COMPARED, differences, groups, verdict
from fraudnet.model.metrics import average_precision, rank
from fraudnet.model.paired import BETTER, CANNOT_TELL, NOT_WORSE, WORSE, Difference, paired
from fraudnet.model.portable import save
from fraudnet.model.promise import promises
from fraudnet.settings import Settings

SETTINGS = Settings(threads=1, bootstrap=60, capacity=0.02)


def answers(positives: int, gain: float, rows_each: int = 60) -> Counter[str]:
    """What the gate answers on six trials; on one with many positives, where chance hardly matters."""
    trials = [toy_trial(positives, gain, seed, rows_each) for seed in range(6 if positives < 500 else 1)]
    return Counter(differences(one, SETTINGS)[0].answer(SETTINGS.gate_margin) for one in trials)


def test_thirty_positives_cannot_tell_equal_models_apart():
    assert answers(30, 0.0)[CANNOT_TELL] >= 5
    assert answers(30, 0.8) == {BETTER: 6}
    assert answers(30, -0.8) == {WORSE: 6}


def test_a_hundred_positives_tell_a_gain_from_none():
    assert answers(100, 0.0)[BETTER] == 0
    assert answers(100, 0.3) == {BETTER: 6}
    assert answers(100, -0.3) == {WORSE: 6}


def test_a_thousand_positives_tell_not_worse_from_better():
    assert answers(1_000, 0.0, 20) == {NOT_WORSE: 1}
    assert answers(1_000, 0.1, 20) == {BETTER: 1}
    assert answers(1_000, -0.1, 20)[WORSE] == 1


def test_fewer_than_twenty_positives_never_answer():
    gain = paired(toy_trial(19, 3.0), average_precision, 20, 1)
    assert gain.value > 0.1
    assert gain.answer(0.02) == CANNOT_TELL


def test_the_bootstrap_is_paired_and_the_interval_that_of_resampled_clusters():
    trial = toy_trial(60, 0.2)
    gain = paired(trial, average_precision, 40, 7)
    y, size = trial["y"].to_numpy().astype(float), int(trial["cluster"].max()) + 1
    rng, found = np.random.default_rng(7), []
    for _ in range(40):
        drawn = np.bincount(rng.integers(0, size, size), minlength=size)[trial["cluster"].to_numpy()].astype(float)
        both = (average_precision(rank(y, trial[m].to_numpy(), y, drawn)) for m in ("challenger", "champion"))
        found.append(next(both) - next(both))
    assert (gain.low, gain.high) == pytest.approx(tuple(np.quantile(found, (0.025, 0.975))))
    same = paired(trial.with_columns(challenger="champion"), average_precision, 20, 7)
    assert (same.low, same.high) == (0.0, 0.0)
    assert same.answer(0.02) == NOT_WORSE


def test_answers_at_the_bounds():
    asked = {(0.001, 0.1): BETTER, (-0.019, 0.1): NOT_WORSE, (-0.019, -0.001): NOT_WORSE}
    asked |= {(-0.021, 0.1): CANNOT_TELL, (-0.3, -0.001): WORSE, (float("nan"), 0.1): CANNOT_TELL}
    assert {ends: Difference(0.5, 0.5, *ends).answer(0.02) for ends in asked} == asked


def test_calibration_bounds_are_met_by_honest_probabilities_and_not_by_others():
    trial = toy_trial(400)
    assert [one.name for one in promises(trial, 60, 1) if not one.kept] == []
    p = pl.col("probability")
    wrong = {
        "observed / expected": trial.with_columns(p / 2),
        "observed / expected, top 2 %": trial.with_columns(p * 0 + 400 / trial.height),
        "calibration slope": trial.with_columns(probability=1 / (1 + (-2.0 * (p / (1 - p)).log() - 2.2).exp())),
        "calibration error, top 5 %": trial.with_columns(
            pl.when(p > 0.05).then((p * 1.6).clip(upper_bound=0.99)).otherwise(p)
        ),
    }
    for name, part in wrong.items():
        broken = {one.name for one in promises(part, 60, 1) if not one.kept}
        assert name in broken, name


def test_slope_is_that_of_scikit_learns_logistic_regression():
    from sklearn.linear_model import LogisticRegression

    trial = toy_trial(200)
    p = trial["probability"].to_numpy()
    found = next(one for one in promises(trial, 20, 1) if one.name == "calibration slope")
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(np.log(p / (1 - p))[:, None], trial["y"].to_numpy())
    assert found.value == pytest.approx(oracle.coef_[0, 0], rel=1e-4)


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    return save(trained, tmp_path_factory.mktemp("challenger") / "account-both")


def test_the_first_model_is_told_its_calibration_but_not_stopped_by_it(trained, folder):
    bad = toy_trial(400).with_columns(champion=pl.lit(None, pl.Float64), probability=pl.lit(0.9))
    first = verdict(folder, trained, bad, SETTINGS)
    assert first.answer == FIRST
    assert first.open
    assert "observed / expected" in {check.name for check in first.checks if not check.passed}
    assert verdict(folder, trained, bad, SETTINGS, "1").stopped_by[0] == "observed / expected"
    assert verdict(folder, trained, None, SETTINGS, "1").answer == NOT_COMPARED
    assert verdict(folder, trained, None, SETTINGS).open


def test_an_open_gate_asks_everything(trained, folder):
    found = verdict(folder, trained, toy_trial(400, 0.5), SETTINGS, "1")
    assert (found.answer, found.open, found.stopped_by) == (BETTER, True, ())
    assert {"size", "time for 10,000 rows", "average precision", "calibration slope", "precision by institution"} <= {
        check.name for check in found.checks
    }
    assert not verdict(folder, trained, toy_trial(400, 0.0), SETTINGS, "1").open


def test_a_large_or_slow_model_is_stopped(trained, folder, monkeypatch):
    monkeypatch.setattr("fraudnet.model.gate.MEGABYTES", 0.001)
    monkeypatch.setattr("fraudnet.model.gate.SECONDS", 0.0)
    stopped = verdict(folder, trained, None, SETTINGS).stopped_by
    assert stopped == ("size", "time for 10,000 rows")


def test_one_group_may_not_pay_for_the_gain_of_the_others():
    trial = toy_trial(400, 1.0, rows_each=20)
    spoiled = trial.with_columns(
        challenger=pl.when((pl.col("institution") == "970415") & (pl.col("y") == 0))
        .then(pl.col("challenger") + 2.6)
        .otherwise("challenger")
    )
    settings = SETTINGS.model_copy(update={"gate_group_reviewed": 50})
    fair, unfair = groups(trial, settings), groups(spoiled, settings)
    assert [check.passed for check in fair] == [True, True]
    assert (unfair[0].name, unfair[0].passed) == ("precision by institution", False)
    assert "970415" in unfair[0].found
    small = groups(spoiled, SETTINGS.model_copy(update={"gate_group_reviewed": 10_000}))
    assert {check.found for check in small} == {"no group is large enough to be judged"}


def test_who_falls_out_is_counted_by_trait_and_by_whose_labels():
    trial = toy_trial(300, 0.0, rows_each=20)
    theirs = (pl.col("institution") == "970418") & (pl.col("y") == 1) & pl.col("traits").list.contains("ring")
    ring = trial.with_columns(traits=pl.when(pl.int_range(pl.len()) < 60).then(pl.lit(["ring"])).otherwise("traits"))
    poisoned = ring.with_columns(
        y=pl.when(theirs).then(0).otherwise("y").cast(pl.Int8),
        challenger=pl.when(theirs).then(pl.col("challenger") - 4).otherwise("challenger"),
    )
    capacity = 0.05
    assert doubted(fallen(ring, capacity)) == []
    table = fallen(poisoned, capacity)
    assert doubted(table) == ["970418"]
    rows = {(row["by"], row["name"]): row for row in table.to_dicts()}
    top = poisoned.sort("champion", descending=True).head(300)
    low = poisoned.sort("challenger", descending=True).row(299, named=True)["challenger"]
    fell = top.filter(pl.col("challenger") < low)
    whose = rows["labels", "970418"]
    assert whose["top"] == top.filter(pl.col("whose") == "970418").height
    assert whose["fell"] == fell.filter(pl.col("whose") == "970418").height
    assert whose["cleared"] == fell.filter((pl.col("whose") == "970418") & (pl.col("y") == 0)).height
    assert rows["trait", "ring"]["top"] == top.filter(pl.col("traits").list.contains("ring")).height


def test_false_discoveries_are_scipys():
    p = np.array([0.01, 0.5, np.nan, 0.03, 0.03, 0.9])
    tested = p[~np.isnan(p)]
    assert false_discoveries(p)[~np.isnan(p)] == pytest.approx(false_discovery_control(tested))
    assert np.isnan(false_discoveries(p)[2])
    assert len(false_discoveries(np.array([]))) == 0
