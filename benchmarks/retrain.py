"""What a training costs after a change in one family of features; in retrain.json and docs/model-lifecycle.md."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from run import PAGE, RESULTS, ROOT, commit, machine

from fraudnet.files import sha256
from fraudnet.synthetic.sizes import sized
from fraudnet.synthetic.world import WorldPlan, write_planned

FIRST = "cash_use"
TINY = WorldPlan(700, 10, share=0.07)
BEGIN, END = "<!-- retrain -->", "<!-- /retrain -->"
ASKED = 0.30


def trained(code: Path, drop: Path, home: Path, as_of: str) -> dict[str, float]:
    """Train with the code of a folder, in a process of its own; CPU-seconds of the user and the system."""
    env = {**os.environ, "PYTHONPATH": str(code), "NUMBA_CACHE_DIR": str(code.parent / "kernels")}
    words = [sys.executable, "-c", "from fraudnet.cli import main; main()", "train", str(drop), "--as-of", as_of]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*words, "--home", str(home), "--json"], env=env, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def changed(code: Path, family: str) -> None:
    """Change a family without changing what it says, so that the models must come out as the same bytes."""
    path = code / "fraudnet" / "features" / f"{family}.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nCHANGED = True\n", encoding="utf-8")


def models(home: Path) -> dict[str, str]:
    """Digests of the trees of every model that was exported."""
    return {path.parent.name: sha256(path) for path in sorted((home / "models").rglob("model.txt"))}


def measure(place: Path, size: str, people: int | None, family: str) -> dict[str, Any]:
    """Train, change one family, train again."""
    plan = WorldPlan(**sized(size, people=people))
    write_planned(place / "world", plan)
    code, drop, home = place / "code", place / "world" / "drop", place / "home"
    shutil.copytree(ROOT / "src", code, ignore=shutil.ignore_patterns("__pycache__"))
    write_planned(place / "tiny", TINY)
    trained(code, place / "tiny" / "drop", place / "warm", str(TINY.end))  # compiles the kernels, which counts for none
    first = trained(code, drop, home, str(plan.end))
    before = models(home)
    changed(code, family)
    second = trained(code, drop, home, str(plan.end))
    if set(models(home).values()) != set(before.values()):
        raise SystemExit("the second training gave other trees, although the family says the same")
    share = second["cpu_seconds"] / first["cpu_seconds"]
    return {
        "name": "retrain", "people": plan.people, "months": plan.months, "family": family, "first": first,
        "second": second, "share": share, "asked": ASKED, "command": "make bench-retrain" + size_of(people),
        "commit": commit(), "machine": machine(),
    }  # fmt: skip


def size_of(people: int | None) -> str:
    """What the command needs beside its name."""
    return "" if people is None else f' RETRAIN_SIZE="--people {people}"'


def page(found: dict[str, Any]) -> str:
    """The paragraph of docs/model-lifecycle.md."""
    first, second = (round(found[key]["cpu_seconds"]) for key in ("first", "second"))
    share, asked = f"{found['share']:.0%}", f"{found['asked']:.0%}"
    world = f"{found['people']:,} people and {found['months']} months"
    return (
        f"Measured by `{found['command']}` on {world}:\nthe first training costs {first} CPU-seconds,\n"
        f"the next one after a change in `{found['family']}` {second}, {share} of it (asked: at most {asked});\n"
        f"the trees are the same to the byte. Commit {found['commit']}, {found['machine']}."
    )


def main() -> None:
    """Write the result file and the paragraph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="demo")
    parser.add_argument("--people", type=int, help="fewer or more of them than the size has")
    parser.add_argument("--family", default=FIRST)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), asked.size, asked.people, asked.family)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "retrain.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    path = PAGE.parent / "model-lifecycle.md"
    head, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    path.write_text(f"{head}{BEGIN}\n{page(found)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
