from __future__ import annotations

from datetime import date
from itertools import combinations

from graph_drops import day, drop
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.contracts.drop import Records
from fraudnet.graph.resolve import resolution, resolve

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
    assert resolve(records)["reason"].to_list() == ["former_document"] * 2


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


def test_a_chain_over_two_birth_dates_falls_apart_where_they_clash():
    shared = {"phone": "0912345678", "full_name": "Lê Minh"}
    records = people(
        {"id_number": DOC, "birth_date": BORN, **shared},
        {"id_number": DOC},
        {"id_number": "001091054321", "old_id_number": DOC, "birth_date": date(1991, 1, 1), **shared},
        {"birth_date": BORN, **shared},
        {"birth_date": BORN, **shared},
    )
    assert groups(records) == {frozenset("abde"), frozenset("c")}
    assert (
        resolve(records)["reason"].to_list()
        == ["parted:document+name_birth_phone"] * 2 + ["parted:single"] + ["parted:document+name_birth_phone"] * 2
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
        "id_number": st.sampled_from([None, "001090000011", "001090000022", "001190000733", "012345678"]),
        "old_id_number": st.sampled_from([None, None, "012345678"]),
        "full_name": st.sampled_from(["An", "Bình", None]),
        "birth_date": st.sampled_from([None, BORN, date(1990, 5, 18), date(1983, 1, 2)]),
        "phone": st.sampled_from([None, "0912345678", "0912345679"]),
        "sex": st.sampled_from([None, 0, 1]),
    }
)


def _year_and_sex(row: dict) -> tuple[date | None, int | None, int | None, bool]:
    """Birth date, year and sex of a record, nothing where its card denies them, and whether it does."""
    card = row["id_number"] or ""
    told = (1900 + int(card[4:6]), 1 - int(card[3]) % 2) if len(card) == 12 else (None, None)
    own = (row["birth_date"].year if row["birth_date"] else None, row["sex"])
    if any(a is not None and b is not None and a != b for a, b in zip(told, own, strict=True)):
        return None, None, None, True
    year, sex = (o if o is not None else t for o, t in zip(own, told, strict=True))
    return row["birth_date"], year, sex, False


def _clash(a: dict, b: dict) -> bool:
    (day_a, year_a, sex_a, odd_a), (day_b, year_b, sex_b, odd_b) = _year_and_sex(a), _year_and_sex(b)
    near = {day_a, day_b} <= {BORN, date(1990, 5, 18)}
    births = not near if day_a and day_b and day_a != day_b else bool(year_a and year_b and year_a != year_b)
    sexes = sex_a is not None and sex_b is not None and sex_a != sex_b
    if a["id_number"] and a["id_number"] == b["id_number"]:
        named = a["full_name"] and b["full_name"] and a["full_name"] != b["full_name"]
        return bool(named and (births or sexes or odd_a or odd_b))
    if births or sexes:
        return True
    olds, news = ({x["old_id_number"]} - {None} for x in (a, b)), (x["id_number"] or "" for x in (a, b))
    (old_a, old_b), (new_a, new_b) = olds, news
    follows = bool(old_a & {new_b} or old_b & {new_a} or old_a & old_b)
    unlike = sum(x != y for x, y in zip(new_a, new_b, strict=False)) > 1
    return not follows and len(new_a) == len(new_b) == 12 and unlike


def _key(a: dict, b: dict) -> bool:
    docs = ({x["id_number"], x["old_id_number"]} - {None} for x in (a, b))
    return bool(set.intersection(*docs))


def _alike(a: dict, b: dict) -> bool:
    return all(a[c] == b[c] and a[c] is not None for c in ("full_name", "birth_date", "phone"))


@settings(max_examples=25, deadline=None)
@given(st.lists(person, max_size=9), st.randoms())
def test_no_group_contradicts_itself_and_no_merge_is_left_out_without_one(rows, random):
    shuffled = [{"source_id": f"p{i}", **row} for i, row in enumerate(rows)]
    random.shuffle(shuffled)
    found = [[rows[int(name[1:])] for name in group] for group in groups(drop(identities=shuffled))]
    for group in found:
        assert not any(_clash(a, b) for a, b in combinations(group, 2))
    for one, other in combinations(found, 2):
        tied = any((_key(a, b) or _alike(a, b)) and not _clash(a, b) for a in one for b in other)
        assert not tied or any(_clash(a, b) for a in one for b in other)


@settings(max_examples=10, deadline=None)
@given(st.lists(person, max_size=9), st.randoms())
def test_the_order_of_rows_changes_nothing(rows, random):
    named = [{"source_id": f"p{i}", "row_id": f"r{i}", **row} for i, row in enumerate(rows)]
    first = resolution(drop(identities=named))
    random.shuffle(named)
    again = resolution(drop(identities=named))
    assert again.identities.equals(first.identities)
    assert again.evidence.collect().equals(first.evidence.collect())
