"""What others said: who counts as which source, and what adds nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import polars as pl
import pytest
from tiny_linked import Tiny, day

from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.results import Statement
from fraudnet.labels.audit import audited
from fraudnet.labels.statements import statements
from fraudnet.settings import Settings

ACCOUNT, OTHER, SIM, PERSON = "account:x:1", "account:x:2", "sim:84:1", "identity:x:p"
NAMES = (ACCOUNT, OTHER, SIM, PERSON)


def with_transfers(linked: Linked, *rows: tuple[str, int, int, datetime]) -> Linked:
    """rows: transfer_id, payee node, amount, moment."""
    types = {name: column.dtype for name, column in RECORDS["transfers"].columns().items()}
    types |= {"payer": pl.Int64, "payee": pl.Int64}
    fixed = {"source": "bank", "payer": 99, "currency": "VND"}
    table = [
        {**fixed, "row_id": f"t:{n}", "transfer_id": key, "payee": payee, "amount": amount, "at": at, "known_at": at}
        for n, (key, payee, amount, at) in enumerate(rows)
    ]
    frame = pl.DataFrame(table, schema=types).lazy()
    return replace(linked, records=linked.records.with_tables(transfers=frame))


def said(linked: Linked) -> dict[tuple[str, str], list[tuple[str, str, bool]]]:
    found = statements(linked)
    assert Statement.is_valid(found)
    named = found.join(linked.nodes.select("node", "entity_id").collect(), on="node", maintain_order="left")
    told: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    for row in named.iter_rows(named=True):
        told.setdefault((row["entity_id"], row["kind"]), []).append((row["source"], row["basis"], row["in_favour"]))
    return told


@pytest.mark.parametrize(
    ("entity", "reporter", "source"),
    [
        (ACCOUNT, "police", "police"), (SIM, "police", "police"), (ACCOUNT, "bank", "institution"),
        (SIM, "bank", "model"), (SIM, "operator", "institution"), (ACCOUNT, "operator", "model"),
        (PERSON, "bank", "institution"), (PERSON, "operator", "institution"), (ACCOUNT, "analyst", "model"),
        (ACCOUNT, "victim", "model"), (ACCOUNT, "hotline", "model"), (ACCOUNT, None, "model"),
    ],
)  # fmt: skip
def test_who_reports_makes_the_source(entity: str, reporter: str | None, source: str) -> None:
    linked = Tiny().add(*NAMES).report(entity, day(1), reporter=reporter).build(day(5))
    assert said(linked) == {(entity, "report"): [(source, f"{reporter or 'unnamed'}_report", False)]}


@pytest.mark.parametrize(
    ("told", "paid", "source"),
    [
        ({"transfer_id": "T1"}, ("T1", 0, 500), "victim"),
        ({"transfer_id": "T1"}, ("T1", 1, 500), "model"),
        ({"transfer_id": "T2", "amount": 500, "event_at": day(0.1)}, ("T1", 0, 500), "victim"),
        ({"amount": 500, "event_at": day(0.1)}, ("T1", 0, 501), "model"),
        ({"amount": 500, "event_at": day(0.1)}, ("T1", 1, 500), "model"),
        ({"amount": 500, "event_at": day(-3)}, ("T1", 0, 500), "model"),
        ({}, ("T1", 0, 500), "model"),
    ],
)  # fmt: skip
def test_a_complaint_about_an_account_counts_when_its_money_arrived(told, paid, source) -> None:
    linked = Tiny().add(*NAMES).report(ACCOUNT, day(1), **told).build(day(5))
    found = said(with_transfers(linked, (*paid, day(0.2))))
    assert found == {(ACCOUNT, "report"): [(source, "victim_report", False)]}


def test_a_complaint_about_a_sim_counts_when_two_say_so() -> None:
    one = Tiny().add(*NAMES).report(SIM, day(1), complainant_key="a").report(SIM, day(2), complainant_key="a")
    assert {row[0] for row in said(one.build(day(5)))[SIM, "report"]} == {"model"}
    assert {row[0] for row in said(one.report(SIM, day(3)).build(day(5)))[SIM, "report"]} == {"model"}
    two = one.report(SIM, day(3), complainant_key="b")
    assert {row[0] for row in said(two.build(day(5)))[SIM, "report"]} == {"victim"}
    assert {row[0] for row in said(two.build(day(3)))[SIM, "report"]} == {"model"}  # the second is not known yet


def test_a_clearing_answers_the_reports_before_it_and_speaks_for_the_entity() -> None:
    world = Tiny().add(*NAMES).report(ACCOUNT, day(1), reporter="police").decide(ACCOUNT, "cleared", day(2))
    assert said(world.build(day(5))) == {
        (ACCOUNT, "report"): [("model", "police_report", False)],
        (ACCOUNT, "disposition"): [("model", "police_file", True)],
    }
    again = world.report(ACCOUNT, day(3), reporter="police")
    assert [row[0] for row in said(again.build(day(5)))[ACCOUNT, "report"]] == ["model", "police"]


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({}, "police"),
        ({"decided_by": "analyst", "basis": "police_file"}, "police"),
        ({"decided_by": "bank", "basis": "victim_report"}, "victim"),
        ({"decided_by": "bank", "basis": "own_documents"}, "institution"),
        ({"decided_by": "analyst", "basis": "own_review"}, "institution"),
        ({"decided_by": "bank", "basis": "list_only"}, None),
        ({"decided_by": "bank", "basis": "derived"}, None),
        ({"outcome": "unsure"}, None),
    ],
)
def test_a_confirmation_counts_by_its_basis_and_an_echo_never(facts: dict[str, str], source: str | None) -> None:
    outcome = facts.pop("outcome", "confirmed")
    found = said(Tiny().add(*NAMES).decide(ACCOUNT, outcome, day(1), **facts).build(day(5)))
    assert [row[0] for row in found.get((ACCOUNT, "disposition"), [])] == ([source] if source else [])


def test_nothing_known_later_is_said() -> None:
    world = Tiny().add(*NAMES).report(ACCOUNT, day(6), reporter="police").decide(ACCOUNT, "confirmed", day(7))
    assert said(world.build(day(5))) == {}
    assert Statement.is_valid(statements(Tiny().add(*NAMES).build(day(5))))


def test_references_do_not_change_with_the_order_of_the_rows() -> None:
    world = Tiny().add(*NAMES).report(ACCOUNT, day(1), report_id="R1").decide(OTHER, "confirmed", day(2))
    linked = world.build(day(5))
    tables = {
        name: linked.records.table(name).with_columns(row_id=pl.lit("r:77")) for name in ("reports", "dispositions")
    }
    again = replace(linked, records=linked.records.with_tables(**tables))
    assert statements(again).equals(statements(linked))
    assert statements(linked)["ref_id"].to_list() == ["test:R1", "test:2026-04-02T17:00:00Z"]


def test_answers_without_dates_are_nobodys_statement() -> None:
    world = Tiny(dated=False).add(*NAMES).decide(ACCOUNT, "confirmed", day(1)).report(SIM, day(1), reporter="police")
    assert said(world.build(day(5))) == {}


def test_who_was_reviewed_by_lot_within_the_span() -> None:
    world = Tiny().add(*NAMES)
    world.decide(ACCOUNT, "cleared", day(1), selected_by="random").decide(OTHER, "cleared", day(1), selected_by="queue")
    world.decide(SIM, "confirmed", day(70), selected_by="random").decide(
        PERSON, "cleared", day(-1), selected_by="random"
    )
    assert audited(world.build(day(100)), day(0), Settings(maturity_days=60)).to_list() == [ACCOUNT]
    assert audited(world.build(day(100)), day(0), Settings(maturity_days=90)).to_list() == [ACCOUNT, SIM]
