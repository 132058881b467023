"""Curves, breakdowns and what reviewed rows say about all rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, roc_curve

from fraudnet.model import curves
from fraudnet.model.metrics import rank, recall_at_false_positives
from fraudnet.model.selection import among_flagged, by_lot, selection, share
from fraudnet.model.slices import by, flagged


def world(seed: int, n: int = 4_000, lot: float = 0.05) -> pl.DataFrame:
    """Rows best first, with the truth; the suspicious are reviewed more often, and some by lot."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.04
    raw = rng.normal(size=n) + 2.0 * truth
    drawn = rng.random(n) < lot
    seen = drawn | (rng.random(n) < 1 / (1 + np.exp(2.5 - raw)))
    frame = pl.DataFrame({
        "truth": truth, "raw": raw, "probability": 1 / (1 + np.exp(4 - raw)), "reviewed": seen, "by_lot": drawn,
        "y": (truth & seen).astype(np.int8), "cluster": [f"c{i // 2}" for i in range(n)],
        "bank": [("a", "b", None)[i % 3] for i in range(n)], "traits": [[["x"], ["x", "y"], []][i % 3] for i in range(n)],
        "after_0": rng.integers(0, 1_000, n), "after_3": 10,
    })  # fmt: skip
    return flagged(frame.sort("raw", descending=True), 0.05)


def test_recall_at_a_share_of_false_positives_is_that_of_sklearn() -> None:
    rows = world(1)
    y, raw = rows["y"].to_numpy().astype(float), rows["raw"].to_numpy()
    false, true, _ = roc_curve(y, raw, drop_intermediate=False)
    for limit in (0.001, 0.01, 0.2, 1.0):
        assert recall_at_false_positives(rank(y, raw, raw), limit) == pytest.approx(true[false <= limit].max())


def test_the_curve_of_precision_gives_average_precision_back() -> None:
    rows = world(2, n=900)
    points = curves.precision_recall(rows)
    steps = np.diff([0.0, *(p["recall"] for p in points)]) @ np.array([p["precision"] for p in points])
    assert steps == pytest.approx(average_precision_score(rows["y"].to_numpy(), rows["raw"].to_numpy()))
    assert curves.precision_recall(rows.with_columns(y=pl.lit(0))) == []


def test_gains_end_with_everything_and_money_counts_the_guilty_alone() -> None:
    rows = world(3)
    told = curves.gains(rows, (0, 3))
    assert told[-1]["recall"] == 1.0 and told[-1]["lift"] == pytest.approx(1.0) and told[-1]["saved_0"] == 1.0
    first = next(one for one in told if one["share"] == 0.05)
    guilty = rows.filter(pl.col("y") == 1)
    saved = guilty.filter("flagged")["after_3"].sum() / guilty["after_0"].sum()
    assert first["saved_3"] == pytest.approx(saved) and first["found"] == guilty.filter("flagged").height
    assert [one["recall"] for one in told] == sorted(one["recall"] for one in told)


def test_reliability_looks_at_the_top_and_counts_every_row_of_it_once() -> None:
    told = curves.reliability(world(4))
    assert len(told) == 10 and sum(one["rows"] for one in told) == 200
    assert [one["promised"] for one in told] == sorted(one["promised"] for one in told)


def test_breakdowns_add_up_and_say_too_few() -> None:
    rows = world(5)
    banks = {one["name"]: one for one in by(rows, "bank", 50, 1)}
    assert set(banks) == {"a", "b", "unknown"}
    assert sum(one["entities"] for one in banks.values()) == rows.height
    assert sum(one["hits"] for one in banks.values()) == (rows["y"] * rows["flagged"]).sum()
    assert all(one["recall_low"] <= one["recall"] <= one["recall_high"] for one in banks.values())
    traits = {one["name"]: one for one in by(rows, "traits", 50, 1)}
    counts = rows["traits"].list.join("").value_counts()
    assert traits["y"]["entities"] == counts.filter(pl.col("traits") == "xy")["count"].item()
    assert traits["x"]["entities"] + traits["no typology"]["entities"] == rows.height
    few = by(rows.filter(pl.col("y") == 0).head(30), "bank", 50, 1)
    assert all(one["too_few"] and one["recall"] is None for one in few)


def test_the_random_audit_holds_the_truth_and_the_labels_alone_do_not() -> None:
    inside = 0
    for seed in range(40):
        rows = world(seed, n=2_000, lot=0.15)
        found = by_lot(rows)
        missed = rows.filter(pl.col("truth") & ~pl.col("flagged")).height
        inside += found.missed_low <= missed <= found.missed_high
        assert rows.filter(pl.col("y") == 1, ~pl.col("flagged")).height < missed  # reviews find only part of it
    assert inside >= 36


def test_shares_have_exact_intervals() -> None:
    for hits, n in ((0, 20), (3, 20), (20, 20)):
        exact = binomtest(hits, n).proportion_ci(0.95, "exact")
        found = share(np.array([1] * hits + [0] * (n - hits)))
        assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert share(np.array([])).value is None


def test_the_flagged_are_weighed_by_who_was_looked_at() -> None:
    inside, plain = 0, 0
    for seed in range(40):
        rows = flagged(world(seed, n=2_000, lot=0.15).drop("place", "flagged"), 0.2)
        truth = rows.filter("flagged")["truth"].mean()
        told = selection(rows)["among_flagged"]
        inside += told["low"] <= truth <= told["high"]
        plain += abs(told["value"] - truth) < abs(rows.filter("flagged", "reviewed")["y"].mean() - truth)
    assert inside >= 36 and plain >= 30


def test_without_an_audit_nothing_is_said_of_the_flagged_that_nobody_reviewed() -> None:
    pointed = {"how": "pointed at", "flagged": 10, "flagged_confirmed": 7}
    assert among_flagged([pointed]).value == 0.7
    alone = among_flagged([pointed, {"how": "never reviewed", "flagged": 10, "flagged_confirmed": 0}])
    assert alone.value is None and (alone.low, alone.high) == (7 / 20, 17 / 20)
    assert among_flagged([]).value is None


def test_reviewed_and_unreviewed_are_kept_apart() -> None:
    rows = world(6)
    told = {one["how"]: one for one in selection(rows)["groups"]}
    assert set(told) == {"by lot", "pointed at", "never reviewed"}
    assert told["never reviewed"]["confirmed"] == 0
    assert sum(one["entities"] for one in told.values()) == rows.height
