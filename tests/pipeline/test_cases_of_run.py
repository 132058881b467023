"""The cases of a finished run, as a user meets them: tables, commands, exports, dossier, report, trail."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from small_world import Demo, inside

from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.expressions import start_of_day
from fraudnet.files import sha256
from fraudnet.pipeline.casework.cases import earlier_tables, run_before
from fraudnet.store.repository import Store


@pytest.fixture(scope="module")
def largest(demo: Demo) -> str:
    """The case from which victims lost most."""
    cases = pl.read_parquet(demo.run / "cases.parquet")
    return str(cases.sort("lost", "members", "case_id", descending=True)["case_id"][0])


def test_every_table_keeps_its_contract_and_its_keys(demo: Demo) -> None:
    tables = {name: pl.read_parquet(demo.run / f"{name}.parquet") for name in CASE_TABLES}
    for name, schema in CASE_TABLES.items():
        schema.validate(tables[name])
    cases, members = tables["cases"], tables["case_members"]
    assert cases.height
    assert cases["case_id"].is_unique().all()
    assert members.select("case_id", "entity_id").is_unique().all()
    scored = members.filter(pl.col("kind").cast(pl.String).is_in(["account", "sim", "identity"]))
    counted = scored.filter(pl.col("part").cast(pl.String) != "victim").group_by("case_id").agg(n=pl.len())
    assert cases.join(counted, on="case_id").filter(pl.col("n") == pl.col("members")).height == cases.height
    assert cases["members"].max() <= 60
    holds = tables["case_holds"]
    assert holds.filter(pl.col("hold") > pl.col("floor")).is_empty()
    ends = members.select("case_id", source="entity_id")
    assert tables["case_links"].join(ends, on=["case_id", "source"], how="anti").is_empty()


def test_a_later_run_takes_its_keys_from_the_newest_earlier_one(demo: Demo) -> None:
    assert run_before(demo.run.parent, start_of_day(date(2030, 1, 1))) == demo.run
    assert run_before(demo.run.parent, start_of_day(date(2020, 1, 1))) is None
    told = earlier_tables(demo.run)
    assert told is not None
    assert told[0].height


def test_commands_tell_and_write_a_case(demo: Demo, largest: str, tmp_path: Path) -> None:
    listed = inside(demo.words("cases", demo.run, "--json"))
    assert largest in {row["case_id"] for row in json.loads(listed.out)}
    words = demo.words("case", largest, "--run", demo.run, "--out", tmp_path / "a", "--dossier", tmp_path / "a.html")
    told = inside(words)
    assert (told.code, told.err) == (0, "")
    assert {p.suffix for p in (tmp_path / "a").iterdir()} == {".svg", ".graphml", ".csv"}
    again = [
        str(word).replace("/a", "/b") if "/a" in str(word) and str(tmp_path) in str(word) else word for word in words
    ]
    assert inside(again).code == 0
    assert sha256(tmp_path / "a.html") == sha256(tmp_path / "b.html")
    assert "<script" not in (tmp_path / "a.html").read_text(encoding="utf-8")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    digests = {one["sha256"] for one in json.loads((demo.run / "manifest.json").read_text())["inputs"]}
    rows = re.findall(r"\b[0-9a-f]{64}\b", page)
    assert rows
    assert set(rows) <= digests
    assert inside(demo.words("case", "V-000000", "--run", demo.run)).code != 0


def test_the_report_of_a_run(demo: Demo, tmp_path: Path) -> None:
    told = inside(demo.words("report", demo.run, "--out", tmp_path, "--on", "2026-08-20", "--json"))
    assert told.code == 0, told.err
    found = json.loads(told.out)
    assert found["whole"]["items"] == pl.read_parquet(demo.run / "list_entries.parquet")["entity_id"].n_unique()
    assert {Path(file).suffix for file in found["files"]} == {".html", ".xlsx"}


def test_a_trail_needs_no_run(demo: Demo, tmp_path: Path) -> None:
    rows = pl.read_csv(demo.drop / "reports_accounts.csv", infer_schema=False).drop_nulls("THIET_HAI").tail(1)
    row = rows.row(0, named=True)
    typed = [
        "--account",
        f"{row['BIN']}:{row['SO_TAI_KHOAN']}",
        "--at",
        row["NGAY_XAY_RA"],
        "--amount",
        row["THIET_HAI"],
    ]
    told = inside(demo.words("trace", demo.drop, *typed, "--out", tmp_path, "--json", home=tmp_path / "home"))
    assert told.code == 0, told.err
    found = json.loads(told.out)
    for rule in ("fifo", "lifo", "proportional", "lowest"):
        assert sum(one[rule] for one in found["accounts"]) == found["total"] == int(row["THIET_HAI"])
    assert (tmp_path / "trail-accounts.parquet").is_file()
    assert all(one["touches"] >= 0 and one["amount"] > 0 for one in found["hold"])
    with Store(tmp_path / "home" / "store" / "store.db") as store:
        opened = [event.body for event in store.events("opened")]
    assert [(one["way"], one["purpose"]) for one in opened] == [("command", "trace")]
    shown = {one["account"] for one in found["accounts"] if one["account"].startswith("account:")}
    assert set(opened[0]["entities"]) >= shown
    assert inside(demo.words("trace", demo.drop, *typed[:4], "--amount", "x")).code != 0
