from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from toy_scores import AT, model, money, world

from fraudnet.contracts.results import Score
from fraudnet.errors import ModelMismatchError
from fraudnet.model.matrix import Matrix
from fraudnet.scoring.score import score, stands_alone

NAME = "fraudnet-account-both 3"


def scored(capacity: float = 0.021) -> pl.DataFrame:
    matrix, _, nodes, _ = world()
    return score(model(), matrix, nodes, money(nodes), capacity, NAME)


def test_every_row_is_scored_best_first_and_the_capacity_is_flagged():
    found = scored()
    assert Score.is_valid(found)
    assert found.height == 500
    assert found["position"].to_list() == list(range(1, 501))
    assert found["raw"].is_sorted(descending=True)
    assert found["flagged"].sum() == math.ceil(0.021 * 500) == 11
    assert found["flagged"][:11].all()
    assert found["as_of"].unique().to_list() == [AT]
    assert found["model"].unique().to_list() == [NAME]
    assert found["probability"].is_between(0, 1, closed="none").all()


def test_ties_go_to_money_at_risk_then_to_the_id():
    matrix, _, nodes, _ = world()
    same = pl.lit(0.5)
    flat = Matrix(matrix.frame.with_columns(same.alias(name) for name in matrix.names), matrix.columns)
    found = score(model(), flat, nodes, money(nodes), 0.1, NAME)
    assert found["raw"].n_unique() == 1
    expected = found.sort(["at_risk", "entity_id"], descending=[True, False])
    assert found["entity_id"].to_list() == expected["entity_id"].to_list()
    assert found["at_risk"][0] == 498_000
    assert found.filter(pl.col("number") == "00001")["at_risk"].to_list() == [0]


def test_order_of_rows_and_money_changes_nothing():
    matrix, _, nodes, _ = world()
    turned = Matrix(matrix.frame.sample(fraction=1, shuffle=True, seed=1), matrix.columns)
    mixed = nodes.sample(fraction=1, shuffle=True, seed=2)
    assert score(model(), turned, mixed, money(mixed), 0.021, NAME).equals(scored())


def test_nobody_to_score_gives_an_empty_table():
    matrix, _, nodes, _ = world()
    empty = Matrix(matrix.frame.clear(), matrix.columns)
    assert score(model(), empty, nodes, money(nodes), 0.1, NAME).height == 0


def test_other_features_are_refused():
    matrix, _, nodes, _ = world()
    with pytest.raises(ModelMismatchError, match="devices_count"):
        score(model(), Matrix(matrix.frame.drop("devices_count"), ()), nodes, money(nodes), 0.1, NAME)


def test_a_flag_stands_alone_when_it_holds_without_known_fraud():
    matrix, _, _, _ = world()
    found = scored()
    alone = stands_alone(model(), matrix, found)
    flagged = found.filter("flagged")
    assert alone["entity_id"].to_list() == flagged["entity_id"].to_list()
    lowest = flagged["raw"].min()
    frame = flagged.select("entity_id").join(matrix.frame, on="entity_id", maintain_order="left")
    blind = model().raw(frame.with_columns(seed_share_all=pl.lit(None, pl.Float64)))
    assert alone["stands_alone"].to_list() == (np.asarray(blind) >= lowest).tolist()
