from __future__ import annotations

import polars as pl
import pytest
from graph_drops import day, drop

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import IdentityMap, Link, Linked, Node
from fraudnet.graph.link import link

A, B, C = "account:b:1", "account:b:2", "account:z:9"
OLD, NEW = "sim:84911@20260101T000000Z", "sim:84911@20260131T000000Z"


def account(number: str, **more: object) -> dict:
    return {"institution": "b", "account_number": number, "currency": "VND", "opened_at": day(1), **more}


def transfer(i: int, payer: str, payee: str, amount: int, at: float, **more: object) -> dict:
    base = {"transfer_id": str(i), "payer": payer, "payee": payee, "amount": amount, "currency": "VND"}
    return {**base, "at": day(at), "known_at": day(at), **more}


def small() -> Records:
    return drop(
        identities=[{"source_id": "p1", "id_number": "001090012345"}, {"source_id": "p2"}],
        accounts=[
            account("1", holder_source_id="p1", phone="84911"),
            account("2", id_number="1090012345", phone="84911", opened_at=day(40), closed_at=day(80)),
        ],
        sims=[
            {"institution": "o", "number": "84911", "valid_from": day(0), "ended_at": day(20)},
            {"institution": "o", "number": "84911", "valid_from": day(30), "holder_source_id": "p2"},
        ],
        uses=[
            {"entity": A, "device": "device:imei:1", "seen_at": day(2), "n": 3},
            {"entity": "sim:84911", "device": "device:imei:1", "seen_at": day(5)},
            {"entity": "sim:84911", "device": "device:mac:2", "seen_at": day(35), "randomised": True},
        ],
        transfers=[
            transfer(1, A, B, 100, 3),
            transfer(2, A, B, 50, 5),
            transfer(3, C, A, 7, 6),
            transfer(4, A, B, 1, 70),
            transfer(5, A, A, 1, 6),
            transfer(6, B, A, 1, 6, known_at=day(90)),
        ],
        calls=[
            {"at": day(5), "caller": "84911", "callee": "84922", "kind": "voice", "duration_s": 60, "known_at": day(5)},
            {"at": day(35), "caller": "84911", "callee": "84922", "kind": "sms", "known_at": day(35)},
            {"at": day(36), "caller": "84922", "callee": "84911", "kind": "otp", "known_at": day(36)},
        ],
        links=[
            {"source_entity": B, "target_entity": A, "kind": "same_address", "directed": False, "at": day(2), "weight": 0.5},
            {"source_entity": A, "target_entity": B, "kind": "same_address", "directed": False, "at": day(3)},
        ],
        reports=[{"report_id": "1", "at": day(50), "event_at": day(10), "entity": "sim:84911"}],
        dispositions=[
            {"entity": "identity:s:p1", "outcome": "confirmed", "decided_at": day(9)},
            {"entity": "identity:s:gone", "outcome": "cleared", "decided_at": day(9)},
        ],
    )  # fmt: skip


def names(linked: Linked) -> dict[str, int]:
    return dict(linked.nodes.select("entity_id", "node").collect().iter_rows())


def named_links(linked: Linked, kind: str) -> dict[tuple[str, str], dict]:
    back = {node: name for name, node in names(linked).items()}
    rows = linked.links.filter(pl.col("kind") == kind).collect().to_dicts()
    return {(back[r["source"]], back[r["target"]]): r for r in rows}


@pytest.fixture(scope="module")
def linked() -> Linked:
    return link(small(), day(60))


def test_nodes_are_dense_sorted_valid_and_say_who_lists_them(linked):
    nodes = linked.nodes.collect()
    assert Node.is_valid(nodes)
    assert nodes["node"].to_list() == list(range(nodes.height))
    assert nodes["entity_id"].to_list() == sorted(nodes["entity_id"].to_list())
    listed = set(nodes.filter("listed")["entity_id"])
    assert listed == {A, B, OLD, NEW, "identity:s:p1", "identity:s:p2"}
    assert dict(nodes.group_by("kind").len().iter_rows()) == {"account": 3, "sim": 3, "identity": 3, "device": 2}
    counterparty = nodes.row(by_predicate=pl.col("entity_id") == C, named=True)
    assert (counterparty["institution"], counterparty["number"], counterparty["listed"]) == ("z", "9", False)


def test_holders_come_from_source_ids_and_inline_documents(linked):
    node, nodes = names(linked), linked.nodes.collect()
    holder = dict(nodes.select("entity_id", "holder").iter_rows())
    assert holder[A] == holder[B] == node["identity:s:p1"]
    assert holder[NEW] == node["identity:s:p2"]
    assert holder[OLD] is None
    assert IdentityMap.is_valid(linked.identities.collect())


