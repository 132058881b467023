"""What is usual, against a count by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.contracts.features import Column
from fraudnet.model.matrix import Matrix
from fraudnet.scoring.comparison import AGES, FEWEST_PEERS, SHARES, Peers, compared

PAYERS = Column("payers_30d", "first-time payers", "partners")
EKYC = Column("is_ekyc", "opened online", "account_life")
CHANNEL = Column("x_channel", "channel", "extras", categories=("counter", "ekyc"))
AGE = Column("age_days", "days since it was opened", "tempo")
AT = datetime(2026, 5, 1, tzinfo=UTC)


def peers(payers: list[float | None], ages: list[float | None] | None = None, kind: str = "account") -> Peers:
    n = len(payers)
    frame = pl.DataFrame(
        {
            "entity_id": [str(i) for i in range(n)],
            "at": [AT] * n,
            "payers_30d": payers,
            "age_days": ages or [500.0] * n,
        },
        schema_overrides={"payers_30d": pl.Float64, "age_days": pl.Float64},
    ).with_columns(is_ekyc=(pl.int_range(pl.len()) % 4 == 0).cast(pl.Float64), x_channel=pl.lit(1.0))
    return Peers(Matrix(frame, (PAYERS, AGE, EKYC, CHANNEL)), kind)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=FEWEST_PEERS, max_size=260), st.integers(-1, 31))
def test_the_highest_share_that_lies_wholly_on_one_side(values: list[int | None], own: int) -> None:
    known = np.array([v for v in values if v is not None], dtype=float)
    said = compared(peers(values), PAYERS, float(own), 500.0, "en")
    if len(known) < FEWEST_PEERS:
        assert said == ""
        return
    who = "accounts of this age"
    for share in SHARES:
        need = share * len(known) / 100
        below = [v for v in sorted(set(known)) if v < own and (known <= v).sum() >= need]
        above = [v for v in sorted(set(known), reverse=True) if v > own and (known >= v).sum() >= need]
        if below:
            assert said == f"{share} of 100 {who} have at most {below[0]:g}"
            return
        if above:
            assert said == f"{share} of 100 {who} have at least {above[0]:g}"
            return
    assert said.startswith("the same holds for ")


def test_the_sentence_of_the_handbook() -> None:
    usual = [float(n % 4) for n in range(990)] + [34.0] * 10
    assert compared(peers(usual), PAYERS, 34.0, 500.0, "en") == "99 of 100 accounts of this age have at most 3"
    assert compared(peers(usual), PAYERS, 34.0, 500.0, "vi") == "99 trong 100 tài khoản cùng tuổi có nhiều nhất 3"
    assert compared(peers(usual), PAYERS, 34.0, 500.0, "fr") == "99 comptes de cet âge sur 100 ont au plus 3"


def test_peers_are_of_the_same_age_where_there_are_enough() -> None:
    young, old = [10.0] * 200, [1.0] * 800
    both = peers(young + old, [5.0] * 200 + [700.0] * 800)
    assert compared(both, PAYERS, 10.0, 5.0, "en") == "the same holds for 100 of 100 accounts of this age"
    assert compared(both, PAYERS, 10.0, 700.0, "en") == "99 of 100 accounts of this age have at most 1"
    few = peers(young[:50] + old, [5.0] * 50 + [700.0] * 800)
    assert compared(few, PAYERS, 10.0, 5.0, "en") == "90 of 100 accounts have at most 1"
    assert compared(both, PAYERS, 10.0, None, "en") == "75 of 100 accounts have at most 1"
    assert len(AGES) == 5


def test_yes_or_no_and_categories_say_how_many_are_alike() -> None:
    both = peers([0.0] * 400)
    assert compared(both, EKYC, 1.0, 500.0, "en") == "the same holds for 25 of 100 accounts of this age"
    assert compared(both, CHANNEL, 0.0, 500.0, "en") == "the same holds for fewer than 1 of 100 accounts of this age"


@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_is_unknown_compares_with_nothing(value: float | None) -> None:
    assert compared(peers([1.0] * 200), PAYERS, value, 500.0, "en") == ""


def test_a_kind_without_an_age_compares_with_all() -> None:
    found = Peers(peers([1.0] * 200).matrix, "identity")
    assert found.age_column is None
    assert compared(found, PAYERS, 2.0, None, "en") == "99 of 100 people and organisations have at most 1"


def test_order_of_rows_changes_nothing() -> None:
    whole = peers([float(n * 7 % 50) for n in range(300)])
    turned = Peers(Matrix(whole.matrix.frame.reverse(), whole.matrix.columns), "account")
    for value in (0.0, 13.0, 49.0, 60.0):
        assert compared(whole, PAYERS, value, 500.0, "fr") == compared(turned, PAYERS, value, 500.0, "fr")
