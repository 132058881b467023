from __future__ import annotations

import polars as pl
from tiny_linked import Tiny, day

from fraudnet.labels.witnesses import witnesses

A, B, C, D, P = "account:970403:a", "account:970403:b", "sim:1", "account:970405:d", "identity:bank:p"


def world() -> Tiny:
    made = (
        Tiny()
        .add(P)
        .add(A, B, institution="970403", holder=P)
        .add(C, institution="452-01")
        .add(D, institution="970405")
    )
    by_bank = {"decided_by": "bank", "basis": "own_documents"}
    made.decide(A, "cleared", day(1), **by_bank).decide(A, "confirmed", day(2))
    made.decide(B, "cleared", day(1), **by_bank)
    made.decide(C, "confirmed", day(1), decided_by="operator", basis="own_review")
    return made.decide(D, "cleared", day(1), decided_by=None, basis=None)


def test_whose_decision_stands_and_where_the_entity_belongs() -> None:
    found = {row["entity_id"]: row for row in witnesses(world().build(day(10))).to_dicts()}
    assert {name: row["whose"] for name, row in found.items()} == {
        A: "police", B: "970403", C: "452-01", D: "test", P: None,
    }  # fmt: skip
    assert found[A]["institution"] == "970403"


def test_only_what_was_known_then_counts() -> None:
    before = witnesses(world().build(day(1.5))).filter(pl.col("entity_id") == A)
    assert before["whose"].to_list() == ["970403"]
    assert witnesses(world().build(day(0)))["whose"].null_count() == 5


def test_a_province_is_that_of_the_holder() -> None:
    made = world()
    made._row("identities", P, {"source_id": "p", "province": "79", "known_at": day(-9)})
    found = dict(witnesses(made.build(day(10))).select("entity_id", "province").rows())
    assert found == {A: "79", B: "79", P: "79", C: None, D: None}