def test_money_is_summed_before_the_snapshot_and_as_known_then(linked):
    money = named_links(linked, "transfer")
    assert set(money) == {(A, B), (C, A)}
    assert money[A, B] | {"kind": None} == money[A, B] | {
        "kind": None, "n": 2, "amount": 150, "weight": 150.0, "first_at": day(3), "last_at": day(5), "directed": True,
    }  # fmt: skip
    assert Link.is_valid(linked.links.collect())


def test_calls_belong_to_the_holding_of_their_moment_and_codes_stand_apart(linked):
    calls, otp = named_links(linked, "call"), named_links(linked, "otp")
    assert {pair: row["weight"] for pair, row in calls.items()} == {
        (OLD, "sim:84922@?"): 61.0,
        (NEW, "sim:84922@?"): 1.0,
    }
    assert set(otp) == {("sim:84922@?", NEW)}


def test_devices_phones_owners_and_generic_links(linked):
    uses = named_links(linked, "uses")
    assert {pair: row["n"] for pair, row in uses.items()} == {(A, "device:imei:1"): 3, (OLD, "device:imei:1"): 1}
    phones = named_links(linked, "registered_phone")
    assert set(phones) == {(A, OLD), (B, NEW)}
    assert phones[B, NEW]["valid_to"] is None  # the account closes later than the snapshot
    assert set(named_links(linked, "owner")) == {("identity:s:p1", A), ("identity:s:p1", B), ("identity:s:p2", NEW)}
    (near,) = named_links(linked, "link:same_address").items()
    assert near[0] == (A, B)
    assert (near[1]["n"], near[1]["weight"], near[1]["directed"]) == (2, 1.5, False)


def test_records_carry_node_keys_and_keep_their_other_columns(linked):
    node, records = names(linked), linked.records
    assert records.table("reports").collect()["entity"].to_list() == [node[OLD]]
    assert records.table("dispositions").collect()["entity"].to_list() == [
        node["identity:s:p1"],
        node["identity:s:gone"],
    ]
    accounts = records.table("accounts").collect()
    assert accounts["entity"].to_list() == [node[A], node[B]]
    assert accounts["closed_at"].to_list() == [None, None]
    assert set(small().table("accounts").collect_schema().names()) < set(accounts.columns)
    assert "phone_at" not in accounts.columns
    assert records.table("transfers").collect_schema()["payer"] == pl.Int64
    assert not records.has("cash")
    assert records.table("cash").collect_schema()["entity"] == pl.Int64


def test_a_changed_phone_counts_from_the_change():
    records = drop(
        accounts=[account("1", phone="84911")],
        sims=[
            {"institution": "o", "number": "84911", "valid_from": day(d), "ended_at": e}
            for d, e in ((0, day(20)), (30, None))
        ],
        account_events=[{"entity": A, "at": day(33), "event": "phone_changed", "known_at": day(33)}],
    )
    assert set(named_links(link(records, day(60)), "registered_phone")) == {(A, NEW)}
    assert set(named_links(link(records, day(32)), "registered_phone")) == {(A, OLD)}


def test_only_an_asserted_owner_holds_and_unknown_is_not_no():
    def held(asserted: str, **more: object) -> dict:
        return {"holder": "identity:s:p", "thing": A, "role": "owner", "asserted": asserted, **more}

    for holding, holds in (
        (held("yes"), True),
        (held("unknown"), False),
        (held("no"), False),
        (held("yes", valid_to=day(5)), False),
        (held("yes", valid_from=day(90)), False),
        ({**held("yes"), "role": "authorised"}, False),
    ):
        linked = link(drop(accounts=[account("1")], holdings=[holding]), day(60))
        holder = linked.nodes.filter(pl.col("entity_id") == A).collect()["holder"].to_list()
        assert (holder != [None]) == holds, holding
        assert linked.records.table("accounts").collect()["holder"].to_list() == holder


def test_row_order_does_not_matter(linked):
    turned = Records({name: frame.reverse() for name, frame in small().tables.items()})
    again = link(turned, day(60))
    for name in ("nodes", "links", "identities"):
        assert getattr(again, name).collect().equals(getattr(linked, name).collect()), name


def test_what_comes_later_does_not_matter(linked):
    more = small().with_tables(
        transfers=pl.concat(
            [small().table("transfers"), drop(transfers=[transfer(9, "account:q:1", A, 5, 60)]).table("transfers")]
        )
    )
    assert link(more, day(60)).links.collect().equals(linked.links.collect())


def test_an_empty_drop_is_an_empty_graph():
    linked = link(drop(), day(1))
    assert linked.nodes.collect().is_empty()
    assert linked.links.collect().is_empty()
    assert linked.identities.collect().is_empty()
