"""Corrections and withdrawals: the bytes kept, code 0 with its reason, both levels of the checker.

`python tests/lists/test_simo_003.py` writes the golden files anew after a wanted change.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import list_examples as made
import polars as pl
import pytest

from fraudnet.lists import simo_003
from fraudnet.lists.check import check_file
from fraudnet.lists.filling import fill, write_to_fill
from fraudnet.lists.header import Recipient, header_of
from fraudnet.lists.live import Change
from fraudnet.lists.simo import BATCH
from fraudnet.lists.tables import read_table, write_table

GOLDEN = Path(__file__).parent / "golden_corrections"


def changes() -> pl.DataFrame:
    """One account updated, one organisation withdrawn, one account withdrawn, one suspended, one SIM withdrawn."""
    rows = made.entries().lazy().collect().with_row_index()
    told = pl.DataFrame({
        "index": [0, 1, 2, 3, 4],
        "operation": ["withdraw", "withdraw", "withdraw", "suspend", "update"],
        "reason": ["cleared", "expired", "closed", "ruled", "renewed"],
    })  # fmt: skip
    whole = rows.with_columns(pl.col("index").cast(pl.Int64)).join(told, on="index").with_columns(
        entry_id=pl.lit("e"), flag_id=pl.lit("f"), evidence=pl.lit(["own:x"]), state=pl.lit("live"),
        listed_on=pl.lit(made.LIST_DATE), review_on=pl.lit(made.LIST_DATE), turn=pl.lit(0),
    )  # fmt: skip
    types = {name: column.dtype for name, column in Change.columns().items()}
    return whole.select(list(types)).cast(types)


def written(folder: Path, told: pl.DataFrame | None = None) -> tuple[Path, ...]:
    header = header_of(made.entries(), Recipient("bank_north", "bank"), made.LIST_DATE, "vi")
    return simo_003.write(changes() if told is None else told, folder, replace(header, list_id="20261005-golden"))


def test_the_files_are_equal_to_the_byte(tmp_path):
    written(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in GOLDEN.iterdir())
    for path in GOLDEN.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_withdrawn_accounts_carry_code_0_and_a_reason_and_sims_are_not_simos(tmp_path):
    records = [record for path in written(tmp_path) for record in json.loads(path.read_bytes())]
    told = {str(r.get("SoTaiKhoan", r.get("SoTaiKhoanToChuc"))): (r["NghiNgo"], r["LyDoCapNhat"]) for r in records}
    accounts = changes().filter(pl.col("kind") == "account", pl.col("operation").cast(pl.String) != "suspend")
    assert set(told) == set(accounts["number"])
    gone = accounts.filter(pl.col("operation").cast(pl.String) == "withdraw")["number"]
    assert all((code == "0") == (number in set(gone)) and why for number, (code, why) in told.items())


def test_nothing_is_written_when_nothing_is_corrected(tmp_path):
    assert written(tmp_path, changes().filter(pl.col("kind") == "sim")) == ()
    assert not list(tmp_path.iterdir())


def test_a_draft_becomes_ready_when_the_bank_fills_it_in(tmp_path):
    one = changes().filter(pl.col("holder_kind") == "person", pl.col("kind") == "account").head(1)
    (path,) = written(tmp_path, one)
    assert check_file(path, "draft") == ()
    assert {problem.field for problem in check_file(path, "ready")} <= {"Cif", "TrangThaiHoatDongTaiKhoan"}
    asked = read_table(write_to_fill(tmp_path))
    values = {"Cif": "C9", "TrangThaiHoatDongTaiKhoan": "1", "TenKhachHang": "Trần Thị Bịa"}
    filled = asked.with_columns(value=pl.col("field").replace(values))
    (ready,) = fill(tmp_path, write_table(tmp_path / "filled.csv", filled), tmp_path / "ready")
    assert check_file(ready, "ready") == ()


def test_batches_hold_ten_thousand_records(tmp_path):
    one = changes().filter(pl.col("holder_kind") == "person", pl.col("kind") == "account").head(1)
    many = pl.concat([one] * (BATCH + 1)).with_columns(number=pl.int_range(BATCH + 1).cast(pl.String))
    files = written(tmp_path, many)
    assert [(p.name, len(json.loads(p.read_bytes()))) for p in files] == [
        ("simo_003-0001.json", BATCH),
        ("simo_003-0002.json", 1),
    ]


@pytest.mark.parametrize(("field", "value"), [("LyDoCapNhat", ""), ("NghiNgo", "9"), ("SoTaiKhoan", "1 2")])
def test_a_wrong_correction_is_named(tmp_path, field, value):
    one = changes().filter(pl.col("holder_kind") == "person", pl.col("kind") == "account").head(1)
    (path,) = written(tmp_path, one)
    records = json.loads(path.read_bytes())
    records[0][field] = value
    path.write_text(json.dumps(records), encoding="utf-8")
    assert [problem.field for problem in simo_003.check(path)] == [field]


if __name__ == "__main__":
    shutil.rmtree(GOLDEN, ignore_errors=True)
    GOLDEN.mkdir()
    written(GOLDEN)
