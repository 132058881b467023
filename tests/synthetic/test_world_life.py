from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from fraudnet.contracts.scene import Desk, Habits, Memo
from fraudnet.errors import ConfigurationError
from fraudnet.synthetic import clock, facts, fraud_habits
from fraudnet.synthetic.savepoint import Savepoint
from fraudnet.synthetic.stage import Stage
from fraudnet.synthetic.world import WorldPlan, _settled, write_planned

TIME = "%Y-%m-%d %H:%M:%S"


def table(drop, name: str) -> pl.DataFrame:
    return pl.read_csv(drop / f"{name}.csv", infer_schema=False)


@pytest.fixture
def stage() -> Stage:
    return _settled(WorldPlan(people=1_500, months=6, seed=4))


def test_the_register_knows_everybody_once_and_learns_of_deaths_weeks_later(drop):
    register = table(drop, "population")
    first, changes = (register.filter(pl.col("NGUON") == name) for name in ("DAN_CU", "DAN_CU_BIEN_DONG"))
    assert first.height == 4_000
    assert register["MA"].is_unique().all()
    assert set(first["TINH_TRANG"]) == {"ALIVE"}
    assert set(changes["TINH_TRANG"]) <= {"DECEASED", "ABROAD"}
    assert changes.height > 5
    late = changes["NGAY_CAP_NHAT"].str.to_datetime(TIME) - changes["TU_NGAY"].str.to_datetime(TIME)
    assert late.dt.total_days().is_between(5, 60).all()


def test_the_dead_fall_silent(tmp_path):
    made = write_planned(tmp_path / "w", WorldPlan(people=2_000, months=8, share=0.0, seed=8))
    drop = made.folder / "drop"
    transfers = pl.read_parquet(drop / "transfers" / "*.parquet")
    register, accounts = table(drop, "population"), table(drop, "accounts")
    gone = register.filter(pl.col("TINH_TRANG") == "DECEASED").select(SO_GIAY_TO="SO_DINH_DANH", died="TU_NGAY")
    named = table(drop, "identities").filter(pl.col("NGUON_LOAI") == "NH").join(gone, on="SO_GIAY_TO")
    held = accounts.join(named.select("MA_KH", "died", BIN="TO_CHUC"), on=["BIN", "MA_KH"])
    paid = transfers.join(held, left_on=["BIN_GUI", "TK_GUI"], right_on=["BIN", "SO_TAI_KHOAN"])
    after = (paid["NGAY_GIO"] > paid["died"]).sum()
    before = (paid["NGAY_GIO"] <= paid["died"]).sum()
    assert before > 100
    assert after < before / 2


def test_a_refund_names_a_transfer_of_the_same_bank_the_other_way(transfers):
    back = transfers.drop_nulls("HOAN_CHO")
    assert back.height > 100
    assert set(back["NOI_DUNG"]) == {"REFUND"}
    paid = back.join(transfers, left_on=["NGUON", "HOAN_CHO"], right_on=["NGUON", "MA_GD"])
    assert paid.height / back.height > 0.97
    assert (paid["TK_GUI"] == paid["TK_NHAN_right"]).all()
    assert (paid["SO_TIEN"] <= paid["SO_TIEN_right"]).all()
    assert (paid["NGAY_GIO"] > paid["NGAY_GIO_right"]).all()


def test_an_exchanged_card_continues_the_one_before(drop):
    swaps = table(drop, "sim_events").filter(pl.col("SU_KIEN") == "SWAP").drop_nulls(["CU", "MOI"])
    assert swaps.height > 50
    assert (swaps["CU"] != swaps["MOI"]).all()
    sims = table(drop, "sims").filter(pl.col("SO_THUE_BAO") != "")
    assert (sims["ICCID"].str.len_chars() == 19).all()
    assert sims["ICCID"].str.starts_with("8984").all()
    first = swaps.sort("LUC").unique("SO_THUE_BAO", keep="first", maintain_order=True)
    assert first["CU"].is_in(sims["ICCID"].implode()).mean() > 0.95


def test_changed_phones_of_accounts_are_dated_holdings(drop):
    registered, events = table(drop, "registered_phones"), table(drop, "account_events")
    changed = events.filter(pl.col("SU_KIEN") == "PHONE_CHANGED")
    both = registered.join(changed, left_on=["BIN", "SO_TAI_KHOAN", "TU_NGAY"], right_on=["BIN", "SO_TAI_KHOAN", "LUC"])
    assert registered.height > 50
    assert both.height >= registered.height * 0.99


def test_accounts_nobody_verified_are_closed_after_the_rule(drop):
    accounts = table(drop, "accounts").drop_nulls("NGAY_DONG")
    assert accounts.height > 100
    assert (accounts["NGAY_DONG"] > accounts["NGAY_MO"]).all()
    unseen = accounts.filter(pl.col("NGAY_XAC_THUC").is_null())
    assert unseen.height > 50


