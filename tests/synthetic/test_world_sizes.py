from __future__ import annotations

from datetime import date

import polars as pl
import pytest
import stdnum.vn.mst

from fraudnet.errors import ConfigurationError
from fraudnet.synthetic import numbers, writing
from fraudnet.synthetic.sizes import SIZES, sized
from fraudnet.synthetic.world import WorldPlan, write_planned

DAYS = WorldPlan(people=300, days=45, share=0.0, seed=9)


def transfers(folder) -> pl.DataFrame:
    return pl.read_parquet(folder / "drop" / "transfers" / "*.parquet")


def test_named_sizes_and_what_differs_from_them():
    assert WorldPlan(**sized("demo")) == WorldPlan(people=20_000, months=12, share=0.01)
    assert WorldPlan(**sized("size")).end == date(2025, 12, 15)
    assert sized("size", months=6, people=None)["days"] is None
    assert sized("figures", share=0.01) == {**sized("figures"), "share": 0.01}
    assert 0.25 * SIZES["speed"].people * SIZES["speed"].days == pytest.approx(10**7, rel=0.02)
    assert SIZES["speed"].calls * SIZES["speed"].people * SIZES["speed"].days == pytest.approx(5 * 10**6, rel=0.02)
    with pytest.raises(ConfigurationError, match="expected one of demo, figures, size, speed"):
        sized("huge")
    with pytest.raises(ConfigurationError, match="or 30 days"):
        write_planned("w", WorldPlan(days=3))


def test_a_world_of_days_ends_on_its_last_day_and_a_large_month_has_several_files(tmp_path, monkeypatch):
    whole = write_planned(tmp_path / "whole", DAYS).folder
    monkeypatch.setattr(writing, "MOST_EVENTS", 1_000)
    parted = write_planned(tmp_path / "parted", DAYS).folder
    names = sorted(p.stem for p in (parted / "drop" / "transfers").iterdir())
    assert names[:2] == ["2025-10-01", "2025-10-02"]
    assert (
        {n[:7] for n in names}
        == {"2025-10", "2025-11"}
        == {p.stem[:7] for p in (whole / "drop" / "transfers").iterdir()}
    )
    first = [transfers(w).filter(pl.col("MA_GD").str.contains("^FT[0-9]+$")) for w in (whole, parted)]
    key = ["MA_GD", "TK_GUI", "NGAY_GIO", "SO_TIEN"]
    good = pl.col("SO_TIEN") != "abc"
    one, other = (f.filter(good).unique("MA_GD", keep="first").select(key).sort(key) for f in first)
    assert abs(one.height - other.height) <= 3
    assert one.join(other, on=key, how="anti").height <= 3
    assert max(f["NGAY_GIO"].max() for f in first) < "2025-11-15"


def test_calls_can_be_thinned(tmp_path):
    usual, fewer = (
        write_planned(tmp_path / str(calls), WorldPlan(people=300, days=45, share=0.0, seed=9, calls=calls)).rows
        for calls in (0.4, 0.1)
    )
    assert fewer["calls"] == pytest.approx(usual["calls"] / 4, rel=0.15)
    assert fewer["transfers"] == usual["transfers"]


def test_tax_codes_have_their_check_digit(drop):
    told = pl.read_csv(drop / "identities.csv", infer_schema=False)["MST"].drop_nulls()
    assert told.len() > 100
    assert all(stdnum.vn.mst.is_valid(code) for code in told.unique())
    many = numbers.tax_code(pl.arange(0, 5_000, eager=True).to_numpy())
    assert all(stdnum.vn.mst.is_valid(str(code)) for code in many[::50])
    assert len(set(many.tolist())) == 5_000
