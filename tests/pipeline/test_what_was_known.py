"""Measuring forward in time learns from nothing that was decided after the test began."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from fraudnet.contracts.progress import silent
from fraudnet.errors import InputError, IntegrityError
from fraudnet.expressions import start_of_day
from fraudnet.pipeline.reading.source import Source, open_drops
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training import dated
from fraudnet.pipeline.training.examples import teacher
from fraudnet.settings import Settings, load_settings

SAMPLE = Path(__file__).parents[2] / "data" / "synthetic" / "sample" / "drop"
AS_OF = start_of_day(date(2026, 4, 1))


@pytest.fixture
def tools(tmp_path: Path) -> Settings:
    return load_settings(None, home=tmp_path / "home", maturity_days=30, min_positives=5, bootstrap=20)


def opened(tools: Settings, drop: Path = SAMPLE) -> Source:
    return open_drops(Request((drop,)), tools, silent)


def test_the_earlier_model_sees_only_earlier_decisions(tools: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = teacher(opened(tools), AS_OF, ("sim",), True, (tools, silent))
    seen = []

    def stop(earlier, kind, when, chosen=None):
        seen.append((earlier.known.as_of, when.calibration))
        raise InputError("seen enough")

    monkeypatch.setattr(dated, "recipe", stop)
    with pytest.raises(InputError):
        dated.measure(guide, "sim", AS_OF)
    test_at = dated.plan(guide, AS_OF).calibration
    assert seen[0][0] == test_at < AS_OF
    decided = guide.known.records.table("dispositions").filter(pl.col("known_at") >= test_at).collect()
    assert decided.height > 0, "the sample must hold decisions after the test began, or this test proves nothing"


def test_a_damaged_cache_of_events_heals(tools: Settings) -> None:
    first = opened(tools)
    whole = {name: first.records.table(name).collect() for name in ("transfers", "calls")}
    (damaged,) = (tools.home / "cache" / "events").rglob("calls.parquet")
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 255
    damaged.write_bytes(content)
    for _ in range(2):
        again = opened(tools)
        assert all(again.records.table(name).collect().equals(frame) for name, frame in whole.items())


def test_an_open_drop_does_not_change_under_its_reader(tools: Settings, tmp_path: Path) -> None:
    drop = shutil.copytree(SAMPLE, tmp_path / "drop")
    first = opened(tools, drop)
    before = first.records.table("accounts").collect()
    lines = (drop / "accounts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (drop / "accounts.csv").write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    second = opened(tools, drop)
    assert second.digest != first.digest
    assert second.records.table("accounts").collect().height < before.height
    assert first.records.table("accounts").collect().equals(before)


def test_a_run_that_was_damaged_is_made_again(tmp_path: Path) -> None:
    from fraudnet.runs.folder import workbench
    from fraudnet.runs.manifest import verify

    def make() -> Path:
        with workbench(tmp_path, "2026-10-01", {"a": 1}) as bench:
            if bench.finished():
                return bench.final
            bench.table("scores", lambda: pl.DataFrame({"a": [1, 2, 3]}))
            return bench.publish({"what": "run"})

    run = make()
    (run / "scores.parquet").write_bytes(b"spoiled")
    with pytest.raises(IntegrityError):
        verify(run)
    assert verify(make())["what"] == "run"
    assert (tmp_path / f".damaged-{run.name}" / "scores.parquet").read_bytes() == b"spoiled"
