"""Receipts from known fraud and life after having paid it, by hand; never its own."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyed import ago, linked

from fraudnet.features.compute import feature_table

N = 6
PEOPLE = [{"valid_from": ago(1440 * 400)} for _ in range(N)]
DAY = 1440


def seeds(*nodes: int) -> pl.DataFrame:
    kinds = {"node": pl.Int64, "weight": pl.Float64, "basis": pl.String, "known_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame([(n, 0.5, "victim_report", None) for n in nodes], schema=kinds, orient="row")


def paid(i: int, payer: int, payee: int, minutes: float, amount: int) -> dict[str, Any]:
    return {"transfer_id": f"t{i}", "payer": payer, "payee": payee, "at": ago(minutes), "amount": amount}


def found(moves: list[dict[str, Any]], *known: int) -> list[dict[str, Any]]:
    return feature_table(linked(PEOPLE, transfers=moves), "account", seeds(*known), ("known_fraud",)).frame.rows(
        named=True
    )


def test_receipts_and_fresh_money() -> None:
    moves = [
        paid(0, 1, 5, 3_000, 900),  # victim to known fraud 5
        paid(1, 5, 0, 2_900, 600),  # covered by it
        paid(2, 5, 0, 2_800, 950),  # more than had come
        paid(3, 4, 0, 2_700, 100),
        paid(4, 4, 0, 2_600, 100),
        paid(5, 5, 0, DAY * 95, 100),  # too old
    ]
    mine = found(moves, 5)[0]
    assert (mine["fraud_receipts_90d"], mine["fraud_payers_90d"]) == (2, 1)
    assert mine["fraud_in_share_90d"] == pytest.approx(2 / 4)
    assert (mine["fraud_passed_count_90d"], mine["fraud_passed_max_amount_90d"]) == (1, 600)
    assert mine["fraud_passed_max_ratio_90d"] == pytest.approx(600 / 350)
    assert found(moves)[0]["fraud_receipts_90d"] == 0


def test_life_after_the_first_payment_to_known_fraud() -> None:
    moves = [
        paid(0, 2, 0, DAY * 30, 50),  # an old payer
        paid(1, 0, 5, DAY * 20, 700),
        paid(2, 0, 5, DAY * 19, 300),
        paid(3, 1, 0, DAY * 10, 400),
        paid(4, 2, 0, DAY * 9, 100),
        paid(5, 0, 3, DAY * 8, 100),
    ]
    mine = found(moves, 5)[0]
    assert mine["fraud_paid_amount_all"] == 1_000
    assert mine["fraud_paid_days"] == pytest.approx(20)
    assert mine["after_paid_in_amount_all"] == 500
    assert mine["after_paid_new_payers_all"] == 1
    assert mine["after_paid_out_ratio_all"] == pytest.approx(400 / 500)
    other = found(moves, 5)[2]
    assert (other["fraud_paid_amount_all"], other["fraud_paid_days"]) == (0, None)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, N - 1), st.integers(0, N - 1), st.integers(1, 95 * DAY), st.integers(1, 9)),
        min_size=1, max_size=30,
    ),
    st.sets(st.integers(0, N - 1), max_size=4),
)  # fmt: skip
def test_its_own_seed_changes_nothing_of_an_account(rows: list[tuple[int, ...]], known: set[int]) -> None:
    moves = [paid(i, *row) for i, row in enumerate(rows)]
    for node in range(N):
        without, with_own = found(moves, *(known - {node})), found(moves, *(known | {node}))
        assert without[node] == with_own[node]
