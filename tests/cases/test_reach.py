"""Following the money of many cases only where it goes gives what following each through every account gives."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledgers import START, name, records

from fraudnet.cases.ledger import Ledger, ledger
from fraudnet.cases.trail import Paid, follow
from fraudnet.cases.trails import trails
from fraudnet.contracts.cases import RULES
from fraudnet.contracts.columns import INSTANT

MOVES = st.lists(
    st.tuples(st.integers(-20, 40), st.integers(0, 5), st.integers(-1, 5), st.integers(1, 30)).filter(
        lambda move: move[1] != move[2]
    ),
    min_size=2,
    max_size=20,
)
TYPED = st.lists(st.tuples(st.integers(-5, 30), st.integers(0, 5), st.integers(1, 30)), max_size=3)
SAID = {"case": pl.Int64, "account": pl.String, "at": INSTANT, "amount": pl.Int64, "number": pl.Int64}


def reported(book: Ledger, typed: list[tuple[int, int, int]]) -> pl.DataFrame:
    """Two payments of a stranger (9) in case 1; in case 2 the second of them and what victims typed; 8 is unknown."""
    paid = book.moves.filter(pl.col("payer") == book.code(name(9))).to_dicts()
    names = book.accounts["account"]
    meant = [(names[row["payee"]], row["at"], row["amount"], row["number"]) for row in paid]
    rows = [*((1, *one) for one in meant), *((2, *one) for one in meant[1:]), (2, name(8), START, 5, None)]
    rows += [(2, name(to), START + timedelta(minutes=minute), amount, None) for minute, to, amount in typed]
    return pl.DataFrame(rows, schema=SAID, orient="row").with_row_index("line").with_columns(
        row_id=pl.format("r.csv#{}", pl.col("line").cast(pl.String).str.zfill(4))
    )  # fmt: skip


def alone(book: Ledger, said: pl.DataFrame, case: int) -> list[Paid]:
    rows = said.filter(pl.col("case") == case).sort("at", "account", "amount", "row_id")
    paid = [Paid(*row) for row in rows.select("account", "at", "amount", "number").iter_rows()]
    return [one for one in paid if book.code(one.account) is not None]


@settings(max_examples=40)
@given(MOVES, TYPED, st.booleans())
@example([(1, 0, 1, 1), (1, 0, 1, 1)], [(0, 0, 1)], False)  # what is typed in one case is nothing in the other
def test_many_trails_at_once_are_each_as_if_alone(moves, typed, opened) -> None:
    book = ledger(records([(0, 9, 0, 20), (3, 9, 2, 7), *sorted(moves)], opened))
    said = reported(book, typed)
    found = trails(book, said)
    for case in (1, 2):
        whole = follow(book, alone(book, said, case))
        mine = found.accounts.filter(pl.col("case") == case)
        columns = ("account", "state", *RULES, *(f"came_{rule}" for rule in RULES))
        came = whole.accounts.filter(pl.col("first_at").is_not_null())
        assert sorted(mine.select(columns).rows()) == sorted(came.select(columns).rows())
        assert all(mine[rule].sum() == whole.total for rule in RULES)
        told = ("at", "amount", *RULES, "payer", "payee")
        carried = found.moves.filter(pl.col("case") == case).collect()
        assert sorted(carried.select(told).rows(), key=str) == sorted(whole.moves.select(told).rows(), key=str)


def test_where_nobody_reported_anything_there_is_no_trail() -> None:
    book = ledger(records([(0, 9, 0, 20)], True))
    found = trails(book, reported(book, []).clear())
    assert found.accounts.is_empty() and found.moves.collect().is_empty()
