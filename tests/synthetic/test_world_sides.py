from __future__ import annotations

import polars as pl
import pytest

SIDES = ["BIN_GUI", "TK_GUI", "BIN_NHAN", "TK_NHAN", "SO_TIEN"]


def test_an_interbank_transfer_is_reported_by_both_banks_with_keys_of_their_own(transfers):
    between = transfers.filter((pl.col("BIN_GUI") != pl.col("BIN_NHAN")) & pl.col("MA_THAM_CHIEU").is_not_null())
    pairs = between.group_by("MA_THAM_CHIEU").agg(
        pl.len(), pl.col("NGUON").n_unique().alias("sources"), pl.col("MA_GD").n_unique().alias("keys"),
        *[pl.col(c).n_unique().alias(c) for c in SIDES],
        (pl.col("NGAY_GIO").str.to_datetime().max() - pl.col("NGAY_GIO").str.to_datetime().min())
        .dt.total_seconds().alias("skew"),
    )  # fmt: skip
    assert set(pairs["len"]) == {1, 2}
    both = pairs.filter(pl.col("len") == 2)
    assert (both["sources"] == 2).all()
    assert (both["keys"] == 2).all()
    assert both.select(pl.all_horizontal(pl.col(SIDES) == 1).all()).item()
    assert 0 < both["skew"].max() <= 5
    assert (pairs["len"] == 1).mean() == pytest.approx(0.01, abs=0.004)


def test_a_tenth_of_the_interbank_transfers_has_no_reference_and_inner_ones_never(transfers):
    first = transfers.filter(pl.col("MA_GD").str.starts_with("FT"))
    inner = first.filter(pl.col("BIN_GUI") == pl.col("BIN_NHAN"))
    assert inner["MA_THAM_CHIEU"].is_null().all()
    between = first.filter(pl.col("BIN_GUI") != pl.col("BIN_NHAN"))
    assert between["MA_THAM_CHIEU"].is_null().mean() == pytest.approx(0.1, abs=0.01)


def test_a_bank_reports_its_own_transfer_once(transfers):
    inner = transfers.filter(pl.col("BIN_GUI") == pl.col("BIN_NHAN"))
    assert inner["MA_GD"].str.starts_with("FT").all()
    assert (inner["NGUON"] == inner["BIN_GUI"]).all()


def test_each_side_reports_only_what_it_sees(transfers):
    payer_side = pl.col("MA_GD").str.starts_with("FT")
    expected = pl.when(payer_side).then("BIN_GUI").otherwise("BIN_NHAN")
    assert transfers.select((pl.col("NGUON") == expected).all()).item()


def test_a_call_between_operators_is_reported_by_both(drop, calls):
    sims = pl.read_csv(drop / "sims.csv", infer_schema=False).filter(pl.col("SO_THUE_BAO") != "")
    operator = sims.group_by("SO_THUE_BAO").agg(pl.col("NHA_MANG").n_unique().alias("n"), pl.col("NHA_MANG").first())
    operator = operator.filter(pl.col("n") == 1)
    known = calls.join(operator.select(SO_GOI="SO_THUE_BAO", a="NHA_MANG"), on="SO_GOI")
    known = known.join(operator.select(SO_NHAN="SO_THUE_BAO", b="NHA_MANG"), on="SO_NHAN")
    assert known.filter(pl.col("a") == pl.col("b")).select((pl.col("NGUON") == pl.col("a")).all()).item()
    between = known.filter(pl.col("a") != pl.col("b"))
    second = between.filter(pl.col("NGUON") == pl.col("b")).height
    first = between.filter(pl.col("NGUON") == pl.col("a")).height
    assert first + second == between.height
    assert second / first == pytest.approx(0.99, abs=0.005)
