"""The day after, with an unchanged past: nothing is read or told once again, and the bytes are those of a full run."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from small_world import SETTINGS, Demo, digests, trusting

from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.pipeline import Request, score_drops
from fraudnet.pipeline.reading import source
from fraudnet.settings import Settings
from fraudnet.sources import read


def day_before(demo: Demo, home: Path, out: Path) -> Path:
    """A run of the day before the demo's, by its models."""
    as_of = start_of_day(date.fromisoformat(demo.told["run"]["as_of"]) - timedelta(days=1))
    models = tuple(demo.models[kind] for kind in sorted(demo.models))
    settings = Settings(home=home, **SETTINGS)
    return Path(score_drops(Request((demo.drop,), None, as_of), settings, out, models, silent)["folder"])


def test_another_day_reuses_what_is_on_disk_and_gives_the_bytes_of_a_full_run(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = day_before(demo, trusting(tmp_path / "fresh", demo), tmp_path / "runs-fresh")

    def refused(*_: object) -> None:
        raise AssertionError("what lies on disk was made again")

    shutil.copytree(demo.home / "cache" / "drops", tmp_path / "kept" / "cache" / "drops")
    shutil.copytree(demo.home / "cache" / "events", tmp_path / "kept" / "cache" / "events")
    monkeypatch.setattr(read, "_ingested", refused)
    monkeypatch.setattr(source, "_keep", refused)
    again = day_before(demo, trusting(tmp_path / "kept", demo), tmp_path / "runs-again")
    assert again.name == fresh.name != demo.run.name
    assert digests(again) == digests(fresh)
