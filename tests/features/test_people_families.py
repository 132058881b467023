"""Families about who opened, owns, answers and is who: small worlds whose answers can be counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from keyed import ago, linked, row

from fraudnet.contracts.graph import Seed
from fraudnet.features.compute import feature_table

DAY = 1_440
ACCOUNT, PERSON, DEVICE = {"kind": "account"}, {"kind": "identity"}, {"kind": "device"}


def paid(payer: int, payee: int, minutes: float, amount: int, key: int = 0) -> dict[str, Any]:
    name = f"t{payer}-{payee}-{minutes}-{key}"
    return {"transfer_id": name, "payer": payer, "payee": payee, "at": ago(minutes), "amount": amount}


def test_what_left_after_a_device_was_bound() -> None:
    people = [ACCOUNT] * 5
    bound = [{"entity": 0, "at": ago(10 * DAY), "event": "device_bound"}]
    transfers = [
        paid(0, 1, 40 * DAY, 100),  # known since long
        paid(0, 1, 10 * DAY - 5, 700),  # and paid again right after the device
        paid(0, 2, 10 * DAY - 30, 2_000),  # new within the hour
        paid(0, 2, 9 * DAY, 1_000),  # the same payee, still within 72 hours
        paid(0, 3, 7 * DAY, 4_000),  # new, exactly 72 hours after
        paid(0, 3, 6 * DAY, 50),  # too late to count as money of those hours
        paid(0, 4, 5 * DAY, 9_000),  # new, too late
    ]
    found = row("after_changes", people, transfers=transfers, account_events=bound)
    assert found["device_new_payees_90d"] == 2
    assert found["device_new_payee_share_90d"] == pytest.approx(7_000 / 16_850)
    assert (found["limit_new_payees_90d"], found["limit_new_payee_share_90d"]) == (0, 0.0)
    assert found["swap_new_payees_90d"] is None, "nothing was brought about cards"


def test_what_left_after_the_card_was_exchanged() -> None:
    people = [
        {"holder": 2},
        ACCOUNT,
        PERSON,
        {"kind": "sim", "number": "84900", "holder": 2, "valid_from": ago(900 * DAY)},
        {"holder": 2},
    ]
    tables: dict[str, Any] = {
        "accounts": [{"entity": 0, "phone": "84900"}, {"entity": 4}],
        "sims": [{"entity": 3, "number": "84900"}],
        "sim_events": [{"entity": 3, "at": ago(5 * DAY + minutes), "event": "swap"} for minutes in (0, 600)],
        "transfers": [paid(0, 1, 5 * DAY - 90, 5_000), paid(0, 1, 4 * DAY, 900), paid(4, 1, DAY, 10)],
    }
    found = row("after_changes", people, **tables)
    assert found["swap_top_out_hours"] == pytest.approx(1.5)
    assert (found["swap_new_payees_90d"], found["swap_new_payee_share_90d"]) == (1, 1.0)
    unknown = row("after_changes", people, 4, **tables)
    assert unknown["swap_new_payees_90d"] is None, "an account without a known number"
    assert unknown["device_new_payees_90d"] is None, "no account events were brought"


def test_openings_by_clerk_branch_and_handset() -> None:
    days = [100, 99, 95, 40, 100]
    people = [{"valid_from": ago(d * DAY), "kind": "account"} for d in days] + [DEVICE]
    accounts = [
        {"entity": i, "institution": "b", "branch": "x", "staff": s} for i, s in enumerate(["k", "k", "k", "k", None])
    ]
    uses = [{"entity": i, "device": 5, "seen_at": ago(DAY)} for i in (0, 1, 2, 3)]
    found = row("openings", people, accounts=accounts, uses=uses)
    assert found == {
        "node": 0,
        "staff_opened_count": 4,
        "staff_opened_month_count": 3,
        "branch_opened_day_count": 2,
        "device_opened_week_count": 2,
        "device_opened_minutes": DAY,
    }
    online = row("openings", people, 4, accounts=accounts, uses=uses)
    assert (online["staff_opened_count"], online["device_opened_week_count"]) == (None, 0)


def test_what_is_known_of_a_clerk_never_counts_the_account_itself() -> None:
    accounts = [{"entity": i, "institution": "b", "branch": "x", "staff": "k" if i < 3 else "m"} for i in range(5)]
    snapshot = linked([ACCOUNT] * 5, accounts=accounts)
    for known, wanted in (([0], (0, 0.0, 0.0)), ([0, 1], (1, 0.5, 0.0)), ([1, 2, 4], (2, 1.0, 0.5))):
        seeds = pl.DataFrame({"node": known, "weight": 1.0, "basis": "own_review", "known_at": ago(5)})
        found = feature_table(snapshot, "account", Seed.cast(seeds), ("opened_beside",)).frame.row(0, named=True)
        assert (found["staff_known_count"], found["staff_known_share"], found["desk_known_share"]) == wanted


def phone_world() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Accounts 0 and 1 of persons 5 and 6 on a number of person 7, account 2 on the own one, 3 on a recycled one."""
    people = [
        {"holder": 5, "valid_from": ago(50 * DAY)},
        {"holder": 6, "valid_from": ago(50 * DAY)},
        {"holder": 7, "valid_from": ago(50 * DAY)},
        {"holder": 5, "valid_from": ago(400 * DAY)},
        {"holder": 6, "valid_from": ago(400 * DAY)},
        *[PERSON] * 3,
        {"kind": "sim", "number": "84901", "holder": 7, "valid_from": ago(60 * DAY)},
        {"kind": "sim", "number": "84902", "holder": 5, "valid_from": ago(500 * DAY), "valid_to": ago(200 * DAY)},
        {"kind": "sim", "number": "84902", "holder": 7, "valid_from": ago(100 * DAY)},
        DEVICE,
    ]
    tables: dict[str, Any] = {
        "accounts": [{"entity": i, "phone": "84901"} for i in (0, 1, 2)] + [{"entity": 3, "phone": "84902"}],
        "sims": [{"entity": i} for i in (8, 9, 10)],
        "identities": [
            {"source_id": f"{i}", "entity": i, "kind": "person", "province": "01", "commune": c}
            for i, c in ((5, "Xuân"), (6, "Hạ"), (7, "xuan"))
        ],
        "transfers": [paid(0, 2, DAY, 10), paid(2, 0, 2 * DAY, 10), paid(0, 1, DAY, 10)],
        "uses": [{"entity": i, "device": 11, "seen_at": ago(9)} for i in (0, 1, 2)],
    }
    return people, tables


