"""What a missing table, a missing value and a silent entity give; what is never read."""

from __future__ import annotations

import polars as pl
import pytest
from keyed import ago, keyed, linked, row

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Seed
from fraudnet.features.compute import feature_table, feature_tables, without_graph
from fraudnet.features.extras import left_out

ACCOUNT, SIM, PERSON = {"kind": "account"}, {"kind": "sim"}, {"kind": "identity"}
NO_SEEDS = Seed.create_empty()


@pytest.mark.parametrize("family", ["money", "bursts", "partners"])
def test_no_transfers_table_is_unknown_and_an_idle_account_is_zero(family: str) -> None:
    unknown = row(family, [ACCOUNT])
    assert {v for k, v in unknown.items() if k != "node"} == {None}
    idle = row(family, [ACCOUNT], transfers=[])
    assert {type(v) for k, v in idle.items() if k != "node"} <= {int, type(None)}
    assert all(v == 0 for k, v in idle.items() if k != "node" and v is not None)
    assert any(v == 0 for v in idle.values())


def test_no_calls_table_is_unknown() -> None:
    assert {v for k, v in row("calling", [SIM]).items() if k != "node"} == {None}
    assert row("calling", [SIM], calls=[])["out_calls_all"] == 0


def test_the_age_needs_no_movement() -> None:
    found = row("tempo", [{"valid_from": ago(1440 * 10)}])
    assert found["age_days"] == pytest.approx(10.0)
    assert found["active_days_all"] is None


def test_cash_share_needs_both_sides() -> None:
    out = [{"cash_id": "c", "entity": 0, "at": ago(5), "amount": -100}]
    paid = [{"transfer_id": "t", "payer": 0, "payee": 1, "at": ago(9), "amount": 300}]
    assert row("cash_use", [ACCOUNT, ACCOUNT], cash=out)["cash_out_share_all"] is None
    assert row("cash_use", [ACCOUNT, ACCOUNT], cash=out, transfers=paid)["cash_out_share_all"] == 0.25


def test_sharing_counts_all_peers() -> None:
    people = [
        {"holder": 3, "valid_from": ago(50)},
        {"holder": 3, "valid_from": ago(60)},
        {"holder": 4, "valid_from": ago(1440 * 90)},
        PERSON,
        PERSON,
        {"kind": "sim", "number": "84900", "holder": 4},
        {"kind": "device"},
    ]
    uses = [{"entity": i, "device": 6, "seen_at": ago(1440 * (i + 1))} for i in (0, 1, 2)]
    hidden = [{"entity": 0, "device": 5, "seen_at": ago(1), "randomised": True}]
    accounts = [{"entity": i, "holder": people[i]["holder"], "phone": "84900"} for i in (0, 1, 2)]
    sims = [{"entity": 5, "holder": 4, "number": "84900"}]
    found = row("account_sharing", people, uses=uses + hidden, accounts=accounts, sims=sims)
    assert found == {
        "node": 0,
        "devices_count": 1,
        "device_accounts_max": 3,
        "device_holders_max": 2,
        "device_new_days": 1.0,
        "phone_accounts_count": 3,
        "phone_holder_differs": 1,
        "holder_accounts_count": 2,
        "holder_opened_30d_count": 2,
        "opened_same_day_same_device_count": 1,
    }
    assert row("account_sharing", people, 2, uses=uses, accounts=accounts, sims=sims)["phone_holder_differs"] == 0
    assert row("sim_sharing", people, 5, uses=uses, accounts=accounts, sims=sims)["sim_accounts_count"] == 3
    held = row("holdings_of", people, 3, uses=uses, accounts=accounts, sims=sims)
    assert (held["accounts_count"], held["sims_count"], held["opened_30d"], held["devices_held_count"]) == (2, 0, 2, 1)


def test_a_number_passed_on_belongs_to_its_present_holder() -> None:
    people = [
        {"holder": 1},
        PERSON,
        PERSON,
        {"kind": "sim", "number": "84900", "holder": 1, "valid_from": ago(900), "valid_to": ago(500)},
        {"kind": "sim", "number": "84900", "holder": 2, "valid_from": ago(400)},
    ]
    tables = {"accounts": [{"entity": 0, "phone": "84900"}], "sims": [{"entity": 3}, {"entity": 4}]}
    assert row("account_sharing", people, **tables)["phone_holder_differs"] == 1
    assert [row("sim_sharing", people, sim, **tables)["sim_accounts_count"] for sim in (3, 4)] == [0, 1]


def test_sims_sold_within_the_hour() -> None:
    minutes = [600, 570, 540, 479]
    sims = [{"entity": i, "dealer": "d", "valid_from": ago(m)} for i, m in enumerate(minutes)]
    people = [SIM] * 5
    found = [row("sim_sharing", people, i, sims=sims)["dealer_same_hour_count"] for i in range(5)]
    assert found == [2, 2, 2, 0, None]


def test_states_are_outcomes_and_persons_attributes_are_no_features() -> None:
    accounts = [{"entity": 0, "kind": "personal", "channel": "ekyc", "x_sex": 1, "x_age": 30, "x_tier": "a"}]
    before = feature_table(linked([ACCOUNT], accounts=accounts), "account", NO_SEEDS, without_graph())
    locked = [{**accounts[0], "status": 3, "status_at": ago(3)}]
    after = feature_table(linked([ACCOUNT], accounts=locked), "account", NO_SEEDS, without_graph())
    assert before.frame.equals(after.frame)
    assert [c.name for c in before.columns if c.name.startswith("x_")] == ["x_tier"]


