from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from fraudnet.contracts.features import Column
from fraudnet.errors import LeakError
from fraudnet.features.extras_account import made_of_transfers
from fraudnet.model.leak import find_leaks, guard

N = 2000
RNG = np.random.default_rng(0)
Y = (RNG.random(N) < 0.05).astype(np.int8)


def rules(**columns) -> dict[str, str]:
    return {leak.column: leak.rule for leak in find_leaks(pl.DataFrame(columns), Y)}


def test_filled_in_for_half_of_the_fraud_is_refused():
    half = Y.astype(bool) & (RNG.random(N) < 0.5)
    steps = [int(n) if told else None for told, n in zip(half, RNG.integers(0, 1000, N), strict=True)]
    assert rules(step=steps) == {"step": "presence"}
    assert rules(step=[s or -1 for s in steps]) == {"step": "presence"}


def test_missing_for_the_fraud_alone_is_refused():
    assert rules(phone=[None if y else f"p{n}" for n, y in enumerate(Y)]) == {"phone": "presence"}


def test_one_value_that_tells_is_refused():
    words = np.where(Y.astype(bool) & (RNG.random(N) < 0.6), "stopped", RNG.choice(["a", "b", "c", "d", "e", "f"], N))
    assert rules(state=words.tolist()) == {"state": "value"}


def test_a_column_that_ranks_alone_is_refused_either_way():
    score = Y + RNG.normal(0, 0.2, N)
    assert rules(up=score, down=-score) == {"up": "alone", "down": "alone"}


def test_honest_columns_pass():
    good = {
        "amount": RNG.lognormal(size=N) + Y,
        "channel": RNG.choice(["counter", "ekyc"], N).tolist(),
        "rare": [1 if n < 20 and y else 0 for n, y in enumerate(Y)],
        "opened": pl.Series(RNG.integers(0, 10**6, N)).cast(pl.Datetime("us", "UTC")),
        "tags": [["a"]] * N,
        "empty": [None] * N,
        "one": ["x"] * N,
    }
    assert rules(**good) == {}


def test_error_names_columns_rules_figures_and_the_way_out():
    frame = pl.DataFrame({"x_step": [1 if y else None for y in Y], "ok": RNG.random(N)})
    with pytest.raises(LeakError) as failure:
        guard(frame, Y)
    words = str(failure.value)
    assert "1 of 2 columns" in words
    assert "x_step: whether it is filled in tells the answer" in words
    assert "precision 1.000, 100% of positives" in words
    assert 'outcome = ["step"]' in words
    assert 'allow = { "step" =' in words


def test_what_the_transfers_of_an_account_sum_up_is_told_by_the_attribute_that_the_mapping_can_mark():
    given = (
        Column("in_x_is_fraud_mean", "", "extras_account"),
        Column("out_x_is_fraud_max", "", "extras_account"),
        Column("in_x_is_fraud_mean_of_payers", "", "neighbours_account"),
        Column("x_is_fraud", "", "extras_account"),
    )
    made_of = made_of_transfers(given)
    assert made_of == {"in_x_is_fraud_mean": "x_is_fraud", "out_x_is_fraud_max": "x_is_fraud"}
    frame = pl.DataFrame({name: np.where(RNG.random(N) < 0.5, Y, Y / 2) for name in made_of})
    with pytest.raises(LeakError) as failure:
        guard(frame, Y, made_of=made_of)
    words = str(failure.value)
    assert "in_x_is_fraud_mean, made of x_is_fraud of the transfers: " in words
    assert 'outcome = ["is_fraud"]' in words and 'allow = { "is_fraud" =' in words
    allowed = guard(frame, Y, allowed={"x_is_fraud": "the payer says so"}, made_of=made_of)
    assert [leak.reason for leak in allowed] == ["the payer says so"] * 2


def test_declared_outcomes_are_refused_and_allowed_columns_come_back_with_their_reason():
    frame = pl.DataFrame({"status": RNG.random(N), "step": [1 if y else None for y in Y]})
    with pytest.raises(LeakError, match="status: the mapping says that it is an outcome"):
        guard(frame, Y, ("status",))
    allowed = guard(frame, Y, (), {"step": "known at opening"})
    assert [(leak.column, leak.rule, leak.reason) for leak in allowed] == [("step", "presence", "known at opening")]


@pytest.mark.real_data
def test_refuses_exactly_the_leaks_of_the_public_sets(real_data):
    bank = pl.read_parquet(real_data / "amlsim" / "20K_cycle200_accounts.parquet")
    found = find_leaks(bank.drop("nodeid", "isFraud"), bank["isFraud"].to_numpy())
    assert [(leak.column, leak.rule) for leak in found] == [("fraudStep", "presence")]
    cards = pl.read_parquet(real_data / "handbook" / "handbook_raw_slim.parquet")
    found = find_leaks(cards.drop("TRANSACTION_ID", "TX_FRAUD"), cards["TX_FRAUD"].to_numpy())
    assert [leak.column for leak in found] == ["TX_FRAUD_SCENARIO"]
    sims = pl.read_parquet(real_data / "sichuan" / "sichuan_nodes.parquet")
    assert find_leaks(sims.drop("node_id", "label"), sims["label"].to_numpy()) == []
