"""Kinds that are scored beside one another: told in their order, whichever was quicker, and nothing of them is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from fraudnet.contracts.progress import silent
from fraudnet.errors import FraudnetError, InputError, ModelMismatchError
from fraudnet.files import sha256
from fraudnet.pipeline.batch import ranking
from fraudnet.pipeline.batch.unlabelled import Shown
from fraudnet.runs.folder import workbench
from fraudnet.runs.manifest import verify

KINDS = ("account", "sim", "identity")
SOON = 20.0  # seconds that a thread waits for the other before the test is lost
JOB: Any = SimpleNamespace(kinds=KINDS)
GROUND: Any = SimpleNamespace(of=lambda kind, bench: kind)
BENCH: Any = None


def found(kind: str) -> Shown:
    table = pl.DataFrame({"kind": [kind]})
    return Shown(table, table, table, [kind])


def test_kinds_keep_their_order_when_the_first_takes_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    others = Event()

    def shown(job: object, kind: str, material: str, bench: object) -> Shown:
        assert material == kind
        if kind == KINDS[-1]:
            others.set()
        assert kind != KINDS[0] or others.wait(SOON)  # so it must run beside the others
        return found(kind)

    monkeypatch.setattr(ranking, "shown", shown)
    assert [one.notes for one in ranking.each_kind(JOB, GROUND, BENCH, silent)] == [[kind] for kind in KINDS]


def test_of_two_errors_that_of_the_first_kind_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Event()

    def shown(job: object, kind: str, material: str, bench: object) -> Shown:
        if kind == "sim":
            failed.set()
            raise InputError("the second kind")
        if kind == "account":
            assert failed.wait(SOON)
            raise ModelMismatchError("the first kind")
        return found(kind)

    monkeypatch.setattr(ranking, "shown", shown)
    with pytest.raises(FraudnetError, match="the first kind"):
        ranking.each_kind(JOB, GROUND, BENCH, silent)


def test_stages_that_are_kept_at_the_same_moment_are_all_known(tmp_path: Path) -> None:
    names = [f"part-{number}" for number in range(24)]

    def keep(name: str) -> pl.DataFrame:
        return bench.table(name, lambda: pl.DataFrame({"name": [name]}))

    with workbench(tmp_path, "2026-10-01", {"seed": 1}) as bench:
        with ThreadPoolExecutor(8) as pool:
            assert [table.item() for table in pool.map(keep, names)] == names
        assert all(bench.has(f"{name}.parquet") for name in names)
        run = bench.publish({"seed": 1})
    told = verify(run)["outputs"]
    assert {name: one["sha256"] for name, one in told.items()} == {
        f"{name}.parquet": sha256(run / f"{name}.parquet") for name in names
    }
