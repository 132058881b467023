"""The whole main job on a small world: what it leaves, and that every row is accounted for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from small_world import Demo, digests, inside

from fraudnet.contracts.progress import silent
from fraudnet.contracts.results import ListEntry, Reason, Score
from fraudnet.errors import IntegrityError
from fraudnet.pipeline import known_runs, publish_lists
from fraudnet.runs.manifest import read_manifest, verify
from fraudnet.settings import Settings


def test_every_kind_gets_a_model_scores_and_reasons(demo: Demo) -> None:
    assert set(demo.models) == {"account", "sim", "identity"}
    for kind in demo.models:
        scores = Score.validate(pl.read_parquet(demo.run / f"scores-{kind}.parquet"), cast=True)
        reasons = Reason.validate(pl.read_parquet(demo.run / f"reasons-{kind}.parquet"), cast=True)
        flagged = scores.filter(pl.col("flagged"))
        assert 0 < flagged.height <= -(-scores.height * 2 // 100)
        assert set(flagged["entity_id"]) == set(reasons["entity_id"])


def test_every_flagged_account_and_sim_stands_on_one_list(demo: Demo) -> None:
    scores = pl.concat([pl.read_parquet(demo.run / f"scores-{kind}.parquet") for kind in ("account", "sim")])
    entries = ListEntry.validate(pl.read_parquet(demo.run / "list_entries.parquet"), cast=True)
    assert sorted(entries["entity_id"]) == sorted(scores.filter(pl.col("flagged"))["entity_id"])
    listed = pl.DataFrame(demo.told["lists"]["summary"])
    assert listed["entries"].sum() == entries.height
    folders = {path.name for path in Path(demo.told["lists"]["folder"]).iterdir()}
    assert folders == set(entries["institution"])


def test_the_measured_figures_know_how_many_stand_behind_them(demo: Demo) -> None:
    parts = [p for p in demo.told["training"]["evaluations"] if p["rows"] == "all"]
    assert "account" in {p["kind"] for p in parts}
    for part in parts:
        precision = next(m for m in part["measures"] if m["key"] == "average_precision")
        assert 0 <= precision["low"] <= precision["value"] <= precision["high"] <= 1
        assert part["counts"]["positives"] > 0


def test_the_account_model_finds_more_than_chance(demo: Demo) -> None:
    part = next(p for p in demo.told["training"]["evaluations"] if (p["kind"], p["rows"]) == ("account", "all"))
    found = {m["key"]: m["value"] for m in part["measures"]}
    assert found["auc"] > 0.7
    assert (
        found["average_precision"]
        > 3 * part["counts"]["positives"] / pl.read_parquet(demo.run / "scores-account.parquet").height
    )


def test_every_row_is_good_quarantined_or_not_selected(demo: Demo) -> None:
    counts = pl.DataFrame(read_manifest(demo.run)["rows"])
    told = counts.select(pl.col("rows_in") == pl.sum_horizontal("good", "quarantined", "not_selected"))
    assert told.to_series().all()
    assert counts["quarantined"].sum() > 0
    lines = {"transfers": 0, "calls": 0, "accounts": 0, "dispositions": 0}
    for path in [p for p in demo.drop.rglob("*") if p.is_file()]:
        table = (path.parent.name if path.parent != demo.drop else path.name).split(".")[0].split("_accounts")[0]
        table = table.split("_sims")[0]
        if table in lines:
            read = pl.read_parquet if path.suffix == ".parquet" else pl.read_csv
            lines[table] += read(path, **({} if path.suffix == ".parquet" else {"infer_schema": False})).height
    said = dict(counts.group_by("table").agg(pl.col("rows_in").sum()).rows())
    assert {table: said[table] for table in lines} == lines


def test_a_second_demo_in_the_same_folder_makes_nothing_new(demo: Demo, tmp_path: Path) -> None:
    before = digests(demo.run)
    done = inside(demo.words("score", demo.drop, "--out", demo.run.parent, "--json"))
    assert done.code == 0, done.err
    assert json.loads(done.out)["folder"] == str(demo.run)
    assert digests(demo.run) == before
    assert [row["state"] for row in known_runs(demo.run.parent)] == ["whole"]


def flipped(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8 % len(content)] ^= 1 << bit % 8
    path.write_bytes(content)


def test_a_flipped_bit_in_any_table_stops_the_lists(demo: Demo, tmp_path: Path) -> None:
    run = tmp_path / "runs" / demo.run.name
    shutil.copytree(demo.run, run)
    settings = Settings(home=demo.home)
    for number, name in enumerate(sorted(read_manifest(run)["outputs"])):
        flipped(run / name, 7919 * (number + 1))
        with pytest.raises(IntegrityError, match=name):
            publish_lists(run, tmp_path / "lists", settings, silent)
        flipped(run / name, 7919 * (number + 1))
    verify(run)
    flipped(run / "list_entries.parquet", 4_321)
    done = inside(demo.words("lists", run, "--out", tmp_path / "lists", "--json"))
    assert done.code == 76
    assert "list_entries.parquet" in done.err and done.err.count("\n") == 1
    assert not (tmp_path / "lists").exists() or not any((tmp_path / "lists").iterdir())
