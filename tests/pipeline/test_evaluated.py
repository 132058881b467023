"""`fraudnet evaluate`: forward in time, broken down, one page, kept in MLflow."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from small_world import DAY_AFTER, SETTINGS, Demo, inside

from fraudnet.expressions import start_of_day
from fraudnet.model.registry import runs
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.examples import teacher
from fraudnet.pipeline.training.folding import moments, needed, pool
from fraudnet.settings import Settings


@pytest.fixture(scope="module")
def told(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    html = tmp_path_factory.mktemp("page") / "evaluation.html"
    words = demo.words("evaluate", demo.drop, "--as-of", DAY_AFTER, "--folds", "2", "--html", html)
    found = inside(["--json", *words])
    assert found.code == 0, found.err
    return json.loads(found.out), html.read_text(encoding="utf-8")


def test_labels_of_each_test_are_mature_before_the_next_and_learned_before_it(demo: Demo) -> None:
    settings = Settings(home=demo.home, **SETTINGS)
    source = open_drops(Request((demo.drop,)), settings, lambda *_: None)
    as_of = start_of_day(date.fromisoformat(DAY_AFTER))
    guide = teacher(source, as_of, ("account", "sim", "identity"), False, (settings, lambda *_: None))
    tested = moments(guide, as_of, 9)
    delay = timedelta(days=settings.maturity_days)
    assert len(tested) >= 2
    for one, following in zip(tested, [*tested[1:], as_of], strict=True):
        assert one + delay <= following
    assert max(needed(guide, tested)) == tested[-1]


def test_every_kind_has_its_report(told: tuple[dict[str, Any], str]) -> None:
    found, _ = told
    for kind, report in found["reports"].items():
        entities = sum(fold["entities"] for fold in report["folds"])
        for rows in report["slices"].values():
            assert sum(one["positives"] for one in rows) >= sum(fold["positives"] for fold in report["folds"]), kind
        assert sum(one["entities"] for one in report["slices"]["month"]) == entities
        assert set(report["random_split"]) <= {row["key"] for row in found["evaluations"][0]["measures"]}
        groups = report["selection"]["groups"]
        assert sum(one["entities"] for one in groups) == entities
        assert ("saved_3" in report["gains"][0]) == (kind == "account")


def test_the_page_is_whole_offline_and_names_every_picture(told: tuple[dict[str, Any], str]) -> None:
    found, html = told
    assert not re.search(r"https?:|<script|<img|@import", html)
    for kind in found["reports"]:
        for name in ("precision and recall", "reliability of the top 5 %", "lift", "gain by capacity", "label rate"):
            assert f"{kind}: {name}" in html
    drawn = [report for report in found["reports"].values() if report["precision_recall"]]
    assert drawn
    assert html.count('class="plot"') >= 5 * len(drawn)
    assert "A random split says" in html


def test_mlflow_keeps_figures_and_page_and_no_model_more(told: tuple[dict[str, Any], str], demo: Demo) -> None:
    found, _ = told
    kept = {run["run"]: run for run in runs(demo.home)}[found["mlflow_run"]]
    assert kept["name"] == "evaluation" and kept["status"] == "FINISHED"
    value = next(m["value"] for m in found["evaluations"][0]["measures"] if m["key"] == "average_precision")
    assert kept["metrics"][f"{found['evaluations'][0]['kind']}.average_precision"] == pytest.approx(value)
    pages = list((demo.home / "mlflow" / "artifacts").rglob("evaluation.html"))
    assert pages
    assert not any(re.search(r"(account|sim|identity):\d", page.read_text(encoding="utf-8")) for page in pages)


def test_pooled_places_take_the_same_share_of_each_test() -> None:
    tests = [
        pl.DataFrame({"entity_id": [f"{n}{i}" for i in range(n)], "raw": [float(i * n) for i in range(n)], "fold": n})
        for n in (10, 40)
    ]
    top = pool(tests).head(10)
    assert top["fold"].value_counts().sort("fold")["count"].to_list() == [2, 8]
