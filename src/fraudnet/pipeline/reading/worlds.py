"""Drops themselves: a synthetic one to try things on, and the figures of any drop."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.settings import Settings
from fraudnet.sources.drop import Delivery
from fraudnet.sources.summary import summarise
from fraudnet.synthetic.sizes import sized
from fraudnet.synthetic.world import START, WorldPlan, write_planned


def make_world(folder: Path, size: Mapping[str, Any], settings: Settings, progress: Progress) -> dict[str, Any]:
    """Write a synthetic world below `folder` and say what is in it.

    size: people, months and share, and what differs from a world of every day (habits, days, calls), as the world
    takes them.
    """
    plan = WorldPlan(start=START, seed=settings.seed, **size)
    world = write_planned(folder, plan, progress=progress)
    return {"drop": str(folder / "drop"), "truth": str(folder / "truth"), "rows": dict(world.rows), **size}


def world_size(name: str, **given: Any) -> dict[str, Any]:
    """A named size of world (demo, figures, size, speed), with what is given and not None in its place.

    Raises ConfigurationError for a name that is none.
    """
    return sized(name, **given)


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
