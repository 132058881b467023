"""Each way in which two people look like one, and one person like two, planted and seen through."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from graph_drops import day, drop

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import MERGED_FOR, GroupSize, Hub, MergeEvidence
from fraudnet.graph.hubs import hubs
from fraudnet.graph.link import link
from fraudnet.graph.resolve import group_sizes, resolution, resolve

BORN = date(1990, 5, 17)
LAN = {"full_name": "Trần Thị Lan", "birth_date": BORN, "sex": 0, "phone": "0912345678", "commune": "Xã Hòa Bình"}
FIELDS = ("name", "birth_date", "sex", "document", "tax_code", "phone", "commune")


def people(*rows: dict) -> Records:
    return drop(identities=[{"source_id": chr(97 + i), **row} for i, row in enumerate(rows)])


def groups(*rows: dict) -> set[str]:
    found = resolve(people(*rows)).group_by("entity_id").agg("source_id")
    return {"".join(sorted(ids)) for ids in found["source_id"].to_list()}


def why(*rows: dict) -> dict[str, str]:
    told = resolution(people(*rows)).evidence.collect()
    return {a + b: reason for a, b, reason in told.select("source_id_a", "source_id_b", "reason").iter_rows()}


def test_twins_share_birth_date_phone_and_commune_and_stay_two():
    for name in ("Trần Thị Liên", "Trần Thị Lân"):  # the second is the same name once marks are gone
        assert groups(LAN, {**LAN, "full_name": name}) == {"a", "b"}
    bare = {**LAN, "full_name": "TRAN THI LAN"}
    assert groups(LAN, bare) == {"ab"}


def test_twins_with_running_card_numbers_stay_two():
    one, other = (
        {**LAN, "id_number": "001190012345"},
        {**LAN, "id_number": "001190012346", "full_name": "Trần Thị Liên"},
    )
    assert groups(one, other) == {"a", "b"}


def test_father_and_son_of_one_name_stay_two_even_through_a_record_without_birth_date():
    son = {**LAN, "full_name": "Lê Minh", "sex": 1}
    father = {**son, "birth_date": date(1962, 3, 9)}
    unknown = {**son, "birth_date": None}
    assert groups(son, father) == {"a", "b"}
    assert groups(son, father, unknown) == {"a", "b", "c"}
    assert why(son, father)["ab"] == "two_birth_dates"
    by_card = {**unknown, "id_number": "001062012345"}
    assert groups(son, father, by_card) == {"a", "bc"}


def test_a_name_alone_or_with_a_birth_date_or_with_a_family_phone_joins_nobody():
    rare = {"full_name": "Quách Diệu Thư Oanh"}
    assert groups(rare, rare) == {"a", "b"}
    assert groups({**rare, "birth_date": BORN}, {**rare, "birth_date": BORN}) == {"a", "b"}
    assert groups({**rare, "phone": "0912345678"}, {**rare, "phone": "0912345678"}) == {"a", "b"}
    family = [{**LAN, "full_name": name, "birth_date": None} for name in ("Trần Văn An", "Lê Thị Hoa", "Trần Minh")]
    assert groups(*family) == {"a", "b", "c"}


def test_a_recycled_number_hands_nobody_on():
    now = {**LAN, "full_name": "Phạm Thu Hà", "birth_date": date(1971, 2, 3), "commune": "Xã Bình Minh"}
    assert groups(LAN, {**LAN, "id_number": "001190012345"}, now) == {"ab", "c"}
    sims = [
        {
            "institution": "o",
            "number": "84912345678",
            "valid_from": day(0),
            "ended_at": day(100),
            "holder_source_id": "a",
        },
        {"institution": "o", "number": "84912345678", "valid_from": day(200), "holder_source_id": "c"},
    ]
    records = people(LAN, LAN, now).with_tables(**drop(sims=sims).tables)
    nodes = link(records, day(300)).nodes.filter(pl.col("kind") == "sim").collect()
    assert nodes["holder"].n_unique() == 2
    assert nodes["valid_to"].to_list() == [day(100), None]


def test_an_agents_number_and_phone_beside_many_names_glue_nobody():
    strangers = [
        {"full_name": f"Trần {chr(97 + i // 26)}{chr(97 + i % 26)}", "id_number": "001090012345"} for i in range(60)
    ]
    counter = [{**row, "id_number": None, "phone": "0912345678", "birth_date": BORN} for row in strangers]
    records = drop(identities=[{"source_id": f"p{i:03}", **row} for i, row in enumerate(strangers + counter)])
    assert resolve(records)["entity_id"].n_unique() == 120
    farm = [{"full_name": "Trần Văn An", "id_number": "001090012345"}] * 60
    one = drop(identities=[{"source_id": f"p{i:03}", **row} for i, row in enumerate(farm)])
    assert resolve(one)["entity_id"].n_unique() == 1


def test_a_branch_tablet_and_a_randomised_address_make_nobody_one_person():
    named = [{"source_id": f"p{i}", "full_name": "Lê Minh", "birth_date": date(1950 + i, 1, 2)} for i in range(60)]
    accounts = [
        {"institution": "b", "account_number": str(i), "currency": "VND", "holder_source_id": f"p{i}"}
        for i in range(60)
    ]
    uses = [{"entity": f"account:b:{i}", "device": "device:imei:tablet", "seen_at": day(1)} for i in range(60)]
    uses += [
        {"entity": f"account:b:{i}", "device": "device:mac:02", "seen_at": day(1), "randomised": True}
        for i in range(60)
    ]
    linked = link(drop(identities=named, accounts=accounts, uses=uses), day(9))
    nodes = linked.nodes.collect()
    assert nodes.filter(pl.col("kind") == "account")["holder"].n_unique() == 60
    used = linked.links.filter(pl.col("kind") == "uses").collect()["target"].unique().to_list()
    assert nodes.filter(pl.col("node").is_in(used))["entity_id"].to_list() == ["device:imei:tablet"]


def test_a_borrowed_document_does_not_make_a_stranger_its_owner():
    owner = {**LAN, "id_number": "001190012345"}
    stranger = {"full_name": "Lê Văn Dũng", "birth_date": date(1985, 8, 1), "sex": 1, "id_number": "001190012345"}
    assert groups(owner, LAN, stranger) == {"ab", "c"}
    assert why(owner, stranger)["ab"] == "borrowed_document"
    nobody_named = {"id_number": "001190012345"}
    on_anothers_card = {"full_name": "Lê Văn Dũng", "sex": 1, "id_number": "001190012345"}
    assert len(groups(owner, on_anothers_card, nobody_named)) == 2


def test_a_business_is_not_its_owner_though_both_have_one_tax_code():
    code = {"tax_code": "001190012345", "full_name": "Trần Thị Lan"}
    business = {**code, "kind": "organisation"}
    assert groups({**code, "kind": "person"}, business, business) == {"a", "bc"}
    assert why({**code, "kind": "person"}, business) == {"ab": "two_kinds"}


def test_a_commune_without_its_province_is_recognised_when_only_one_province_has_it():
    place = {"full_name": "Trần Thị Lan", "birth_date": BORN, "commune": "Xã Hòa Bình"}
    hanoi, hue = {**place, "province": "01"}, {**place, "province": "46", "birth_date": date(1950, 1, 2)}
    assert groups(hanoi, place) == {"ab"}
    assert groups(hanoi, place, hue) == {"a", "b", "c"}


def test_a_birth_date_that_ones_own_card_denies_parts_nobody():
    card = {**LAN, "id_number": "001190012345"}
    typed_wrongly = {**card, "birth_date": date(1975, 5, 17)}
    assert groups(card, typed_wrongly, LAN) == {"abc"}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"id_number": "001190012345"}, {"id_number": "1190012345"}, "document"),
        ({"id_number": "001190012345", "old_id_number": "012345678"}, {"id_number": "12345678"}, "former_document"),
        ({**LAN, "id_number": "001190012345"}, {**LAN, "id_number": "001190012845", "phone": None, "commune": None},
         "name_birth_near_document"),
        (LAN, {**LAN, "birth_date": date(1990, 5, 12)}, "name_birth_phone"),
        ({**LAN, "birth_date": date(1990, 5, 7)}, {**LAN, "birth_date": date(1990, 7, 5), "phone": None}, "name_birth_commune"),
        (LAN, {**LAN, "birth_date": date(1990, 1, 1)}, "name_birth_phone"),
        (LAN, {**LAN, "birth_date": None, "sex": None}, "name_phone_commune"),
        (LAN, {**LAN, "birth_date": None, "id_number": "001190012345", "phone": None}, "name_birth_commune"),
        (LAN, {**LAN, "full_name": "Lan Thị Trần"}, "name_birth_phone"),
        (LAN, {**LAN, "full_name": "Tráº§n Thá»‹ Lan"}, "name_birth_phone"),
        (LAN, {**LAN, "full_name": "TrÇn ThÞ Lan"}, "name_birth_phone"),
        (LAN, {**LAN, "full_name": "Tr?n Th? Lan"}, "name_birth_phone"),
        ({**LAN, "full_name": "Hoà Thuý"}, {**LAN, "full_name": "Hòa Thúi"}, "name_birth_phone"),
    ],
)  # fmt: skip
def test_one_person_behind_each_kind_of_dirt(one, other, reason):
    assert groups(one, other) == {"ab"}
    assert why(one, other) == {"ab": reason}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (LAN, {**LAN, "birth_date": date(1984, 9, 2)}, "two_birth_dates"),
        (LAN, {**LAN, "sex": 1}, "two_sexes"),
        ({**LAN, "id_number": "001190012345"}, {**LAN, "id_number": "001190777345"}, "two_documents"),
        (LAN, {**LAN, "phone": "0912345679", "commune": None}, "name_birth_only"),
    ],
)
def test_refusals_say_why(one, other, reason):
    assert groups(one, other) == {"a", "b"}
    assert why(one, other)["ab"] == reason


def test_evidence_is_a_waterfall_that_adds_up():
    told = resolution(people(LAN, {**LAN, "id_number": "001190012345"}, {**LAN, "full_name": "Trần Thị Liên"})).evidence
    evidence = MergeEvidence.validate(told.collect())
    added = evidence.select((pl.col("prior") + pl.sum_horizontal(FIELDS) - pl.col("total")).abs().max()).item()
    assert added < 1e-9
    merged = evidence.filter("merged").row(0, named=True)
    assert merged["reason"] in MERGED_FOR
    assert merged["document"] == 0  # only one side has a number: that says nothing
    assert min(merged["name"], merged["birth_date"], merged["phone"], merged["commune"]) > 5


def test_a_frequent_name_weighs_less_than_a_rare_one():
    crowd = [{"full_name": "Nguyễn Văn Hùng", "birth_date": date(1960, 1, 2 + i % 20)} for i in range(4000)]
    pair = {"birth_date": BORN, "phone": "0912345678"}
    rows = [*crowd, {**pair, "full_name": "Nguyễn Văn Hùng"}, {**pair, "full_name": "Nguyễn Văn Hùng"}]
    rows += [{**pair, "full_name": "Quách Oanh"}, {**pair, "full_name": "Quách Oanh"}]
    told = resolution(drop(identities=[{"source_id": f"p{i:05}", **row} for i, row in enumerate(rows)])).evidence
    names = told.filter(pl.col("merged")).collect()["name"].to_list()
    assert len(names) == 2
    assert min(names) < 2.5
    assert max(names) > 9


def test_a_sold_phone_keeps_its_two_owners_apart_in_time():
    uses = [
        {"entity": "account:b:1", "device": "device:imei:9", "valid_from": day(0), "valid_to": day(50)},
        {"entity": "account:b:2", "device": "device:imei:9", "valid_from": day(60), "valid_to": None},
    ]
    links = link(drop(uses=uses), day(99)).links.filter(pl.col("kind") == "uses").sort("source").collect()
    (first, second) = links.select("valid_from", "valid_to").rows()
    assert first == (day(0), day(50))
    assert second == (day(60), None)


def test_a_mac_address_that_says_it_is_made_up_links_nobody():
    uses = [
        {"entity": "account:b:1", "device": f"device:mac:{address}", "seen_at": day(1), "randomised": said}
        for address, said in (("da:a1:19:00:00:01", None), ("00:1a:2b:00:00:02", None), ("da:a1:19:00:00:03", False))
    ]
    linked = link(drop(uses=uses), day(9))
    names = dict(linked.nodes.select("node", "entity_id").collect().iter_rows())
    met = {names[target] for target in linked.links.filter(pl.col("kind") == "uses").collect()["target"].to_list()}
    assert met == {"device:mac:00:1a:2b:00:00:02", "device:mac:da:a1:19:00:00:03"}


def test_call_centres_payrolls_and_tablets_are_hubs():
    calls = [
        {"at": day(40), "known_at": day(40), "caller": "84900", "callee": str(84911000000 + i), "kind": "voice"}
        for i in range(1001)
    ]
    pay = [
        {"transfer_id": str(i), "payer": "account:b:firm", "payee": f"account:b:{i}", "amount": 9, "currency": "VND",
         "at": day(40), "known_at": day(40)} for i in range(1001)
    ]  # fmt: skip
    old = [{**row, "transfer_id": f"o{i}", "payer": "account:b:old", "at": day(1)} for i, row in enumerate(pay)]
    uses = [{"entity": f"account:b:{i}", "device": "device:imei:tablet", "seen_at": day(1)} for i in range(51)]
    linked = link(drop(calls=calls, transfers=pay + old, uses=uses), day(50))
    names = dict(linked.nodes.select("node", "entity_id").collect().iter_rows())
    found = Hub.validate(hubs(linked))
    assert {(names[node], reason, n) for node, reason, n in found.iter_rows()} == {
        ("sim:84900@?", "counterparties_30d", 1001),
        ("account:b:firm", "counterparties_30d", 1001),
        ("device:imei:tablet", "strong_links", 51),
    }


def test_sizes_of_groups_are_counted():
    two = {"id_number": "001190012345"}
    clash = [{**LAN, "sex": 0}, {**LAN, "sex": 1}]
    counted = GroupSize.validate(group_sizes(resolve(people(two, two, *clash, {"full_name": "X"}))))
    assert counted.rows() == [(1, 3, 2), (2, 1, 0)]
