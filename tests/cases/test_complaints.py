"""Which payment a complaint means: two victims are two, one told twice is one."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import START, name, records

from fraudnet.cases.complaints import candidates, chosen, complaints
from fraudnet.cases.ledger import ledger

AS_OF = START + timedelta(days=30)
COLUMNS = {
    "entity": pl.String, "amount": pl.Int64, "event_at": pl.Datetime("us", "UTC"), "at": pl.Datetime("us", "UTC"),
    "source": pl.String, "row_id": pl.String, "report_id": pl.String, "complainant_key": pl.String,
    "named_source": pl.String, "named_row": pl.String,
}  # fmt: skip


def told(
    rows: list[tuple[int, int, int, str | None, str | None]], moves: list[tuple[int, int, int, int]]
) -> pl.DataFrame:
    """What is counted of reports (account, amount, minute, complainant, row of the transfer named) on some moves."""
    made = [
        (name(a), amount, START + timedelta(minutes=minute), START + timedelta(days=2), "police", f"r.csv#{i}", f"R{i}",
         who, "970436" if row else None, row)
        for i, (a, amount, minute, who, row) in enumerate(rows)
    ]  # fmt: skip
    reports = pl.DataFrame(made, schema=COLUMNS, orient="row")
    members = pl.DataFrame({"case": [1, 1], "entity_id": [name(1), name(2)]})
    return complaints(ledger(records(moves, opened=True)), reports, members, AS_OF)


def test_two_victims_who_paid_the_same_on_one_day_are_two_payments() -> None:
    found = told([(1, 500, 0, "a", None), (1, 500, 0, "b", None)], [(3, 7, 1, 500), (9, 8, 1, 500)])
    assert found["amount"].sum() == 1000
    assert set(found["payer"]) == {name(7), name(8)} and found["number"].n_unique() == 2


def test_one_payment_told_twice_is_one() -> None:
    moves = [(3, 7, 1, 500), (9, 8, 1, 500)]
    assert told([(1, 500, 0, "a", None), (1, 500, 5, "a", None)], moves)["amount"].to_list() == [500]
    assert told([(1, 500, 0, None, "t.csv#0000"), (1, 500, 0, None, "t.csv#0000")], moves).height == 1
    assert told([(1, 500, 0, None, None), (1, 500, 0, None, None)], moves[:1]).height == 1


def test_a_named_transfer_is_the_one_that_is_meant_whoever_is_nearer() -> None:
    found = told([(1, 500, 3, "a", "t.csv#0001"), (1, 500, 9, "b", None)], [(3, 7, 1, 500), (9, 8, 1, 500)])
    assert sorted(found.select("payer", "row_id").iter_rows()) == [(name(7), "r.csv#1"), (name(8), "r.csv#0")]
    both = told([(1, 500, 3, "a", "t.csv#0000"), (1, 500, 3, "a", "t.csv#0001")], [(3, 7, 1, 500), (9, 7, 1, 500)])
    assert both["amount"].sum() == 1000


def test_without_a_move_the_report_itself_counts() -> None:
    found = told([(1, 700, 0, "a", None), (1, 700, 0, "b", None)], [(3, 7, 1, 500)])
    assert found["number"].null_count() == 2 and found["amount"].sum() == 1400


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3000), max_size=4), st.lists(st.integers(0, 3000), max_size=4, unique=True))
def test_as_many_pairs_as_any_assignment_finds(reported: list[int], paid: list[int]) -> None:
    moves = [(minute, 7 + i, 1, 500) for i, minute in enumerate(paid)]
    rows = [(1, 500, minute, f"c{i}", None) for i, minute in enumerate(reported)]
    made = [(i, name(1), 500, START + timedelta(minutes=r[2]), None, None) for i, r in enumerate(rows)]
    wanted = pl.DataFrame(made, schema={"report": pl.UInt32, "entity": pl.String, "amount": pl.Int64,
                          "when": pl.Datetime("us", "UTC"), "named_source": pl.String, "named_row": pl.String},
                          orient="row")  # fmt: skip
    possible = candidates(ledger(records(moves, opened=True)), wanted)
    ways = {(r, n) for r, n in possible.select("report", "number").iter_rows()}
    numbers = sorted({n for _, n in ways})
    spare = [*numbers, *[-1] * len(rows)]
    best = max(
        (sum((r, n) in ways for r, n in enumerate(order)) for order in permutations(spare, len(rows))), default=0
    )
    found = chosen(possible)
    assert found.height == best
    assert found["report"].is_unique().all() and found["number"].is_unique().all()
    assert told(rows, moves)["number"].drop_nulls().len() == best
