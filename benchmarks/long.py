"""Score years of a whole province and measure how much memory it takes; write long.json and docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import speed
from long_page import LIMIT_MB, RESULT
from run import commit, machine
from speed_stages import Clock

LOOK_EVERY = 0.5  # seconds between two looks at the memory


def world(place: Path, people: int, days: int) -> dict[str, Any]:
    """Write a world of so many people and days, and give its rows."""
    from fraudnet.synthetic.world import WorldPlan, write_planned

    plan = WorldPlan(people=people, days=days, share=0.005, calls=speed.CALLS_EACH_DAY)
    rows = dict(write_planned(place, plan).rows)
    (place / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    return {"rows": rows}


def score(place: Path, home: Path, exported: list[Path]) -> dict[str, Any]:
    """Score a drop as the command does: what each stage cost, and the most memory that was held in it."""
    import fraudnet.cli  # noqa: F401  # allocators as the command line sets them

    clock, most, over = Clock(), dict[str, int](), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            for stage in clock.now():
                most[stage] = max(most.get(stage, 0), resident())

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    parts = speed.score(place, home, exported, clock)["parts"]
    over.set()
    watch.join()
    return {"parts": parts, "most_mb": most}


def resident() -> int:
    """Megabytes that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


def measured(scratch: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """One world, from its folder or written now, and one scoring of it."""
    place = (asked.worlds or scratch) / f"{asked.people}x{asked.days}"
    if not (place / "rows.json").exists():
        shutil.rmtree(place, ignore_errors=True)
        speed.child("world", place, asked.people, asked.days, script=__file__)
    exported = speed.child("models", scratch)["models"]
    made = speed.child("score", place, scratch / "home", *exported, script=__file__)
    return {**made, "rows": json.loads((place / "rows.json").read_text(encoding="utf-8"))}


def asked_of_child(words: list[str]) -> dict[str, Any]:
    """What a child was asked to measure."""
    what, place = words[0], Path(words[1])
    if what == "world":
        return world(place, int(words[2]), int(words[3]))
    return {**score(place, Path(words[2]), [Path(folder) for folder in words[3:]]), "memory_mb": speed.peak()}


def main() -> None:
    """Write the result file and the page."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(asked_of_child(sys.argv[2:])))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=450_000)
    parser.add_argument("--days", type=int, default=900)
    parser.add_argument("--worlds", type=Path, help="folder for the world, kept between runs")
    asked = parser.parse_args()
    result: dict[str, Any] = {
        "name": "long", "people": asked.people, "days": asked.days, "load": os.getloadavg()[0], "limit_mb": LIMIT_MB,
        "transfers": round(asked.people * asked.days * speed.EACH_DAY), "commit": commit(), "machine": machine(),
        "command": f'make bench-long LONG_SIZE="--people {asked.people} --days {asked.days}"',
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        result |= measured(Path(scratch), asked)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    speed.write_page()


if __name__ == "__main__":
    main()
