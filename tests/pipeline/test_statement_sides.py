"""Lines of statements become transfers, each once, and nothing is guessed where two answers are possible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.pipeline.reading.statements import told_once

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
A, B, C = (f"account:{bank}:{number}" for bank, number in (("970436", "111"), ("970418", "222"), ("970407", "333")))


def table(name: str, rows: list[dict[str, Any]]) -> pl.LazyFrame:
    contract = RECORDS[name].columns()
    given_ = {"known_at": NOON, "currency": "VND"}
    filled = [{column: {**given_, **row}.get(column) for column in contract} for row in rows]
    schema = {column: one.dtype for column, one in contract.items()}
    return pl.DataFrame(filled, schema=schema, orient="row").lazy()


def line(own: str, change: int, seconds: int = 0, **more: Any) -> dict[str, Any]:
    return {"own": own, "at": NOON + timedelta(seconds=seconds), "amount": change, "source": own.split(":")[1], **more}


def once(lines: list[dict[str, Any]], transfers: list[dict[str, Any]] | None = None) -> tuple[list[Any], list[Any]]:
    numbered = [{**one, "row_id": f"s.csv#{place}"} for place, one in enumerate(lines, 1)]
    tables = {"statements": table("statements", numbered)}
    if transfers is not None:
        tables["transfers"] = table("transfers", transfers)
    found = told_once(Records(tables))
    moved = (
        found["transfers"].collect().sort("row_id").select("payer", "payee", "amount", "row_id", "other_row_id").rows()
    )
    return moved, found["events"].collect().sort("event_id").select("entity", "amount").rows()


def test_both_sides_are_one_transfer_that_keeps_both_rows() -> None:
    moved, half = once([line(A, -500, counterparty=B), line(B, 500, 4, counterparty=A)])
    assert moved == [(A, B, 500, "s.csv#1", "s.csv#2")] and half == []


def test_two_accounts_of_one_bank_are_two_sides_as_well() -> None:
    other = "account:970436:999"
    moved, _ = once([line(A, -500, counterparty=other), line(other, 500, 1, counterparty=A)])
    assert len(moved) == 1


def test_a_side_that_names_nobody_is_completed_by_the_one_that_mirrors_it() -> None:
    moved, half = once([line(A, -500, counterparty=B), line(B, 500, 4)])
    assert [row[:3] for row in moved] == [(A, B, 500)] and half == []
    moved, half = once([line(A, -500, rail_ref="N1"), line(B, 500, 3000, rail_ref="N1")])
    assert [row[:3] for row in moved] == [(A, B, 500)] and half == []


def test_what_could_be_either_of_two_stays_half_known() -> None:
    moved, half = once([line(A, -500), line(B, 500, 4), line(C, 500, 9)])
    assert moved == [] and half == [(A, -500), (B, 500), (C, 500)]


def test_a_number_without_its_bank_is_the_only_account_of_that_number() -> None:
    moved, _ = once([line(A, -500, counterparty_number="222"), line(B, 500, 3)])
    assert [row[:3] for row in moved] == [(A, B, 500)]


def test_a_line_that_tells_only_the_day_takes_the_time_of_the_other_side() -> None:
    day = datetime(2026, 3, 1, 17, tzinfo=UTC)  # midnight of the 2nd in Viet Nam
    moved, _ = once([{**line(A, -500, counterparty=B), "at": day}, line(B, 500, 4, counterparty=A)])
    assert len(moved) == 1 and moved[0][4] is not None


def test_a_table_of_transfers_that_tells_the_same_is_one_with_it() -> None:
    told = {
        "transfer_id": "T1",
        "payer": A,
        "payee": B,
        "amount": 500,
        "at": NOON + timedelta(seconds=20),
        "source": "napas",
        "row_id": "t.csv#1",
    }
    moved, _ = once([line(A, -500, counterparty=B), line(B, 500, 4, counterparty=A)], [told])
    assert len(moved) == 1
    named = {moved[0][3], *moved[0][4].split(" ")}
    assert "t.csv#1" in named and len(named) >= 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([A, B, C]), st.sampled_from([A, B, C]), st.integers(1, 4), st.integers(0, 5000)),
        max_size=12,
    ),
    st.randoms(),
)
def test_no_line_is_lost_and_order_does_not_matter(events: list[tuple[str, str, int, int]], rng: Any) -> None:
    lines = []
    for payer, payee, amount, second in events:
        if payer != payee:
            lines += [
                line(payer, -amount, second, counterparty=payee),
                line(payee, amount, second + 2, counterparty=payer),
            ]
    moved, half = once(lines)
    assert half == []
    assert sum(1 + len((row[4] or "").split()) for row in moved) == len(lines)
    rng.shuffle(lines)
    again, _ = once(lines)
    assert sorted(row[:3] for row in again) == sorted(row[:3] for row in moved)
