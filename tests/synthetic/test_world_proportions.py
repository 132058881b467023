from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from fraudnet.synthetic.house_styles import everybodys
from fraudnet.synthetic.world import WorldPlan

PERSON_DAYS = 4_000 * 182  # October to March


def test_a_plan_ends_on_the_first_of_a_month():
    assert WorldPlan(months=4).end == date(2026, 2, 1)
    assert WorldPlan(months=12).end == date(2026, 10, 1)
    assert WorldPlan(months=3, start=date(2025, 12, 1)).end == date(2026, 3, 1)


def test_a_quarter_of_a_transfer_per_person_and_day(transfers):
    events = transfers.filter(pl.col("MA_GD").str.starts_with("FT")).height
    assert events / PERSON_DAYS == pytest.approx(0.25, rel=0.04)


def test_two_fifths_of_a_call_or_message_per_person_and_day(drop, calls):
    operator = everybodys(drop, "sims").unique("SO_THUE_BAO", keep="any")
    at_home = calls.join(operator.select(SO_GOI="SO_THUE_BAO", own="NHA_MANG"), on="SO_GOI")
    assert at_home.filter(pl.col("own") == pl.col("NGUON")).height / PERSON_DAYS == pytest.approx(0.4, rel=0.04)


def test_one_in_twelve_transfers_exceeds_ten_million(transfers):
    once = transfers.filter(pl.col("MA_GD").str.starts_with("FT"))["SO_TIEN"]
    assert (once > 10_000_000).mean() == pytest.approx(0.0835, abs=0.008)
    assert 350_000 < once.median() < 1_000_000
    assert (once % 100_000 == 0).mean() > 0.2


def test_months_lie_in_their_own_files(drop):
    for path in sorted((drop / "transfers").glob("*.parquet")):
        assert pl.read_parquet(path)["NGAY_GIO"].str.slice(0, 7).unique().to_list() == [path.stem[:7]]


def test_one_bank_delivers_some_days_again_with_rows_it_had_forgotten(drop):
    again = pl.read_parquet(drop / "transfers" / "2025-11-gui-lai-970403.parquet")
    first = pl.read_parquet(drop / "transfers" / "2025-11.parquet")
    assert again.height > 100
    assert set(again["NGUON"]) == {"970403"}
    known = again.join(first, on=["NGUON", "MA_GD"], how="semi").height
    assert known / again.height == pytest.approx(0.95, abs=0.04)
    assert (
        again.select("NGUON", "MA_GD", "SO_TIEN", "NGAY_GIO")
        .join(first, on=["NGUON", "MA_GD"])
        .select((pl.col("NGAY_GIO") == pl.col("NGAY_GIO_right")).mean())
        .item()
        > 0.99
    )


def test_messages_carry_no_duration_and_codes_no_cell(calls):
    assert calls.filter((pl.col("LOAI") != "THOAI") & (pl.col("THOI_LUONG") != "0")).is_empty()
    assert calls.filter((pl.col("LOAI") == "OTP") & pl.col("TRAM").is_not_null()).is_empty()
    assert calls.filter(pl.col("LOAI") == "OTP")["SO_GOI"].n_unique() <= 18


def test_operators_have_their_shares(drop):
    sims = everybodys(drop, "sims")
    share = {k: n / sims.height for k, n in sims["NHA_MANG"].value_counts().iter_rows()}
    assert share["452-04"] == pytest.approx(0.54, abs=0.04)
    assert share["452-02"] == pytest.approx(0.23, abs=0.04)


def test_some_people_hold_many_sims_and_most_one(drop):
    held = pl.read_csv(drop / "sims.csv", infer_schema=False).group_by("NHA_MANG", "MA_KH").len()["len"]
    assert held.max() >= 5
    assert held.median() == 1


def test_recycled_numbers_are_two_holdings_that_do_not_overlap(drop):
    sims = (
        pl.read_csv(drop / "sims.csv", infer_schema=False)
        .filter(pl.col("SO_THUE_BAO") != "")
        .sort("SO_THUE_BAO", "TU_NGAY")
    )
    same = pl.col("SO_THUE_BAO") == pl.col("SO_THUE_BAO").shift(-1)
    twice = sims.with_columns(next=pl.col("TU_NGAY").shift(-1)).filter(same)
    assert twice.height > 0
    assert (twice["DEN_NGAY"] < twice["next"]).all()
