"""Registered drops: however a month was delivered it is the same month, and a corrected file replaces the wrong one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from small_world import inside, only_run

from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError
from fraudnet.pipeline.reading.adding import add_drop
from fraudnet.pipeline.reading.coverage import drops_told
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.request import Request
from fraudnet.settings import Settings

MAPPING = """
version = 1
name = "vcb"
[[tables]]
table = "accounts"
file = "accounts.csv"
[tables.columns]
institution = { constant = "970436" }
account_number = "no"
opened_at = "opened"
[[tables]]
table = "transfers"
file = "t*.csv"
[tables.columns]
transfer_id = "id"
at = "at"
payer = { kind = "account", institution = { constant = "970436" }, number = "from" }
payee = { kind = "account", institution = { constant = "970436" }, number = "to" }
amount = "amount"
"""
FIRST = date(2026, 3, 1)


def month() -> list[str]:
    """A line per transfer: 30 days, 20 accounts, some days busier."""
    return [
        f"T{day:02d}{n},{FIRST + timedelta(days=day)} {8 + n}:{day:02d}:00,{(day * 7 + n) % 20:03d},"
        f"{(day * 7 + n * 3 + 1) % 20:03d},{(day + 1) * (n + 1) * 1000}"
        for day in range(30)
        for n in range(6)
        if (day * 7 + n) % 20 != (day * 7 + n * 3 + 1) % 20
    ]


def deliver(folder: Path, **files: list[str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    accounts = ["no,opened", *(f"{n:03d},2025-01-{n + 1:02d}" for n in range(20))]
    (folder / "accounts.csv").write_text("\n".join(accounts) + "\n")
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(["id,at,from,to,amount", *lines]) + "\n")
    return folder


def scored(home: Path, *drops: Path) -> dict[str, bytes]:
    """Register the drops and score without naming any; the derived tables that no file name is part of."""
    for drop in drops:
        assert inside(["add", str(drop), "--home", str(home)]).code == 0
    done = inside(["score", "--as-of", "2026-03-31", "--out", str(home / "runs"), "--home", str(home), "--json"])
    assert done.code == 0, done.err
    run = only_run(home / "runs")
    return {
        p.name: p.read_bytes()
        for p in run.glob("*.parquet")
        if p.name.split("-")[0] in ("scores", "reasons", "features", "nodes.parquet")
    }


def test_a_month_whole_in_pieces_and_sent_again_gives_the_same_bytes(tmp_path: Path) -> None:
    lines = month()
    whole = scored(tmp_path / "a", deliver(tmp_path / "drops/a1", t=lines))
    n = len(lines)
    cuts = [(0, n // 3), (n // 4, n // 2), (n // 3, 3 * n // 4), (2 * n // 3, n)]
    pieces = scored(tmp_path / "b", *(deliver(tmp_path / f"drops/b{i}", t=lines[a:b]) for i, (a, b) in enumerate(cuts)))
    again = scored(
        tmp_path / "c",
        deliver(tmp_path / "drops/c1", t=lines),
        deliver(tmp_path / "drops/c2", t=lines),
        deliver(tmp_path / "drops/c3", t_other_name=lines[::-1]),
    )
    assert len(whole) > 3
    assert pieces == whole
    assert again == whole


def test_a_corrected_file_replaces_its_predecessor_and_names_the_rows(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    lines = month()
    wrong = [
        line if i != 5 else ",".join([*line.split(",")[:4], "777"])
        for i, line in enumerate([*lines, lines[-1].replace("T295", "T999")])
    ]
    add_drop(deliver(tmp_path / "first", t=wrong), settings, silent)
    told = add_drop(deliver(tmp_path / "second", t=lines), settings, silent)
    (one,) = told["supersedes"]
    assert (one["file"], one["by"], one["changed"], one["removed"], one["added"]) == ("t.csv", "t.csv", 1, 1, 0)
    assert one["rows"] == sorted(["t.csv#6", f"t.csv#{len(wrong)}"])
    source = open_drops(Request(()), settings, silent)
    transfers = source.records.table("transfers").collect()
    assert transfers.height == len(lines)
    assert 777 not in transfers["amount"].to_list()
    assert "T999" not in transfers["transfer_id"].to_list()
    assert source.corrections == tuple(told["supersedes"])


CALLS = """
[[tables]]
table = "calls"
file = "c*.csv"
source = { constant = "viettel" }
[tables.columns]
caller = "a"
callee = "b"
at = "at"
duration_s = "s"
kind = { constant = "voice" }
"""


def called(folder: Path, lines: list[str]) -> Path:
    deliver(folder, t=month()[:1])
    with (folder / "mapping.toml").open("a", encoding="utf-8") as mapping:
        mapping.write(CALLS)
    (folder / "c.csv").write_text("\n".join(["a,b,at,s", *lines]) + "\n")
    return folder


def test_a_corrected_file_of_a_table_without_a_key_replaces_its_predecessor(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    lines = [f"09012345{n:02d},0981234{n:03d},2026-03-{1 + n % 9:02d} 10:00:00,{n}" for n in range(40)]
    lines += lines[:2]  # two calls that were made twice
    wrong = [line if n != 7 else line.rsplit(",", 1)[0] + ",999" for n, line in enumerate(lines)]
    add_drop(called(tmp_path / "first", [*wrong, wrong[3].replace("10:00", "11:00")]), settings, silent)
    assert add_drop(called(tmp_path / "part", wrong[5:30]), settings, silent)["supersedes"] == []
    told = add_drop(called(tmp_path / "second", lines), settings, silent)
    whole, part = [one for one in told["supersedes"] if one["table"] == "calls"]
    assert (whole["changed"], whole["removed"], whole["added"]) == (1, 1, 0)
    assert whole["rows"] == ["c.csv#43", "c.csv#8", "c.csv#8"]
    assert (whole["drop"].endswith("first"), part["drop"].endswith("part")) == (True, True)
    calls = open_drops(Request(()), settings, silent).records.table("calls").collect()
    assert calls.height == len(lines) and 999 not in calls["duration_s"].to_list()


def test_the_same_bytes_are_registered_once_and_a_changed_folder_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    folder = deliver(tmp_path / "one", t=month())
    assert add_drop(folder, settings, silent)["added"]
    assert not add_drop(deliver(tmp_path / "copy", t=month()), settings, silent)["added"]
    (folder / "t.csv").write_text("id,at,from,to,amount\nX,2026-03-01 10:00:00,001,002,5\n")
    with pytest.raises(ConfigurationError, match="is registered and has changed since"):
        add_drop(folder, settings, silent)


def test_days_without_rows_are_holes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    gone = {"2026-03-10", "2026-03-11", "2026-03-20"}
    add_drop(
        deliver(tmp_path / "one", t=[line for line in month() if line.split(",")[1][:10] not in gone]), settings, silent
    )
    (row,) = [row for row in drops_told(settings, silent)["sources"] if row["table"] == "transfers"]
    assert row["holes"] == ["2026-03-10 to 2026-03-11", "2026-03-20"]
    assert (row["first"], row["last"], row["days"]) == ("2026-03-01", "2026-03-30", 27)
    shown = inside(["drops", "--home", str(settings.home)])
    assert shown.code == 0 and "2026-03-10 to 2026-03-11" in shown.out
    assert json.loads(inside(["drops", "--home", str(settings.home), "--json"]).out)["drops"][0]["rows"] > 100


def test_without_any_drop_the_way_on_is_said(tmp_path: Path) -> None:
    done = inside(["score", "--home", str(tmp_path), "--out", str(tmp_path / "runs")])
    assert done.code == 78 and "fraudnet add" in done.err


def test_the_register_moves_with_the_data_directory(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    add_drop(deliver(tmp_path / "home" / "drops" / "one", t=month()), settings, silent)
    (tmp_path / "home").rename(tmp_path / "elsewhere")
    moved = open_drops(Request(()), Settings(home=tmp_path / "elsewhere"), silent)
    assert moved.records.table("transfers").select(pl.len()).collect().item() == len(month())
