from __future__ import annotations

from datetime import date

import networkx as nx
from graph_drops import day, drop
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.contracts.drop import Records
from fraudnet.graph.resolve import resolve

BORN = date(1990, 5, 17)
DOC = "001090012345"


def groups(records: Records) -> set[frozenset[str]]:
    found = resolve(records).group_by("entity_id").agg("source_id")
    return {frozenset(ids) for ids in found["source_id"].to_list()}


def people(*rows: dict) -> Records:
    return drop(identities=[{"source_id": chr(97 + i), **row} for i, row in enumerate(rows)])


def test_one_document_number_with_lost_zeros_blanks_and_dots_is_one_person():
    records = people(
        {"id_number": DOC}, {"id_number": "1090012345"}, {"id_number": "001.090 012345"}, {"id_number": "001090012346"}
    )
    assert groups(records) == {frozenset("abc"), frozenset("d")}
    assert set(resolve(records)["reason"]) == {"document", "single"}


def test_a_card_that_names_the_former_number_joins_it():
    records = people({"id_number": DOC, "old_id_number": "012345678"}, {"id_number": "12345678"})
    assert groups(records) == {frozenset("ab")}
    assert resolve(records)["reason"].to_list() == ["document+former_document"] * 2


def test_a_tax_code_joins_and_a_filler_joins_nobody():
    assert groups(people({"tax_code": "0101234567"}, {"tax_code": "0101 234 567"})) == {frozenset("ab")}
    for filler in ("000000000", "999999999999", "123456789", "1234"):
        assert len(groups(people({"id_number": filler}, {"id_number": filler}))) == 2


def test_name_and_birth_date_need_phone_or_commune():
    name = {"full_name": "NGUYỄN  Văn Đức", "birth_date": BORN}
    folded = {"full_name": "duc nguyen van", "birth_date": BORN}
    assert len(groups(people(name, name))) == 2
    assert len(groups(people({**name, "phone": "0912345678"}, {**folded, "phone": "+84 912 345 678"}))) == 1
    assert len(groups(people({**name, "commune": "Xã Hòa Bình"}, {**folded, "commune": "xa hoa binh"}))) == 1
    assert len(groups(people({**name, "phone": "0912345678"}, {**folded, "phone": "0912345679"}))) == 2
    twins = {"birth_date": BORN, "phone": "0912345678", "commune": "x"}
    assert len(groups(people({**twins, "full_name": "Trần Thị Lan"}, {**twins, "full_name": "Trần Thị Liên"}))) == 2


def test_a_chain_over_two_birth_dates_falls_apart_to_the_documents():
    shared = {"phone": "0912345678", "full_name": "Lê Minh"}
    records = people(
        {"id_number": DOC, "birth_date": BORN, **shared},
        {"id_number": DOC},
        {"id_number": "001091054321", "old_id_number": DOC, "birth_date": date(1991, 1, 1)},
        {"birth_date": BORN, **shared},
        {"birth_date": BORN, **shared},
    )
    assert groups(records) == {frozenset("ab"), frozenset("c"), frozenset("de")}
    assert (
        resolve(records)["reason"].to_list()
        == ["parted:document"] * 2 + ["parted:single"] + ["parted:name_birth_phone"] * 2
    )


def test_two_sexes_fall_apart_and_unknown_sex_does_not():
    tax = {"tax_code": "0101234567"}
    assert len(groups(people({**tax, "sex": 0}, {**tax, "sex": 1}))) == 2
    assert len(groups(people({**tax, "sex": 0}, {**tax, "sex": None}, {**tax, "sex": 2}))) == 1


def test_holders_whom_only_an_account_or_sim_names_become_identities():
    records = drop(
        identities=[{"source_id": "known", "id_number": DOC}],
        accounts=[
            {
                "institution": "b",
                "account_number": "1",
                "currency": "VND",
                "holder_source_id": "known",
                "holder_name": "A",
            },
            {"institution": "b", "account_number": "2", "currency": "VND", "id_number": "1090012345"},
            {"institution": "b", "account_number": "3", "currency": "VND", "holder_name": "Trần B"},
            {"institution": "b", "account_number": "4", "currency": "VND"},
            {
                "institution": "b",
                "account_number": "5",
                "currency": "VND",
                "holder_source_id": "lost",
                "id_number": DOC,
            },
        ],
        sims=[{"institution": "o", "number": "84912345678", "valid_from": day(0), "holder_name": "Trần B"}],
    )
    assert groups(records) == {
        frozenset({"known", "account:b:2", "lost"}),
        frozenset({"account:b:3"}),
        frozenset({"sim:84912345678@20260101T000000Z"}),
    }
    assert "identity:s:known" in resolve(records)["entity_id"].to_list()


def test_nobody_is_no_identity():
    assert resolve(drop()).columns == ["source", "source_id", "entity_id", "reason"]
    assert resolve(drop()).is_empty()


person = st.fixed_dictionaries(
    {
        "id_number": st.sampled_from([None, "001090000011", "001090000022", "012345678"]),
        "old_id_number": st.sampled_from([None, None, "012345678"]),
        "full_name": st.sampled_from(["An", "Bình"]),
        "birth_date": st.sampled_from([None, BORN, date(1980, 1, 1)]),
        "phone": st.sampled_from([None, "0912345678", "0912345679"]),
        "sex": st.sampled_from([None, 0, 1]),
    }
)


def _linked(a: dict, b: dict, *, only: str | None = None) -> bool:
    docs = ({x["id_number"], x["old_id_number"]} - {None} for x in (a, b))
    name = ("full_name", "birth_date", "phone")
    alike = all(a[c] == b[c] and a[c] is not None for c in name)
    if only == "document":
        return a["id_number"] is not None and a["id_number"] == b["id_number"]
    if only == "name":
        return alike and a["id_number"] is None and b["id_number"] is None
    return alike or bool(set.intersection(*docs))


def _closed(rows: list[dict], link) -> list[set[int]]:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(rows)))
    graph.add_edges_from((i, j) for i in range(len(rows)) for j in range(i) if link(rows[i], rows[j]))
    return list(nx.connected_components(graph))


@settings(max_examples=30, deadline=None)
@given(st.lists(person, max_size=9), st.randoms())
def test_resolution_agrees_with_pairwise_rules_in_any_row_order(rows, random):
    expected = set()
    for part in _closed(rows, _linked):
        members = [rows[i] for i in sorted(part)]
        births = {m["birth_date"] for m in members} - {None}
        whole = len(births) < 2 and not {0, 1} <= {m["sex"] for m in members}
        rule = lambda a, b: _linked(a, b, only="document") or _linked(a, b, only="name")  # noqa: E731
        split = [set(range(len(members)))] if whole else _closed(members, rule)
        expected |= {frozenset(f"p{sorted(part)[i]}" for i in sub) for sub in split}
    shuffled = [{"source_id": f"p{i}", **row} for i, row in enumerate(rows)]
    random.shuffle(shuffled)
    assert groups(drop(identities=shuffled)) == expected
