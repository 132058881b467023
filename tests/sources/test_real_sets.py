"""The mapping files of the third-party sets, read as they are."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.progress import silent
from fraudnet.sources.read import read_drops

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
EXPECTED = {
    "sichuan": {"sims": 6_106, "links": 416_211, "dispositions": 6_106, "splits": 6_106},
    "amlsim": {"accounts": 20_000, "transfers": 117_791, "dispositions": 20_000},
    "handbook": {"accounts": 14_990, "transfers": 1_754_155, "reports": 14_681},
}
# Fourteen AMLSim transfers go from an account to itself.
QUARANTINED = {"sichuan": [], "amlsim": [("payer_is_not_payee", 14)], "handbook": []}


@pytest.mark.real_data
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_third_party_set_reads_as_it_is(real_data, tmp_path, name):
    delivery = read_drops([real_data / name], BENCHMARKS / f"{name}.toml", tmp_path, silent)
    good = delivery.counts.group_by("table").agg(pl.col("good").sum())
    assert dict(good.rows()) == EXPECTED[name]
    rules = delivery.quarantine.select(pl.col("rules").explode(empty_as_null=True)).collect().to_series()
    assert rules.value_counts().rows() == QUARANTINED[name]
    for table, frame in delivery.records.tables.items():
        RECORDS[table].validate(frame.head(1_000).select(list(RECORDS[table].columns())).collect())


@pytest.mark.real_data
def test_the_sets_keep_what_the_product_needs(real_data, tmp_path):
    sims = read_drops([real_data / "sichuan"], BENCHMARKS / "sichuan.toml", tmp_path / "s", silent).records
    assert len(sims.extras("sims")) == 55 and not sims.dated
    aml = read_drops([real_data / "amlsim"], BENCHMARKS / "amlsim.toml", tmp_path / "a", silent).records
    assert aml.extras("accounts") == ["x_init_balance"]
    raw = pl.read_parquet(real_data / "amlsim" / "20K_cycle200_transactions.parquet")
    kept = raw.filter(pl.col("sourceNodeId") != pl.col("targetNodeId"))
    cents = kept.select((pl.col("value") * 100).round().cast(pl.Int64).sum()).item()
    assert aml.table("transfers").select(pl.col("amount").sum()).collect().item() == cents
