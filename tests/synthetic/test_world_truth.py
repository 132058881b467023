from __future__ import annotations

import tomllib

import polars as pl
import pytest

from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.synthetic.house_styles import everybodys
from fraudnet.synthetic.mapping import MAPPING

COLUMNS = ["entity_id", "kind", "role", "typology", "ring", "from", "to"]


def test_truth_has_one_row_for_every_account_and_sim(truth, drop):
    assert truth.columns == COLUMNS
    assert truth["entity_id"].is_unique().all()
    accounts = everybodys(drop, "accounts").filter(pl.col("SO_TAI_KHOAN") != "")
    accounts = accounts.filter(pl.col("LOAI_TK") != "KHONG_RO").unique(["BIN", "SO_TAI_KHOAN"])
    listed = accounts.select("account:" + pl.col("BIN") + ":" + pl.col("SO_TAI_KHOAN")).to_series()
    assert set(truth.filter(pl.col("kind") == "account")["entity_id"]) == set(listed)


def test_the_asked_share_of_accounts_is_fraud(truth):
    fraud = pl.col("role").is_in(FRAUD_ROLES)
    accounts = truth.filter(pl.col("kind") == "account").select(fraud.mean()).item()
    sims = truth.filter(pl.col("kind") == "sim").select(fraud.mean()).item()
    assert accounts == pytest.approx(0.01, abs=0.004)
    assert 0.004 < sims < 0.020


def test_look_alikes_are_more_frequent_than_fraud(truth, world):
    planted = [p for p in world.planted.values() if p.rings]
    assert planted
    for each in planted:
        assert each.alike >= 2 * each.fraud > 0
    roles = truth.group_by(pl.col("role") == "alike").len().sort("role")
    fraud = truth.filter(pl.col("role").is_in(FRAUD_ROLES)).height
    assert roles["len"][1] >= 2 * fraud


def test_the_mapping_never_names_the_truth(world):
    said = tomllib.loads(MAPPING)
    assert all("truth" not in table["file"] for table in said["tables"])
    assert not list((world.folder / "drop").rglob("*truth*"))
    words = ("ordinary", "alike", "typology", "ring")
    assert not any(f'"{word}"' in MAPPING for word in words)


def test_every_file_is_mapped_and_every_column_of_it_is_named(drop):
    said = tomllib.loads((drop / "mapping.toml").read_text(encoding="utf-8"))["tables"]
    mapped = set()
    for table in said:
        files = sorted(drop.glob(table["file"]))
        assert files, table["file"]
        mapped |= set(files)
        assert set(table["columns"]) <= set(RECORDS[table["table"]].column_names())
        header = (
            pl.read_parquet(files[0]) if files[0].suffix == ".parquet" else pl.read_csv(files[0], infer_schema=False)
        )
        assert set(header.columns) == named(table)
    assert mapped | {drop / "mapping.toml"} == {p for p in drop.rglob("*") if p.is_file()}


def named(table: dict) -> set[str]:
    """File columns that a table of the mapping reads."""
    found = {table["source"]["column"]} if isinstance(table["source"], dict) else set()
    for said in table["columns"].values():
        if isinstance(said, str):
            found.add(said)
        elif "kind" in said:
            found |= {part for key, part in said.items() if key != "kind" and isinstance(part, str)}
        elif "column" in said:
            found.add(said["column"])
    return found


def test_decisions_come_late_and_some_by_chance(drop, truth):
    made = pl.read_csv(drop / "dispositions_accounts.csv", infer_schema=False)
    made = made.with_columns(entity_id="account:" + pl.col("BIN") + ":" + pl.col("SO_TAI_KHOAN"))
    joined = made.join(truth, on="entity_id", how="left")
    assert joined["role"].null_count() == 0
    confirmed = joined.filter((pl.col("KET_LUAN") == "confirmed") & (pl.col("CHON_BOI") != "random"))
    right = confirmed.filter(pl.col("role").is_in(FRAUD_ROLES))
    assert right.height / confirmed.height > 0.85
    local_start = right["from"].dt.offset_by("7h").dt.replace_time_zone(None)
    assert (right["NGAY_QD"].str.to_datetime() > local_start).all()
    assert set(made["CHON_BOI"]) == {"queue", "random", "report", "bank"}
    found = right["entity_id"].n_unique() / truth.filter(
        (pl.col("kind") == "account") & pl.col("role").is_in(FRAUD_ROLES)
    ).height  # fmt: skip
    assert 0.3 < found < 0.9


def test_a_third_of_the_losses_is_reported_with_a_transfer_that_exists(drop, transfers):
    reports = pl.read_csv(drop / "reports_accounts.csv", infer_schema=False)
    paid = reports.drop_nulls("MA_GD").join(transfers, on="MA_GD", how="left")
    assert paid.height > 20
    assert (paid["TK_NHAN"] == paid["SO_TAI_KHOAN"]).all()
    assert (paid["NGAY_BAO"] > paid["NGAY_GIO"]).all()


def test_only_decided_accounts_are_locked_beyond_the_usual(drop, truth):
    accounts = everybodys(drop, "accounts").filter(pl.col("SO_TAI_KHOAN") != "")
    accounts = accounts.with_columns(entity_id="account:" + pl.col("BIN") + ":" + pl.col("SO_TAI_KHOAN"))
    joined = accounts.join(truth, on="entity_id").filter(pl.col("TRANG_THAI").is_in(["3", "4", "5"]))
    honest = joined.filter(~pl.col("role").is_in(FRAUD_ROLES)).height
    assert honest / accounts.height < 0.03
    assert joined.height > honest
