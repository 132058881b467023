"""The clock of the benchmark: stages that run beside one another add up to the whole."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("speed_stages").Clock()
    sys.modules.pop("speed_stages", None)


def whole(parts: dict[str, dict[str, float]]) -> float:
    return sum(row["seconds"] for row in parts.values())


def test_a_stage_inside_a_stage_is_left_out_of_it(clock: Any) -> None:
    began = time.monotonic()
    clock.timed("rest", lambda: clock.timed("outer", lambda: clock.timed("inner", lambda: time.sleep(0.1))))
    assert clock.parts["inner"]["seconds"] >= 0.1
    assert clock.parts["outer"]["seconds"] < 0.1
    assert whole(clock.parts) <= time.monotonic() - began


def test_stages_of_two_threads_share_the_time_that_they_run_together(clock: Any) -> None:
    met = Barrier(2)

    def stage(name: str) -> Callable[[], None]:
        def work() -> None:
            met.wait()
            time.sleep(0.1)
            met.wait()

        return lambda: clock.timed(name, work)

    def both() -> None:
        threads = [Thread(target=stage(name)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    began = time.monotonic()
    clock.timed("rest", both)
    took = time.monotonic() - began
    assert min(clock.parts[name]["seconds"] for name in ("one", "two")) >= 0.04
    assert 0.5 * took <= whole(clock.parts) <= took
