"""Runs of the small world held against the models' cards and against an earlier run."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
from small_world import EARLIER, Demo, inside

from fraudnet.expressions import start_of_day
from fraudnet.model.registry import standing
from fraudnet.model.trial import kept
from fraudnet.runs.manifest import read_manifest, write_manifest

QUIET, ATTENTION = 0, 16


def told(demo: Demo, *words: object) -> tuple[int, dict]:
    done = inside(demo.words("monitor", *words, "--json"))
    assert done.code in (QUIET, ATTENTION), done.err
    return done.code, json.loads(done.out)


def test_the_first_models_are_champions_and_their_trials_name_nobody(demo: Demo) -> None:
    assert {aliases["champion"] for aliases in standing(demo.home).values()} == {"1"}
    ids = pl.read_parquet(demo.run / "scores-account.parquet")["number"].drop_nulls().to_list()
    for name in standing(demo.home):
        rows, facts = kept(demo.home / "trials" / f"{name}-1")
        assert rows is not None
        assert (facts["champion"], rows.height > 100) == (None, True)
        if "identity" not in name:  # a person may be guilty by what he holds, which nobody decided
            assert rows.filter("reviewed")["whose"].null_count() == 0
        whole = (demo.home / "trials" / f"{name}-1" / "rows.parquet").read_bytes()
        assert not any(one.encode() in whole for one in ids)


def test_a_run_is_held_against_the_cards(demo: Demo) -> None:
    code, found = told(demo, demo.run)
    assert (code == ATTENTION) == (found["level"] == "alarm")
    assert {kind["kind"] for kind in found["kinds"]} == set(demo.models)
    for kind in found["kinds"]:
        names = {row["name"] for row in kind["columns"]}
        assert "raw score" in names
        assert len(names) == len(json.loads((demo.models[kind["kind"]] / "card.json").read_text())["features"]) + 1
        assert sum(kind["counts"].values()) == len(names)
        assert kind["outcome"] is None
    assert {row["kind"] for row in found["labels"]} <= {"account", "sim", "identity", "device", "other"}
    assert found["labels_by_month"]


def test_an_earlier_run_tells_what_became_of_its_flagged(demo: Demo, earlier: Path) -> None:
    _, found = told(demo, demo.run, "--against", earlier)
    for kind in found["kinds"]:
        flagged = pl.read_parquet(earlier / f"scores-{kind['kind']}.parquet").filter("flagged")
        nodes, seeds = (pl.read_parquet(demo.run / f"{name}.parquet") for name in ("nodes", "seeds"))
        since = start_of_day(date.fromisoformat(EARLIER))
        later = seeds.filter((pl.col("weight") == 1) & (pl.col("known_at") >= since)).join(nodes, on="node")
        span = pl.col("known_at") < pl.lit(since).dt.offset_by("60d")
        mine = later.filter(span).join(flagged, on="entity_id", how="semi").height
        assert kind["outcome"]["confirmed"] == mine
        assert kind["outcome"]["flagged"] == flagged.height
        assert kind["outcome"]["level"] != "too early"
    assert inside(demo.words("monitor", earlier, "--against", demo.run)).code == 78


def test_a_column_that_moved_is_named_on_the_page(demo: Demo, tmp_path: Path) -> None:
    """The same run again, its manifest included, but with one column in other units."""
    run = tmp_path / "runs" / demo.run.name
    shutil.copytree(demo.run, run)
    path = run / "features-account.parquet"
    moved = pl.read_parquet(path).with_columns(pl.col("in_amount_30d") * 1_000 + 7)
    moved.write_parquet(path)
    manifest = read_manifest(run)
    (run / "manifest.json").unlink()
    write_manifest(run, {key: value for key, value in manifest.items() if key != "outputs"})
    code, found = told(demo, run, "--html", tmp_path / "page.html")
    accounts = next(kind for kind in found["kinds"] if kind["kind"] == "account")
    row = next(row for row in accounts["columns"] if row["name"] == "in_amount_30d")
    assert row["level"] == ("alarm" if row["gain"] >= 0.005 else "watch")
    assert row["psi"] > 0.25
    assert code == (ATTENTION if found["level"] == "alarm" else QUIET)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "in_amount_30d" in page
    assert "<script" not in page and "http://" not in page


def test_an_unknown_model_is_named(demo: Demo, tmp_path: Path) -> None:
    done = inside(demo.words("monitor", demo.run, home=tmp_path / "empty"))
    assert done.code == 66
    assert "--home" in done.err