def test_whose_number_an_account_is_on() -> None:
    people, tables = phone_world()
    assert row("phone_owner", people, **tables) == {
        "node": 0,
        "phone_people_count": 3,
        "phone_owner_serves_count": 3,
        "phone_owner_home_differs": 0,
        "phone_owner_is_firm": 0,
        "phone_owner_transfers_all": 2,
        "phone_is_recycled": 0,
        "device_foreign_phones_count": 2,
    }
    other = row("phone_owner", people, 1, **tables)
    assert (other["phone_owner_home_differs"], other["phone_owner_transfers_all"]) == (1, 0)
    own = row("phone_owner", people, 2, **tables)
    assert (own["phone_owner_home_differs"], own["phone_owner_transfers_all"]) == (0, None)
    assert row("phone_owner", people, 3, **tables)["phone_is_recycled"] == 1
    assert row("phone_owner", people, 4, **tables)["phone_owner_serves_count"] is None, "its number is not known"


def test_a_number_registered_anew_counts_from_then_on() -> None:
    people, tables = phone_world()
    moved = {"holder": 3, "thing": 8, "role": "registered_phone", "asserted": "yes", "valid_from": ago(20 * DAY)}
    unsure = {**moved, "thing": 10, "asserted": "unknown", "valid_from": ago(5 * DAY)}
    found = row("phone_owner", people, 3, **tables, holdings=[moved, unsure])
    assert (found["phone_people_count"], found["phone_is_recycled"]) == (3, 0)


