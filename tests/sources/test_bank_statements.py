"""A world written as statements of several banks' shapes and read back: every transfer once, every gap named."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import polars as pl
import pytest
from drop_builder import read

from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError, InputError
from fraudnet.graph.collapse import one_transfer_each
from fraudnet.pipeline.reading.statements import told_once
from fraudnet.sources.aliases import bank_codes
from fraudnet.sources.propose.proposal import propose
from fraudnet.sources.read import read_drops
from fraudnet.synthetic.statements import SHAPES, Written, write_statements
from fraudnet.synthetic.world import WorldPlan, write_planned

PAIR = ["payer", "payee", "amount"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Path, Written]:
    """Every transfer of a small world, the statements of it, and their lines."""
    place = tmp_path_factory.mktemp("statements")
    write_planned(place / "world", WorldPlan(people=300, months=1, share=0.02))
    delivered = read_drops([place / "world" / "drop"], None, place / "cache", silent).records.table("transfers")
    moved = one_transfer_each(delivered).select("at", *PAIR, "rail_ref").collect()
    banks = moved.select(pl.col("payer").str.split(":").list.get(1)).to_series().value_counts().sort("count", "payer")
    small = banks["payer"].to_list()
    shapes = dict(zip(small, [*SHAPES, *SHAPES], strict=False))
    return moved, place / "drop", write_statements(moved, shapes, place / "drop")


def counted(rows: pl.DataFrame) -> dict[tuple[str, str, int], int]:
    return {row[:3]: row[3] for row in rows.group_by(PAIR).len().rows()}


def test_every_transfer_is_found_once(told: tuple[pl.DataFrame, Path, Written], tmp_path: Path) -> None:
    moved, drop, written = told
    assert {name for name in SHAPES if any(p.suffix == ".xlsx" for p in written.files)} and len(written.files) > 20
    delivery = read_drops([drop], None, tmp_path, silent)
    assert delivery.breaks.height == 0
    once = told_once(delivery.records)
    found = once["transfers"].collect()
    real, seen = counted(moved), counted(found)
    recovered = sum(min(n, seen.get(pair, 0)) for pair, n in real.items())
    doubled = sum(max(n - real.get(pair, 0), 0) for pair, n in seen.items())
    assert recovered >= 0.99 * moved.height
    assert doubled <= 0.001 * moved.height
    half = once["events"].collect()
    assert found.height + half.height + found["other_row_id"].is_not_null().sum() == written.lines.height
    assert found["other_row_id"].is_not_null().mean() > 0.95


def test_twenty_deleted_rows_are_named(told: tuple[pl.DataFrame, Path, Written], tmp_path: Path) -> None:
    _, drop, written = told
    file = next(p for p in written.files if p.name == "ledger.csv")
    name = file.relative_to(drop).as_posix()
    mine = written.lines.filter(pl.col("file") == name).with_columns(
        inner=pl.int_range(pl.len()).over("own").is_between(2, pl.len().over("own") - 3)
    )
    # Every third inner line at most, so that no two deleted ones are neighbours.
    gone = mine.filter("inner").gather_every(3)["row"].to_list()[:20]
    assert len(gone) == 20
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    kept = [row for number, row in enumerate(rows) if number not in gone]
    (tmp_path / "drop").mkdir()
    with (tmp_path / "drop" / "ledger.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(kept)
    bank = file.parent.name
    mapping = (drop / "mapping.toml").read_text(encoding="utf-8")
    head, *tables = mapping.split("[[tables]]")
    own = [table.replace(f"{bank}/", "") for table in tables if f'"{bank}/ledger.csv"' in table]
    (tmp_path / "drop" / "mapping.toml").write_text("[[tables]]".join([head, *own]), encoding="utf-8")
    found = read_drops([tmp_path / "drop"], None, tmp_path / "cache", silent).breaks
    after = sorted(number - sum(g < number for g in gone) for number in (g + 1 for g in gone))
    assert sorted(found["row"]) == after
    assert found["rule"].str.contains("a line is missing").all()


MAPPING = """
version = 1
name = "toy"
[[tables]]
table = "statements"
file = "s.csv"
header = 3
[tables.columns]
own = { kind = "account", institution = { title = "Bank: (.*)", bank = true }, number = { title = "No: ([0-9]+)" } }
at = "t"
debit = { column = "out", number = "comma" }
credit = { column = "in", number = "comma" }
balance_after = "b"
opening = { title = "from ([0-9]+)" }
closing = { title = "to ([0-9]+)" }
"""
HEAD = "Bank: Ngân hàng Vietcombank\nNo: 0071000000001 from 100 to 250\nt,out,in,b\n"


def test_what_the_lines_above_say_holds_for_every_row(tmp_path: Path) -> None:
    rows = '2026-01-01 10:00:00,,"1,000",1100\n2026-01-02 10:00:00,850,,250\n'
    delivery = read(tmp_path, MAPPING, s__csv=HEAD + rows)
    lines = delivery.records.table("statements").collect()
    assert lines["own"].unique().to_list() == ["account:970436:0071000000001"]
    assert lines.select("opening", "closing").unique().rows() == [(100, 250)]
    assert delivery.breaks.height == 0
    half = told_once(delivery.records)["events"].collect()
    assert half.select("entity", "amount", "kind").rows() == [
        ("account:970436:0071000000001", 1000, "half_known_transfer"),
        ("account:970436:0071000000001", -850, "half_known_transfer"),
    ]  # fmt: skip


def test_a_missing_first_or_last_line_shows_in_opening_and_closing(tmp_path: Path) -> None:
    first = read(tmp_path / "a", MAPPING, s__csv=HEAD + "2026-01-02 10:00:00,850,,250\n").breaks
    last = read(tmp_path / "b", MAPPING, s__csv=HEAD + "2026-01-01 10:00:00,,1000,1100\n").breaks
    assert "opening" in first["rule"][0] and "closing" in last["rule"][0]
    assert (first["file"][0], first["row"][0], last["row"][0]) == ("s.csv", 1, 1)


def test_a_line_with_two_sums_or_none_is_quarantined(tmp_path: Path) -> None:
    rows = "2026-01-01 10:00:00,5,5,100\n2026-01-02 10:00:00,,,100\n2026-01-02 11:00:00,0,150,250\n"
    delivery = read(tmp_path, MAPPING, s__csv=HEAD + rows)
    assert delivery.counts.select("good", "quarantined").row(0) == (1, 2)


def test_a_title_that_is_not_there_and_a_wrong_expression_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no line above the headings fits 'No: "):
        read(tmp_path / "a", MAPPING, s__csv="Bank: VCB\nnothing from 1 to 2\nt,out,in,b\n2026-01-01,1,,1\n")
    with pytest.raises(ConfigurationError, match="regular expressions with one group"):
        read(tmp_path / "b", MAPPING.replace('"No: ([0-9]+)"', '"No: [0-9]+"'), s__csv=HEAD)


def test_banks_are_known_by_any_of_their_names() -> None:
    names = ["VCB", "Ngân hàng TMCP Ngoại thương Việt Nam", "vietcombank", "VietinBank", "970436", "MB", "Nowhere Bank"]
    assert bank_codes(pl.Series(names)).to_list() == [
        "970436", "970436", "970436", "970415", "970436", "970422", "nowhere bank"]  # fmt: skip


def test_the_shapes_of_all_banks_are_mapped_without_a_question(
    told: tuple[pl.DataFrame, Path, Written], tmp_path: Path
) -> None:
    moved, drop, written = told
    shutil.copytree(drop, tmp_path / "drop")
    (tmp_path / "drop" / "mapping.toml").unlink()
    asked = propose(tmp_path / "drop", {}).questions
    assert all(question.key.endswith(":at:order") for question in asked)  # a file of a few days does not say it
    found = propose(tmp_path / "drop", {question.key: "day" for question in asked})
    assert found.questions == () and found.left_out == ()
    (tmp_path / "drop" / "mapping.toml").write_text(found.toml, encoding="utf-8")
    delivery = read_drops([tmp_path / "drop"], None, tmp_path / "cache", silent)
    assert delivery.records.table("statements").select(pl.len()).collect().item() == written.lines.height
    assert delivery.breaks.height == 0
    real, seen = counted(moved), counted(told_once(delivery.records)["transfers"].collect())
    assert sum(min(n, seen.get(pair, 0)) for pair, n in real.items()) >= 0.99 * moved.height
    assert sum(max(n - real.get(pair, 0), 0) for pair, n in seen.items()) <= 0.001 * moved.height
