"""The first day: nobody has decided anything, there is no model, and lists come out all the same, plainly marked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from small_world import DAY_AFTER, Demo, inside, only_run

from fraudnet.contracts.progress import silent
from fraudnet.contracts.results import ListEntry, Score
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.champions import chosen_models
from fraudnet.settings import Settings


@pytest.fixture(scope="module")
def real_drop(bank_drop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The banks' drop without a decision, and without the mark of a synthetic world."""
    drop = tmp_path_factory.mktemp("real") / "drop"
    shutil.copytree(bank_drop, drop)
    (drop / "dispositions_accounts.csv").unlink()
    head, *tables = (drop / "mapping.toml").read_text(encoding="utf-8").split("[[tables]]")
    assert "synthetic = true\n" in head
    kept = [head.replace("synthetic = true\n", ""), *(t for t in tables if "dispositions" not in t)]
    (drop / "mapping.toml").write_text("[[tables]]".join(kept), encoding="utf-8")
    return drop


@pytest.fixture(scope="module")
def scored(
    demo: Demo, real_drop: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Demo, Path, dict[str, object]]:
    """That drop scored in a data directory without a model."""
    place = tmp_path_factory.mktemp("first")
    words = demo.words("score", real_drop, "--as-of", DAY_AFTER, "--out", place / "runs", home=place / "home")
    done = inside([*words, "--json"])
    assert done.code == 0, done.err
    return demo, only_run(place / "runs"), json.loads(done.out)


def test_the_run_says_no_model_and_what_training_asks_for(scored: tuple[Demo, Path, dict[str, object]]) -> None:
    _, run, told = scored
    notes = "\n".join(told["notes"])  # type: ignore[arg-type]
    assert "account: no model: ranked by patterns" in notes and "more are missing" not in notes
    assert "confirmed are known; training needs 5 positives" in notes and "within 60 days" in notes
    assert told["models"] == {"account": "no model", "identity": "no model"}
    scores = Score.validate(pl.read_parquet(run / "scores-account.parquet"), cast=True)
    flagged = scores.filter(pl.col("flagged"))
    assert flagged.height > 0
    assert scores["probability"].null_count() == scores.height
    assert set(flagged["grade"]) == {"E"} and set(flagged["action"]) == {"observe"}
    assert {row["expected_honest"] for row in told["kinds"]} == {None}  # type: ignore[attr-defined]


def test_lists_and_pages_say_so_too(scored: tuple[Demo, Path, dict[str, object]], tmp_path: Path) -> None:
    demo, run, _ = scored
    done = inside(demo.words("lists", run, "--out", tmp_path / "lists", "--json", home=tmp_path / "home"))
    assert done.code == 0, done.err
    headers = [json.loads(file.read_text()) for file in tmp_path.rglob("header.json")]
    assert headers and {(h["model"], h["expected_honest"]) for h in headers} == {("no model", None)}
    entries = ListEntry.validate(pl.read_parquet(run / "list_entries.parquet"), cast=True)
    assert entries.height == sum(h["entries"] for h in headers)
    page = inside(demo.words("explain", entries["entity_id"][0], "--run", run))
    assert page.code == 0 and "Chưa có mô hình" in page.out
    assert inside(demo.words("monitor", run)).code == 78


def test_a_model_that_knows_only_a_synthetic_world_refuses_a_real_drop(
    demo: Demo, real_drop: Path, bank_drop: Path, tmp_path: Path
) -> None:
    words = demo.words("score", real_drop, "--as-of", DAY_AFTER, "--out", tmp_path / "runs", *demo.with_models())
    done = inside([*words, "--json"])
    assert done.code == 78
    assert "trained on synthetic data" in done.err and "--accept-synthetic-model" in done.err
    settings = Settings(home=demo.home)
    request = Request((real_drop,), accept_synthetic=True)
    source = open_drops(request, settings, silent)
    chosen = chosen_models(source, request, tuple(demo.models.values()), settings)
    assert set(chosen.foreign) == set(demo.models)
    source = open_drops(Request((bank_drop,)), settings, silent)
    assert chosen_models(source, Request((bank_drop,)), tuple(demo.models.values()), settings).foreign == ()
