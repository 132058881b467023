"""Judgements are one kind of event, and come back as the decisions of a drop: dated, sourced, never twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from fraudnet.contracts.judgements import BASES, Disposition
from fraudnet.errors import InputError
from fraudnet.store.dispositions import Decision, digest_of_decisions, dispositions, record_decision, take_back
from fraudnet.store.repository import Store

T0 = datetime(2026, 9, 1, tzinfo=UTC)
MULE = "account:bank_north:0071000111"


def day(n: float) -> datetime:
    return T0 + timedelta(days=n)


def decision(entity: str = MULE, **more: object) -> Decision:
    usual = {"outcome": "confirmed", "source": "bank", "basis": "own_documents", "decided_at": day(0)}
    return Decision(entity, **{**usual, **more})  # type: ignore[arg-type]  # checked by the class itself


def test_a_decision_comes_back_under_the_contract(places):
    made = decision(role="knowing_mule", activity_from=day(-9), selected_by="bank", rests_on=("list:1",))
    with Store(places()) as store:
        receipt = record_decision(store, made, "analyst-1", "k", {"note": "Trần Thị Bịa"}, day(1))
        (row,) = dispositions(store, day(2)).to_dicts()
        event = next(store.events("decision"))
        assert store.texts(receipt.number) == {"note": "Trần Thị Bịa"}
        store.forget(MULE, "lead", "erasure")
        assert store.texts(receipt.number) is None
    assert "Trần" not in str(event.body)
    assert dict(row) == {
        "entity": MULE, "outcome": "confirmed", "role": "knowing_mule", "decided_at": day(0), "activity_from": day(-9),
        "activity_to": None, "decided_by": "bank", "basis": "own_documents", "selected_by": "bank",
        "rests_on": ["list:1"], "source": "store", "row_id": "event:000000000001", "known_at": day(1),
    }  # fmt: skip


def test_only_what_was_known_before_counts_and_a_second_delivery_changes_nothing(places):
    with Store(places()) as store:
        first = record_decision(store, decision(), "a", "k1", at=day(1))
        again = record_decision(store, decision(outcome="cleared"), "a", "k1", at=day(3))
        assert (again.number, again.digest, again.repeated) == (first.number, first.digest, True)
        record_decision(store, decision(outcome="cleared"), "a", "k2", at=day(5))
        assert dispositions(store, day(1)).is_empty()
        assert dispositions(store, day(5))["outcome"].to_list() == ["confirmed"]
        assert dispositions(store, day(6))["outcome"].to_list() == ["confirmed", "cleared"]


def test_what_is_taken_back_stays_known_for_earlier_moments(places):
    with Store(places()) as store:
        number = record_decision(store, decision(), "a", "k", at=day(1)).number
        take_back(store, number, "lead", "CV-12", day(3))
        assert dispositions(store, day(2)).height == 1
        assert dispositions(store, day(4)).is_empty()
        with pytest.raises(InputError, match="is not there"):
            take_back(store, number + 1, "lead", "CV-12")


def test_the_table_keeps_the_contract_when_nothing_was_decided(places):
    with Store(places()) as store:
        empty = dispositions(store, day(9))
    assert set(empty.columns) == set(Disposition.column_names())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", "guilty"),
        ("source", "neighbour"),
        ("basis", "hearsay"),
        ("role", "boss"),
        ("selected_by", "chance"),
        ("entity", " "),
        ("decided_at", datetime(2026, 9, 1)),
        ("activity_from", datetime(2026, 9, 1)),
    ],
)
def test_a_word_that_the_contract_has_not_is_refused_without_telling_it(field, value):
    with pytest.raises(InputError, match=field) as refused:
        decision(**{field: value})
    assert str(value) not in str(refused.value) or not str(value).strip()


def test_an_activity_that_ends_before_it_began_is_refused():
    with pytest.raises(InputError, match="activity_from"):
        decision(activity_from=day(2), activity_to=day(1))


def test_the_digest_tells_decisions_apart_and_not_their_order(places):
    with Store(places()) as store:
        for n, basis in enumerate(BASES):
            record_decision(store, decision(f"{MULE}{n}", basis=basis), "a", f"k{n}", at=day(n))
        some, all_of_them = dispositions(store, day(3)), dispositions(store, day(99))
    assert digest_of_decisions(some) != digest_of_decisions(all_of_them)
    assert digest_of_decisions(all_of_them.sort("entity", descending=True)) == digest_of_decisions(all_of_them)
    assert all_of_them["basis"].cast(pl.String).to_list() == list(BASES)
