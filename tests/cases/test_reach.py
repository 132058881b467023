"""Following money only where it goes gives what following it through every account gives."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import START, name, records

from fraudnet.cases.ledger import ledger
from fraudnet.cases.trail import Paid, follow
from fraudnet.contracts.cases import RULES

MOVES = st.lists(
    st.tuples(st.integers(-20, 40), st.integers(0, 5), st.integers(-1, 5), st.integers(1, 30)).filter(
        lambda move: move[1] != move[2]
    ),
    min_size=2,
    max_size=20,
)


@settings(max_examples=40)
@given(MOVES, st.booleans())
def test_the_accounts_that_money_reaches_are_found_without_the_rest_of_the_ledger(moves, opened) -> None:
    book = ledger(records([(0, 9, 0, 20), (3, 9, 2, 7), *sorted(moves)], opened))
    paid = book.moves.filter(pl.col("payer") == book.code(name(9)))
    told = [Paid(name(0), START, 20, paid["number"][0]), Paid(name(2), START, 7, paid["number"][1])]
    near, whole = follow(book, told, bounds=False), follow(book, told)
    known = whole.accounts.select(near.accounts.columns)
    only_bounded = known.join(near.accounts.select("account"), on="account", how="anti")
    assert near.accounts.equals(known.join(near.accounts.select("account"), on="account", how="semi"))
    assert only_bounded.select(RULES).sum_horizontal().sum() == 0
    assert near.moves.equals(whole.moves)
    assert near.total == whole.total == sum(near.accounts[RULES[0]]) == 27