def test_students_and_workers_open_accounts_in_batches(drop):
    accounts = table(drop, "accounts").filter((pl.col("NGAY_MO") >= "2025-10-01") & (pl.col("KENH_MO") == "COUNTER"))
    day = accounts.group_by("BIN", "CHI_NHANH", pl.col("NGAY_MO").str.slice(0, 10)).len()["len"]
    assert day.max() >= 4
    assert accounts.drop_nulls("NHAN_VIEN").height > 0.9 * accounts.height


def test_the_scene_carries_what_typologies_need(stage, tmp_path):
    owners = stage.people(3)
    at = np.full(3, stage.start_us + 30 * clock.DAY)
    firms = stage.found_firms(owners[[0, 0, 1]], at, np.full(3, 10**8))
    accounts = stage.open_accounts(firms, at + clock.DAY, kind="corporate", desk=Desk(bank=2, branch=7, staff=1))
    assert (stage.owner_of_account(accounts) == owners[[0, 0, 1]]).all()
    assert (stage.held.accounts["bank"][accounts] == 2).all()
    assert len(np.unique(stage.held.accounts["staff"][accounts])) == 1
    rows = stage.transfer(stage.shop_accounts(3), accounts, at + 2 * clock.DAY, np.full(3, 10**6), memo=Memo("goods"))
    back = stage.refund(rows, at + 3 * clock.DAY)
    assert (stage.logs.transfers["amount"][back] == 10**6).all()
    assert (stage.logs.transfers["payee"][back] == stage.logs.transfers["payer"][rows]).all()
    elder, younger = stage.twins(2)
    assert (stage.population.birth_day[elder] == stage.population.birth_day[younger]).all()
    assert (stage.population.face[elder] == stage.population.face[younger]).all()
    assert len(stage.exchange_accounts(5)) == 5
    assert (
        owners[2] in stage.contacts_of(int(stage.contacts_of(int(owners[2]))[0]))
        or stage.contacts_of(int(owners[2])).size
    )


def test_a_savepoint_takes_back_what_planting_changed(stage):
    before = Savepoint.of(stage)
    sims, accounts = stage.main_sim(np.array([5])), stage.main_account(np.array([5]))
    stage.recycle_sims(sims, np.array([9]), np.array([stage.start_us + 90 * clock.DAY]))
    stage.close_accounts(accounts, np.array([stage.start_us]))
    stage.open_accounts(np.array([7]), np.array([stage.start_us]), kind="corporate")
    size = len(before.population)
    before.restore(stage)
    assert stage.held.sims["ended"][sims[0]] < 0
    assert stage.held.accounts["closed"][accounts[0]] < 0
    assert len(stage.population) == size == len(stage.held.main_account)


def test_groups_drift_towards_the_other_habits_and_shares_stay_shares():
    rng = np.random.default_rng(1)
    late = [fraud_habits.of_ring("a", 1.0, rng) for _ in range(300)]
    early = [fraud_habits.of_ring("a", 0.0, rng) for _ in range(300)]
    assert np.mean([h.under_lines for h in early]) == fraud_habits.HABITS["a"].under_lines
    assert np.mean([h.under_lines for h in late]) > np.mean([h.under_lines for h in early])
    assert np.mean([np.log(h.aging) for h in late]) > np.mean([np.log(h.aging) for h in early])
    assert all(0 <= getattr(h, name) <= 1 for h in late for name in fraud_habits.SHARES)
    assert Habits() == Habits(waiting=1.0)


def test_other_habits_give_another_world_and_unknown_ones_are_refused(tmp_path):
    plan = {"people": 400, "months": 3, "share": 0.04, "seed": 5}
    sums = []
    for habits in "ab":
        folder = write_planned(tmp_path / habits, WorldPlan(**plan, habits=habits)).folder
        sums.append((folder / "drop" / "accounts.csv").read_bytes())
    assert sums[0] != sums[1]
    with pytest.raises(ConfigurationError, match="expected one of a, b"):
        write_planned(tmp_path / "c", WorldPlan(**plan, habits="c"))


@pytest.mark.parametrize(("dirt", "least", "most"), [(0.0, 0.0, 0.001), (1.0, 0.05, 0.12), (2.0, 0.11, 0.22)])
def test_dirt_has_a_switch(tmp_path, dirt, least, most):
    made = write_planned(tmp_path / "w", WorldPlan(people=1_000, months=1, share=0.0, seed=6, dirt=dirt))
    people = table(made.folder / "drop", "identities").filter(pl.col("LOAI_KH") == "CN")
    assert least <= people["SO_GIAY_TO"].is_null().mean() <= most


def test_the_days_of_a_rule_lie_in_their_weeks():
    start = clock.midnight_us(facts.date(2025, 1, 1))
    days = clock.days_in((start, start + 400 * clock.DAY), *facts.ENROLMENT)
    dates = (days + clock.OFFSET).astype("datetime64[us]").astype("datetime64[D]")
    assert len(days) == 27
    assert str(dates[0]) == "2025-08-25" and str(dates[-1]) == "2025-09-20"
