from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.contracts.progress import silent
from fraudnet.synthetic import clock, planting
from fraudnet.synthetic.comebacks import REST_DAYS
from fraudnet.synthetic.logs import ACCOUNT
from fraudnet.synthetic.stage import Stage
from fraudnet.synthetic.truth import truth_of
from fraudnet.synthetic.world import WorldPlan, _settled
from fraudnet.typologies import typologies

NAMES = ("pass_through", "fan_in_collector", "call_centre")


@pytest.fixture(scope="module")
def stage() -> Stage:
    made = _settled(WorldPlan(people=3_000, months=12, seed=4))
    planting.plant_all(made, [t for t in typologies() if t.name in NAMES], (0.04, "a"), silent)
    return made


@pytest.fixture(scope="module")
def rings(stage) -> pl.DataFrame:
    """One row for each time a ring was at work."""
    marks = stage.logs.marks
    frame = pl.DataFrame({name: marks[name] for name in ("ring", "role", "kind", "entity", "begins", "ends")})
    guilty = [code for code, role in enumerate(stage.words.roles) if role in FRAUD_ROLES]
    head = stage.words.roles.index("controller")
    at_work = frame.filter(pl.col("role").is_in(guilty)).group_by("ring", "begins", maintain_order=True)
    return at_work.agg(
        pl.col("ends").max(), kind=pl.col("kind").first(),
        head=pl.col("entity").filter(pl.col("role") == head).first(),
        mules=pl.col("entity").filter(pl.col("role") != head),
    )  # fmt: skip


def test_some_rings_come_back_under_the_same_head_with_other_accounts_after_a_rest(rings):
    twice = rings.filter(pl.col("kind") == ACCOUNT).sort("begins").filter(pl.len().over("ring") > 1)
    assert twice.height >= 4
    for _, waves in twice.group_by("ring"):
        assert waves.height == 2
        assert waves["head"].n_unique() == 1
        assert not set(waves["mules"][0]) & set(waves["mules"][1])
        assert waves["begins"][1] - waves["ends"][0] >= REST_DAYS * clock.DAY
    assert rings["ring"].n_unique() > rings.height / 2


def test_the_truth_of_a_head_spans_both_times(stage, rings):
    truth = truth_of(stage)
    for _, waves in rings.filter(pl.col("kind") == ACCOUNT).filter(pl.len().over("ring") > 1).group_by("ring"):
        row = np.flatnonzero((truth.kind == ACCOUNT) & (truth.entity == waves["head"][0]))
        assert truth.ends[row][0] == min(waves["ends"].max(), stage.end_us)


def test_rings_burn_accounts_and_sims_after_their_last_day_only(stage, rings):
    closed, ended = stage.held.accounts["closed"], stage.held.sims["ended"]
    burnt = 0
    for ring, begins, ends, kind, _, mules in rings.iter_rows():
        at = (closed if kind == ACCOUNT else ended)[mules]
        assert not ((at > begins) & (at < ends)).any(), ring
        burnt += int((at > ends).sum())
    assert 0.1 < burnt / rings["mules"].list.len().sum() < 0.4
