"""Measure every typology on rings as they are planted, at half and double intensity, and under other habits."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import numpy as np
import polars as pl
from run import RESULTS, ROOT, commit, machine

sys.path.insert(0, str(ROOT / "tests" / "typologies"))

from test_plant_and_find import ALIKES, FOUND, PEOPLE, RINGS, shown
from typology_tables import features
from typology_world import DAY_US, END_US, SmallScene, ordinary_life

from fraudnet.contracts.scene import Habits
from fraudnet.synthetic.fraud_habits import HABITS
from fraudnet.typologies import typologies

SEED = 20261001
PAGE = ROOT / "docs" / "typologies.md"
BEGIN, END = "<!-- recall begins -->", "<!-- recall ends -->"
# Half as strong: half the sums, twice as patient; double the other way round.
SETTINGS = {
    "whole": Habits(),
    "half": replace(Habits(), sums=0.5, waiting=2.0, codes=0.5, pausing=2.0),
    "double": replace(Habits(), sums=2.0, waiting=0.5, codes=2.0, pausing=0.5),
    "habits b": HABITS["b"],
}


def world(habits: Habits, seed: int) -> SmallScene:
    """Ordinary life, rings with these habits, then honest look-alikes, as the tests plant them."""
    scene = SmallScene(PEOPLE, np.random.default_rng(seed))
    ordinary_life(scene)
    scene.start_us, scene.habits = END_US - 27 * DAY_US, habits
    for known in typologies():
        for _ in range(RINGS):
            known.plant(scene)
    scene.start_us, scene.habits = END_US - 130 * DAY_US, Habits()
    for known in typologies():
        for _ in range(ALIKES):
            known.plant_alike(scene)
    return scene


def measured(habits: Habits, seed: int) -> dict[str, dict[str, float]]:
    """Per typology: share of its rings, of its look-alikes and of ordinary life that is hit at strength 0.5."""
    scene = world(habits, seed)
    tables = features(scene)
    found = {}
    for known in typologies():
        hits = known.hits(tables[known.kind].lazy()).filter(pl.col("strength") >= FOUND).collect()
        hit = set(hits["node"])
        ring, alike = shown(known, scene), scene.marked(known.kind, known.name, alike=True)
        marked = scene.marked(known.kind)
        everybody = len(scene.opened) if known.kind == "account" else len(scene.begun)
        found[known.name] = {
            "planted": len(ring),
            "recall": len(hit & ring) / len(ring),
            "look_alike": len(hit & alike) / len(alike),
            "ordinary": len(hit - marked) / (everybody - len(marked)),
        }
    return found


def table(results: dict[str, dict[str, dict[str, float]]]) -> str:
    """The figures as one Markdown table, in the order of the trade's list."""
    names = list(results)
    lines = [
        f"| # | name | planted | {' | '.join(f'recall, {name}' for name in names)} | look-alike | ordinary life |",
        f"|---|---|---|{'---|' * len(names)}---|---|",
    ]
    for known in sorted(typologies(), key=lambda one: one.number):
        first = results[names[0]][known.name]
        recalls = " | ".join(f"{results[name][known.name]['recall']:.2f}" for name in names)
        rest = f"{first['look_alike']:.2f} | {first['ordinary']:.2%}"
        lines.append(f"| {known.number} | `{known.name}` | {first['planted']:.0f} | {recalls} | {rest} |")
    return "\n".join(lines)


def write_page(text: str) -> None:
    """Put the table between its two marks on the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Measure all settings, print the table, write the figures and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--no-write", action="store_true", help="only print")
    given = parser.parse_args()
    begun = time.process_time()
    results: dict[str, Any] = {name: measured(habits, given.seed) for name, habits in SETTINGS.items()}
    print(table(results))
    if given.no_write:
        return
    facts = {"commit": commit(), "machine": machine(), "seed": given.seed, "cpu_seconds": time.process_time() - begun}
    text = json.dumps({**facts, "settings": results}, indent=1, ensure_ascii=False, sort_keys=True)
    (RESULTS / "typologies.json").write_text(text + "\n", encoding="utf-8")
    write_page(table(results))


if __name__ == "__main__":
    main()
