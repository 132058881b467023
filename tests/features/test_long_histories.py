"""What is looked at in parts where a history is long, against the same at once."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import polars as pl
import pytest
from keyed import ago, linked, rows

from fraudnet.contracts.graph import Seed
from fraudnet.features import histories, known_fraud, sim_life
from fraudnet.features.compute import feature_table
from fraudnet.features.histories import side
from fraudnet.graph import ties

N = 7
PEOPLE = [{"valid_from": ago(60 * 24 * 300)} for _ in range(N)]


def moved(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Transfers and cash of a few accounts, the last of which has cash alone."""
    chance = random.Random(seed)
    transfers = [
        {
            "transfer_id": f"t{i}",
            "payer": (payer := chance.randrange(N - 1)),
            "payee": (payer + chance.randrange(1, N - 1)) % (N - 1),
            "at": ago(chance.choice([chance.randrange(90), chance.randrange(200 * 1440)])),
            "amount": chance.randrange(1, 5) * 1_000,
        }
        for i in range(60)
    ]
    cash = [
        {
            "cash_id": f"{i}",
            "entity": i,
            "at": ago(i * 30),
            "amount": (-1) ** i * 500,
            "place": "m",
            "place_kind": "atm",
        }
        for i in range(N)
    ]
    return {"transfers": transfers, "cash": cash}


@pytest.mark.parametrize("seed", range(3))
def test_lives_of_some_accounts_at_a_time_are_those_of_all(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = rows("tempo", PEOPLE, **moved(seed))
    monkeypatch.setattr(histories, "PART", 9)
    assert rows("tempo", PEOPLE, **moved(seed)) == at_once


@pytest.mark.parametrize("seed", range(3))
def test_life_after_known_fraud_in_parts_is_that_at_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"node": pl.Int64, "weight": pl.Float64, "basis": pl.String, "known_at": pl.Datetime("us", "UTC")}
    seeds = pl.DataFrame([(1, 0.5, "victim_report", None), (4, 0.5, "victim_report", None)], schema=kinds, orient="row")
    graph = linked(PEOPLE, **moved(seed))
    at_once = feature_table(graph, "account", seeds, ("known_fraud",)).frame
    assert at_once["after_paid_in_amount_all"].max() > 0
    monkeypatch.setattr(known_fraud, "PART", 9)
    assert feature_table(graph, "account", seeds, ("known_fraud",)).frame.equals(at_once)


def test_days_of_use_of_some_numbers_at_a_time_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [
        {"call_id": f"{i}", "caller": i % N, "callee": (i * i + 1) % N, "kind": "voice", "at": ago(i * 700)}
        for i in range(40)
    ]
    sims = [{"kind": "sim", "valid_from": ago(60 * 24 * 300)} for _ in range(N)]
    graph, nothing = linked(sims, calls=calls), Seed.create_empty()
    at_once = feature_table(graph, "sim", nothing, ("sim_life",)).frame
    assert at_once["sim_active_days_all"].min() > 3
    monkeypatch.setattr(sim_life, "PART", 9)
    assert feature_table(graph, "sim", nothing, ("sim_life",)).frame.equals(at_once)


@pytest.mark.parametrize("seed", range(3))
def test_links_made_in_parts_are_those_made_at_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = pl.DataFrame(moved(seed)["transfers"]).lazy()
    at_once = ties.money(paid)
    monkeypatch.setattr(ties, "PART", 7)
    some = ties.by_source(paid, "payer")
    assert len(some) > 3
    assert pl.concat([ties.money(part) for part in some]).equals(at_once)


@pytest.mark.parametrize("seed", range(3))
def test_movements_lie_by_node_and_moment_whatever_the_order_of_rows(seed: int) -> None:
    chance = np.random.default_rng(seed)
    node = chance.integers(0, 9, 400)
    table = pl.DataFrame(
        {
            "node": pl.Series(node, dtype=pl.Int32).set(pl.Series(node == 8), None),  # nobody's rows are left out
            "other": pl.Series(chance.integers(0, 5, 400), dtype=pl.Int32),
            "at": chance.permutation(400),
            "amount": chance.integers(1, 9, 400),
        }
    )
    found = side(table, 8)
    ordered = table.drop_nulls("node").sort("node", "at")
    for name, values in (("other", found.other), ("at", found.at), ("amount", found.amount)):
        assert values.tolist() == ordered[name].to_list()
    assert np.diff(found.start).tolist() == [ordered.filter(pl.col("node") == a).height for a in range(8)]
    middle = found.between(2, 5)
    assert middle.at.tolist() == ordered.filter(pl.col("node").is_between(2, 4))["at"].to_list()
    assert middle.start[0] == 0 and len(middle.start) == 4