def test_extra_attributes() -> None:
    people = [ACCOUNT] * 60
    rows = [
        {
            "entity": i,
            "x_tier": "ab"[i % 2],
            "x_note": f"n{i}",
            "x_rate": i / 4,
            "x_on": i == 3,
            "x_day": ago(5),
            "x_said": 1,
        }
        for i in range(60)
    ]
    paid = [
        {"transfer_id": f"t{i}", "payer": 1, "payee": 0, "at": ago(i + 1), "amount": 1, "x_speed": i} for i in range(3)
    ]
    records = Records(
        {"accounts": keyed("accounts", rows), "transfers": keyed("transfers", paid)},
        outcome_extras={"accounts": ("x_said",)},
    )
    found = feature_table(linked(people, records), "account", NO_SEEDS, ("extras_account",))
    third = found.frame.row(3, named=True)
    assert (third["x_tier"], third["x_rate"], third["x_on"], third["in_x_speed_mean"]) == (1, 0.75, 1, None)
    first = found.frame.row(0, named=True)
    assert (first["x_tier"], first["in_x_speed_mean"], first["in_x_speed_max"]) == (0, 1.0, 2)
    assert {c.name: c.categories for c in found.columns}["x_tier"] == ("a", "b")
    assert not {"x_note", "x_day", "x_said"} & set(found.frame.columns)
    assert left_out(records, "accounts") == ["x_day", "x_note"]


def test_counterparties_are_counted_but_get_no_row() -> None:
    people = [ACCOUNT, {"listed": False}]
    paid = [{"transfer_id": "t", "payer": 1, "payee": 0, "at": ago(5), "amount": 7}]
    found = feature_table(linked(people, transfers=paid), "account", NO_SEEDS, ("money",))
    assert found.frame["node"].to_list() == [0]
    assert found.frame["in_payers_1d"].to_list() == [1]


def test_several_kinds_at_once_equal_each_alone() -> None:
    snapshot = linked([ACCOUNT, SIM, PERSON], transfers=[], calls=[])
    both = feature_tables(snapshot, ("account", "sim"), NO_SEEDS, without_graph())
    for kind, table in both.items():
        alone = feature_table(snapshot, kind, NO_SEEDS, without_graph())
        assert table.frame.equals(alone.frame)
        assert table.columns == alone.columns
    assert not any(c.graph for table in both.values() for c in table.columns)


def test_calling() -> None:
    rows = [
        {"caller": 0, "callee": 1, "at": ago(10), "kind": "voice", "duration_s": 60, "cell": "a", "answered": True},
        {"caller": 0, "callee": 1, "at": ago(700), "kind": "voice", "duration_s": 0, "cell": "b", "answered": False},
        {"caller": 0, "callee": 2, "at": ago(1440 * 40), "kind": "voice", "duration_s": 20, "cell": "a"},
        {"caller": 0, "callee": 2, "at": ago(1440 * 3), "kind": "sms"},
        {"caller": 2, "callee": 0, "at": ago(20), "kind": "otp"},
        {"caller": 2, "callee": 0, "at": ago(30), "kind": "voice", "duration_s": 5},
    ]
    found = row("calling", [SIM] * 3, calls=rows)
    wanted = {
        "out_calls_1d": 2, "out_calls_all": 3, "in_calls_1d": 1, "out_sms_7d": 1, "otp_in_1d": 1, "callees_1d": 1,
        "callees_7d": 2, "callees_all": 2, "callers_all": 1, "out_seconds_all": 80, "answered_share_30d": 0.5,
        "answered_share_all": 0.5, "seconds_median_all": 40.0, "cells_count_all": 2, "peak_out_calls_1d": 2,
        "peak_otp_in_1d": 1, "first_callees_30d": 1,
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
    assert found["in_out_ratio_all"] == pytest.approx(1 / 3)


def test_lives() -> None:
    events = [
        {"entity": 0, "at": ago(1440 * d), "event": e} for d, e in ((1, "login"), (40, "login"), (5, "phone_changed"))
    ]
    reports = [{"report_id": f"{d}", "entity": 0, "at": ago(1440 * d)} for d in (3, 89, 91)]
    accounts = [{"entity": 0, "kind": "corporate", "channel": "counter"}]
    found = row("account_life", [ACCOUNT], account_events=events, reports=reports, accounts=accounts)
    assert (found["logins_30d"], found["phone_changes_all"], found["own_reports_90d"]) == (1, 1, 2)
    assert (found["is_corporate"], found["is_ekyc"]) == (1, 0)
    changes = [
        {"entity": 0, "at": ago(1440 * d), "event": e} for d, e in ((1, "swap"), (100, "swap"), (200, "port_in"))
    ]
    calls = [{"caller": 0, "callee": 0, "at": ago(1440 * 2), "kind": "voice"}]
    sim = row("sim_life", [SIM], sim_events=changes, calls=calls, sims=[{"entity": 0, "plan": "postpaid"}])
    assert (sim["swaps_90d"], sim["ports_all"], sim["sim_active_days_30d"], sim["is_postpaid"]) == (1, 1, 1, 1)
    assert sim["days_since_call"] == pytest.approx(2.0)
    assert sim["own_sim_reports_90d"] is None


def test_nothing_but_numbers_reaches_the_table() -> None:
    frame = feature_table(linked([ACCOUNT], transfers=[]), "account", NO_SEEDS, without_graph()).frame
    assert all(kind in (pl.Int64, pl.Float64) for kind in frame.dtypes)
