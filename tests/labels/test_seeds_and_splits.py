from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny_linked import Tiny, day

from fraudnet.errors import ConfigurationError, TooFewLabelsError
from fraudnet.labels.seeds import seed_folds, seeds, without
from fraudnet.labels.splits import by_column, by_random, by_time, snapshots
from fraudnet.settings import Settings

NAMES = [f"account:x:{n}" for n in range(8)]


def found(world: Tiny) -> dict[str, tuple[float, str]]:
    linked = world.build(day(100))
    table = seeds(linked).join(linked.nodes.collect(), on="node")
    return {row["entity_id"]: (row["weight"], row["basis"]) for row in table.iter_rows(named=True)}


def test_only_independent_evidence_seeds():
    world = Tiny().add(*NAMES)
    world.decide(NAMES[0], "confirmed", day(1), role="controller")
    world.decide(NAMES[1], "confirmed", day(1), role="controller", basis="list_only")
    world.decide(NAMES[2], "confirmed", day(1), role="controller", basis="derived")
    world.decide(NAMES[3], "confirmed", day(1), role="victim")
    world.report(NAMES[4], day(1)).report(NAMES[5], day(1), reporter="police").report(NAMES[6], day(1), reporter="bank")
    world.decide(NAMES[7], "confirmed", day(1), role="controller", basis=None)
    assert found(world) == {
        NAMES[0]: (1.0, "police_file"),
        NAMES[4]: (0.5, "victim_report"),
        NAMES[5]: (0.5, "police_report"),
    }


def test_cleared_entities_are_no_seeds_even_when_reported():
    world = Tiny().add(*NAMES).report(NAMES[0], day(1)).decide(NAMES[0], "cleared", day(5))
    world.decide(NAMES[1], "confirmed", day(1), decided_by="bank", basis="own_documents").decide(
        NAMES[1], "cleared", day(5)
    )
    assert found(world) == {}


def test_one_row_per_seed_the_strongest():
    world = Tiny().add(*NAMES).report(NAMES[0], day(1)).report(NAMES[0], day(2)).decide(NAMES[0], "confirmed", day(3))
    assert found(world) == {NAMES[0]: (1.0, "police_file")}


def test_target_and_seeds_are_disjoint():
    from fraudnet.labels.population import population

    world = (
        Tiny().add(*NAMES).decide(NAMES[0], "confirmed", day(1), role="controller").decide(NAMES[1], "cleared", day(1))
    )
    linked = world.build(day(100))
    people, _ = population(linked, "account")
    confirmed = seeds(linked).filter(pl.col("weight") == 1.0)
    assert people.join(confirmed, on="node", how="semi").height == 0


def test_hidden_answers_leave_no_seed():
    world = Tiny().add(*NAMES)
    for name in NAMES[:4]:
        world.decide(name, "confirmed", day(1), role="controller")
    linked = world.build(day(100))
    left = without(seeds(linked), linked.nodes.collect(), pl.DataFrame({"entity_id": NAMES[:3]}))
    assert left.height == 1


@hypothesis_settings(deadline=None)
@given(st.integers(10, 60), st.integers(2, 6), st.randoms())
def test_seed_folds_are_stratified_and_free_of_row_order(n, k, random):
    rows = [{"entity_id": f"account:x:{i}", "y": int(i % 3 == 0)} for i in range(n)]
    folds = seed_folds(pl.DataFrame(rows), k, 7)
    random.shuffle(rows)
    assert seed_folds(pl.DataFrame(rows), k, 7).equals(folds)
    assert folds["part"].max() < k
    sizes = folds.join(pl.DataFrame(rows), on="entity_id").group_by("y", "part").agg(n=pl.len())
    for _, group in sizes.group_by("y"):
        assert group["n"].max() - group["n"].min() <= 1


def vietnam(year: int, month: int, dom: int = 1) -> datetime:
    return datetime(year, month, dom, tzinfo=UTC) - timedelta(hours=7)


def test_snapshots_of_a_year():
    got = snapshots(vietnam(2025, 1), vietnam(2026, 1), Settings())
    assert got.calibration == vietnam(2025, 10)
    assert got.training == tuple(vietnam(2025, month) for month in (4, 5, 6, 7))


@hypothesis_settings(deadline=None)
@given(st.integers(0, 900), st.integers(0, 900), st.integers(1, 8), st.integers(1, 120))
def test_snapshots_keep_their_distance(start, length, count, maturity):
    settings = Settings(snapshots=count, maturity_days=maturity)
    first, until = day(start), day(start + length)
    try:
        got = snapshots(first, until, settings)
    except TooFewLabelsError:
        assert length < 30 + 2 * maturity + 62
        return
    span = timedelta(days=maturity)
    assert got.calibration + span <= until
    assert all(t + span <= got.calibration for t in got.training)
    assert got.training[0] >= first + timedelta(days=30)
    assert 1 <= len(got.training) <= count
    assert all((a + timedelta(hours=7)).day == 1 and a < b for a, b in pairwise((*got.training, got.calibration)))
    # Nothing later would have done.
    assert got.calibration + timedelta(days=32) + span > until


def answers(n: int = 200) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "entity_id": [f"account:x:{i:03}" for i in range(n)],
            "y": [int(i % 10 == 0) for i in range(n)],
            "at": [day(i % 5) for i in range(n)],
        }
    )


def test_random_split_is_stratified_and_the_same_for_every_order():
    split = by_random(answers(), 3)
    counts = dict(split.filter(pl.col("y") == 1)["fold"].value_counts().iter_rows())
    assert counts == {"train": 12, "validation": 4, "test": 4}
    assert by_random(answers().sample(fraction=1, shuffle=True, seed=1), 3).equals(split)
    assert not by_random(answers(), 4).equals(split)


def test_time_split():
    split = by_time(answers(), day(3))
    expected = {0: "train", 1: "train", 2: "train", 3: "validation", 4: "test"}
    assert all(fold == expected[(at - day(0)).days] for at, fold in split.select("at", "fold").iter_rows())


def test_column_split_must_be_complete():
    with pytest.raises(ConfigurationError, match="3 of 3 labelled rows have no part"):
        by_column(answers(3).with_columns(fold=pl.lit(None, pl.String)))
    with pytest.raises(ConfigurationError, match="no row is in test"):
        by_column(answers(3).with_columns(fold=pl.lit("train")))
    assert by_column(by_random(answers(), 1)).height == 200
