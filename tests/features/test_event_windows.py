"""The windows of single transfers, against the authors' own figures and against plain Python."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from keyed import ago, keyed

from fraudnet.contracts.drop import Records
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.features.event_windows import event_windows, events

GOLDEN = {
    "TX_DURING_WEEKEND": ("is_weekend", 1),
    "TX_DURING_NIGHT": ("is_night", 1),
    **{f"CUSTOMER_ID_NB_TX_{d}DAY_WINDOW": (f"payer_count_{d}d", 1) for d in (1, 7, 30)},
    **{f"CUSTOMER_ID_AVG_AMOUNT_{d}DAY_WINDOW": (f"payer_mean_amount_{d}d", 100) for d in (1, 7, 30)},
    **{f"TERMINAL_ID_NB_TX_{d}DAY_WINDOW": (f"payee_count_{d}d", 1) for d in (1, 7, 30)},
    **{f"TERMINAL_ID_RISK_{d}DAY_WINDOW": (f"payee_reported_share_{d}d", 1) for d in (1, 7, 30)},
}


@pytest.mark.real_data
def test_the_handbook_week_is_met_in_every_row(real_data: Path) -> None:
    records = handbook(real_data / "handbook" / "handbook_raw_slim.parquet")
    golden = pl.read_parquet(real_data / "handbook" / "handbook_golden_2018-08-01_week.parquet")
    ours = event_windows(records, None).join(events(records).select("node", "transfer_id"), on="node")
    both = golden.with_columns(pl.col("TRANSACTION_ID").cast(pl.String)).join(
        ours.collect(engine="streaming"), left_on="TRANSACTION_ID", right_on="transfer_id", how="inner"
    )
    assert both.height == 66_975
    for theirs, (mine, unit) in GOLDEN.items():
        far = both.filter(((pl.col(theirs) - pl.col(mine) / unit).abs() <= 1e-6).not_().fill_null(True))
        assert far.height == 0, theirs


def handbook(path: Path) -> Records:
    """Naive local times, amounts with two decimals, reports that become known after 7 days."""
    at = pl.col("TX_DATETIME").cast(pl.Datetime("us")).dt.replace_time_zone(LOCAL_ZONE).dt.convert_time_zone("UTC")
    transfers = pl.scan_parquet(path).select(
        source=pl.lit("handbook"),
        transfer_id=pl.col("TRANSACTION_ID").cast(pl.String),
        at=at,
        payer=pl.col("CUSTOMER_ID").cast(pl.Int64),
        payee=pl.col("TERMINAL_ID").cast(pl.Int64) + 1_000_000,
        amount=(pl.col("TX_AMOUNT") * 100).round().cast(pl.Int64),
        fraud="TX_FRAUD",
    )
    reports = transfers.filter(pl.col("fraud") == 1).select(
        "transfer_id", "at", known_at=pl.col("at") + timedelta(days=7)
    )
    return Records({"transfers": transfers.drop("fraud").collect().lazy(), "reports": reports.collect().lazy()})


def small(*, reported: bool = True) -> Records:
    minutes = [30 * 1440, 20 * 1440, 9 * 1440, 8 * 1440, 60, 60]
    rows = [
        {"transfer_id": f"t{i}", "payer": 1, "payee": 2, "at": ago(m), "amount": 100 * (i + 1)}
        for i, m in enumerate(minutes)
    ]
    told = [{"report_id": "r", "at": ago(2 * 1440), "transfer_id": "t2", "known_at": ago(2 * 1440)}]
    tables = {"transfers": keyed("transfers", rows)}
    return Records(tables | ({"reports": keyed("reports", told)} if reported else {}))


def table(records: Records) -> pl.DataFrame:
    return event_windows(records, None).join(events(records), on="node").sort("transfer_id").collect()


def test_a_transfer_counts_itself_and_those_of_the_same_moment() -> None:
    found = table(small())
    assert found["payer_count_1d"].to_list() == [1, 1, 1, 1, 2, 2]
    assert found["payer_mean_amount_30d"].to_list() == [100.0, 150.0, 200.0, 250.0, 350.0, 350.0]


def test_reports_count_only_once_they_are_known() -> None:
    found = table(small())  # the report takes 7 days from the transfer it names
    assert found["payee_count_30d"].to_list() == [0, 1, 2, 2, 4, 4]
    assert found["payee_reported_share_30d"].to_list() == pytest.approx([0.0, 0.0, 0.0, 0.0, 0.25, 0.25])


def test_no_row_sees_a_report_about_itself_even_when_reports_come_at_once() -> None:
    records = small(reported=False)
    at_once = keyed(
        "reports", [{"report_id": "r", "transfer_id": "t2", "at": ago(9 * 1440), "known_at": ago(9 * 1440)}]
    )
    found = table(records.with_tables(reports=at_once))
    assert found.filter(pl.col("transfer_id") == "t2")["payee_reported_share_1d"].to_list() == [0.0]
    assert found.filter(pl.col("transfer_id") == "t3")["payee_reported_share_7d"].to_list() == [1.0]


def test_without_reports_their_share_is_unknown() -> None:
    found = table(small(reported=False))
    assert found["payee_reported_share_30d"].null_count() == found.height
    assert found["payee_count_30d"].to_list() == [0, 1, 2, 2, 4, 4]
