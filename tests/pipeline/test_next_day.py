"""Another day, with an unchanged past: nothing is read or told once again, and the bytes are those of a full run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_world import Demo, digests, scored_earlier

from fraudnet.pipeline.reading import source
from fraudnet.sources import read


def test_another_day_reuses_what_is_on_disk_and_gives_the_bytes_of_a_full_run(
    demo: Demo, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("what lies on disk was made again")

    shutil.copytree(demo.home / "cache" / "drops", tmp_path / "kept" / "cache" / "drops")
    shutil.copytree(demo.home / "cache" / "events", tmp_path / "kept" / "cache" / "events")
    monkeypatch.setattr(read, "_ingested", refused)
    monkeypatch.setattr(source, "_keep", refused)
    again = scored_earlier(demo, tmp_path / "kept", tmp_path / "runs-again")
    assert again.name == earlier.name != demo.run.name
    assert digests(again) == digests(earlier)