def test_accounts_that_still_point_at_a_number_s_past() -> None:
    people, tables = phone_world()
    tables = {name: tables[name] for name in ("accounts", "sims")}
    assert row("number_past", people, 10, **tables) == {
        "node": 10,
        "number_holders_before_count": 1,
        "number_rest_days": 100.0,
        "number_old_accounts_count": 1,
    }
    first = row("number_past", people, 9, **tables)
    assert (first["number_holders_before_count"], first["number_rest_days"], first["number_old_accounts_count"]) == (
        0, None, 0,
    )  # fmt: skip
    people[3] = {**people[3], "valid_to": ago(300 * DAY)}
    assert row("number_past", people, 10, **tables)["number_old_accounts_count"] == 0, "closed in time"


def test_all_sims_of_one_holder() -> None:
    begun = [300, 290, 285, 100, 99]
    people: list[dict[str, Any]] = [
        {"kind": "sim", "holder": 5, "institution": "ab"[i % 2], "valid_from": ago(d * DAY)}
        for i, d in enumerate(begun)
    ]
    people[4]["valid_to"] = ago(DAY)
    people += [PERSON, {"kind": "sim", "institution": "a", "valid_from": ago(DAY)}, DEVICE, DEVICE]
    calls = [{"caller": a, "callee": b, "at": ago(50), "kind": "voice"} for a, b in ((0, 1), (1, 6), (3, 0), (2, 2))]
    uses = [{"entity": i, "device": d, "seen_at": ago(7)} for i, d in ((0, 7), (1, 7), (2, 8))]
    said = [{"source_id": "p", "entity": 5, "kind": "organisation"}]
    assert row("holder_sims", people, 1, calls=calls, uses=uses, identities=said) == {
        "node": 1,
        "holder_sims_now_count": 4,
        "holder_sims_peak_30d_count": 3,
        "holder_sims_operators_count": 2,
        "holder_sims_devices_count": 2,
        "holder_is_firm": 1,
        "holder_sims_calls_all": 2,
    }
    nobody = row("holder_sims", people, 6, calls=calls, uses=uses, identities=said)
    assert {value for name, value in nobody.items() if name != "node"} == {None}


FILE = {"source": "b", "source_kind": "bank", "kind": "person", "source_id": "k", "entity": 1}
REGISTER = {
    "source": "r", "source_kind": "population", "kind": "person", "source_id": "d", "entity": 1, "sex": 1,
    "full_name": "Nguyễn Thị Hà", "birth_date": date(1990, 5, 6), "id_number": "001190000001",
    "old_id_number": "123456789", "face_id": "f",
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ({"full_name": "HA NGUYEN THI", "id_number": "1190000001", "sex": 1}, (0, 0, 2, 3)),
        ({"full_name": "Nguyễn Thị Hạnh", "birth_date": date(1990, 6, 5)}, (0, 2, 0, 2)),
        ({"full_name": "Trần Văn Ba", "birth_date": date(1970, 1, 1), "face_id": "g"}, (3, 0, 0, 3)),
        ({"id_number": "123456789"}, (0, 0, 1, 1)),
        ({"id_number": "987654321"}, (1, 0, 0, 1)),
        ({"id_number": "001190000009"}, (0, 1, 0, 1)),
        ({"sex": 0, "birth_date": date(1990, 5, 6)}, (1, 0, 0, 2)),
    ],
)
def test_a_bank_s_file_beside_the_register(file: dict[str, Any], told: tuple[int, ...]) -> None:
    people = [{"holder": 1}, PERSON]
    accounts = [{"entity": 0, "source": "b", "holder_source_id": "k"}]
    found = row("identity_file", people, accounts=accounts, identities=[{**FILE, **file}, REGISTER])
    names = ("file_mismatch_count", "file_slip_count", "file_spelling_count", "file_fields_count")
    assert tuple(found[name] for name in names) == told


def test_a_stolen_number_is_compared_with_its_owner() -> None:
    people = [{"holder": 1}, PERSON, PERSON]
    accounts = [{"entity": 0, "source": "b", "holder_source_id": "k"}]
    file = {**FILE, "full_name": "Lê Văn Tám", "birth_date": date(1999, 1, 1), "id_number": "001190000001"}
    found = row("identity_file", people, accounts=accounts, identities=[file, {**REGISTER, "entity": 2}])
    assert found["file_mismatch_count"] == 2
    alone = row("identity_file", people, accounts=accounts, identities=[file])
    assert alone["file_mismatch_count"] is None, "no register, no contradiction"


