"""Linkage on a small piece of the yardstick: who is who is known there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize(("dirt", "recall"), [(0.5, 0.985), (1.0, 0.95), (2.0, 0.85)])
def test_precision_and_recall_against_truth(monkeypatch: pytest.MonkeyPatch, dirt: float, recall: float) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    linkage, records = (importlib.import_module(name) for name in ("linkage", "linkage_records"))
    world = records.generate(2000, 11, dirt)
    found = linkage.resolution(world.records).identities.join(world.truth, on=["source", "source_id"])
    reached = linkage.agreement(found)
    assert reached["precision"]["value"] >= 0.995
    assert reached["recall"]["value"] >= recall
    assert all(m["low"] <= m["value"] <= m["high"] for m in reached.values())


def test_the_same_seed_gives_the_same_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    records = importlib.import_module("linkage_records")
    one, two = records.generate(300, 5), records.generate(300, 5)
    assert one.truth.equals(two.truth)
    assert one.records.table("identities").collect().equals(two.records.table("identities").collect())
    assert not one.truth.equals(records.generate(300, 6).truth)
