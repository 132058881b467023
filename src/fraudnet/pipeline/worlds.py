"""Drops themselves: a synthetic one to try things on, and the check of any drop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.source import place_of
from fraudnet.settings import Settings
from fraudnet.sources.drop import Delivery
from fraudnet.sources.read import read_drops
from fraudnet.sources.summary import summarise
from fraudnet.synthetic.world import START, WorldPlan, write_planned


def make_world(folder: Path, size: Mapping[str, Any], settings: Settings, progress: Progress) -> dict[str, Any]:
    """Write a synthetic world below `folder` and say what is in it.

    size: people, months and share, as the world takes them.
    """
    plan = WorldPlan(size["people"], size["months"], START, size["share"], settings.seed)
    world = write_planned(folder, plan, progress=progress)
    return {"drop": str(folder / "drop"), "truth": str(folder / "truth"), "rows": dict(world.rows), **size}


def check_drops(drops: Sequence[Path], mapping: Path | None, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Read drops and tell rows in, good, quarantined and not selected per table, the rules, the identifiers."""
    request = Request(tuple(drops), mapping)
    place = place_of(request, settings)
    return checked(read_drops(request.drops, mapping, place, progress))


def checked(delivery: Delivery) -> dict[str, Any]:
    """The figures of a delivery as plain values."""
    found = summarise(delivery)
    sums = [pl.col(name).sum() for name in ("rows_in", "good", "quarantined", "not_selected")]
    tables = found.counts.group_by("table").agg(pl.len().alias("files"), *sums).sort("table")
    return {
        "tables": tables.select("table", "files", pl.exclude("table", "files")).to_dicts(),
        "rules": found.rules.to_dicts(),
        "identifiers": found.flags.filter(pl.col("stated") > 0).to_dicts(),
        "ledger": str(delivery.folder / "quarantine"),
    }