def test_how_many_people_wear_one_face() -> None:
    people = [*[{"holder": 4 + i} for i in range(4)], *[PERSON] * 4]
    told = [("f", 1990), ("f", 1991), ("f", 1991), ("g", 1980)]
    identities = [
        {"source_id": f"{i}", "entity": 4 + i, "face_id": face, "birth_date": date(year, 1, 1), "full_name": f"Lê {i}"}
        for i, (face, year) in enumerate(told)
    ]
    accounts = [{"entity": i, "channel": "ekyc" if i < 2 else "counter"} for i in range(4)]
    assert row("faces", people, 2, identities=identities, accounts=accounts) == {
        "node": 2, "face_people_count": 3, "face_births_count": 2, "face_surnames_count": 1, "face_ekyc_count": 2,
    }  # fmt: skip
    crowd = [{**identities[0], "source_id": f"x{i}", "entity": 100 + i} for i in range(60)]
    assert row("faces", people, 0, identities=crowd + identities)["face_people_count"] is None, "a missing picture"


def test_life_after_the_holder_was_gone() -> None:
    people = [{"holder": 4}, ACCOUNT, ACCOUNT, {"holder": 5}, PERSON, PERSON, DEVICE, DEVICE]
    identities = [
        {"source_id": "d", "entity": 4, "status": "deceased", "status_at": ago(30 * DAY)},
        {"source_id": "e", "entity": 5, "status": "abroad", "status_at": ago(90 * DAY)},
        {"source_id": "f", "entity": 5, "status": "alive", "status_at": ago(9 * DAY)},
    ]
    tables = {
        "identities": identities,
        "transfers": [
            paid(0, 1, 40 * DAY, 5), paid(0, 1, 9 * DAY, 30), paid(0, 2, 8 * DAY, 10), paid(2, 0, 7 * DAY, 99),
            paid(1, 0, 50 * DAY, 1), paid(1, 0, 3 * DAY, 1),
        ],
        "uses": [{"entity": 0, "device": 6, "seen_at": ago(60 * DAY)}, {"entity": 0, "device": 7, "seen_at": ago(DAY)}],
        "holdings": [{"holder": 5, "thing": 0, "role": "authorised", "asserted": "yes"}],
    }  # fmt: skip
    assert row("holder_state", people, **tables) == {
        "node": 0,
        "gone_days": 30.0,
        "gone_is_final": 1,
        "gone_out_count_all": 2,
        "gone_new_payees_all": 1,
        "gone_new_payers_all": 1,
        "gone_new_payee_share_all": 0.25,
        "gone_new_devices_count": 1,
        "gone_is_authorised": 1,
    }
    back = row("holder_state", people, 3, **tables)
    assert {value for name, value in back.items() if name != "node"} == {None}, "came home"


def test_numbers_on_offer() -> None:
    people = [{"number": "0071.000 1"}, {"number": "99"}]
    adverts = [
        {"ad_id": f"{i}", "seen_at": ago(d * DAY), "kind": kind, "value": value, "url_digest": "u"}
        for i, (d, kind, value) in enumerate(
            [
                (100, "account", "00710001"),
                (10, "account", "0071 0001"),
                (10, "account", "55"),
                (10, "number", "0901234567"),
            ]
        )
    ]
    accounts = [{"entity": 0, "phone": "84901234567"}, {"entity": 1}]
    assert row("advertised", people, adverts=adverts, accounts=accounts) == {
        "node": 0,
        "adverts_90d": 1,
        "adverts_all": 2,
        "advert_days": 100.0,
        "advert_span_days": 90.0,
        "phone_adverts_all": 1,
        "advert_crowd_count": 2,
    }
    quiet = row("advertised", people, 1, adverts=adverts, accounts=accounts)
    assert (quiet["adverts_all"], quiet["phone_adverts_all"], quiet["advert_crowd_count"]) == (0, None, None)
    assert row("advertised", people, accounts=accounts)["adverts_all"] is None
