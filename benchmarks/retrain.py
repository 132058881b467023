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

from fraudnet.features import families
from fraudnet.features.family import schema_columns
from fraudnet.files import sha256
from fraudnet.synthetic.sizes import sized
from fraudnet.synthetic.world import WorldPlan, write_planned

FIRST = "cash_use"
TINY, FEW = WorldPlan(700, 10, share=0.07), {"FRAUDNET_MIN_POSITIVES": "10"}
BEGIN, END = "<!-- retrain -->", "<!-- /retrain -->"
ASKED = 0.30
CHANGES = {
    "same_values": "its code, not what it says: nothing is fitted again",
    "own_values": "`{column}` twice as much: fitted again where that is seen",
    "values_seen_by_neighbours": "`{column}` twice as much, which neighbours look at",
}
DOUBLED = """

def _doubled(family: Family) -> Family:
    from dataclasses import replace
    from functools import wraps

    @wraps(family.run)
    def run(*told: object, **named: object) -> pl.LazyFrame:
        return family.run(*told, **named).with_columns(pl.col("{column}") * 2)

    return replace(family, run=run)


FAMILY = _doubled(FAMILY)
"""


def trained(code: Path, drop: Path, home: Path, as_of: str, **settings: str) -> dict[str, float]:
    """Train with the code of a folder, in a process of its own; CPU-seconds of the user and the system."""
    env = {**os.environ, **settings, "PYTHONPATH": str(code), "NUMBA_CACHE_DIR": str(code.parent / "kernels")}
    words = [sys.executable, "-c", "from fraudnet.cli import main; main()", "train", str(drop), "--as-of", as_of]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*words, "--home", str(home), "--json"], env=env, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def changed(path: Path, column: str | None) -> None:
    """Change a family's code: without changing what it says, or so that one column says twice as much."""
    text = "\nCHANGED = True\n" if column is None else DOUBLED.format(column=column)
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def models(home: Path) -> dict[str, str]:
    """Digests of the trees of every model that was exported."""
    return {path.parent.name: sha256(path) for path in sorted((home / "models").rglob("model.txt"))}


def measure(place: Path, plan: WorldPlan, family: str) -> dict[str, Any]:
    """Train, then train again after each change of the family, each time beside what the first training left."""
    write_planned(place / "world", plan)
    code, drop, home = place / "code", place / "world" / "drop", place / "home"
    shutil.copytree(ROOT / "src", code, ignore=shutil.ignore_patterns("__pycache__"))
    write_planned(place / "tiny", TINY)
    # Compiles the kernels, which counts for none of the trainings.
    trained(code, place / "tiny" / "drop", place / "warm", str(TINY.end), **FEW)
    first = trained(code, drop, home, str(plan.end))
    path = code / "fraudnet" / "features" / f"{family}.py"
    before, whole = models(home), path.read_bytes()
    found: dict[str, Any] = {"first": first, "models": len(before)}
    for name, column in {"same_values": None, **columns(family)}.items():
        shutil.copytree(home, place / name)
        path.write_bytes(whole)
        changed(path, column)
        again = trained(code, drop, place / name, str(plan.end))
        others = len(set(models(place / name).values()) - set(before.values()))
        if column is None and others:
            raise SystemExit("the second training gave other trees, although the family says the same")
        share = again["cpu_seconds"] / first["cpu_seconds"]
        found[name] = {**again, "share": share, "column": column, "other_trees": others}
        shutil.rmtree(place / name)
    return found


def columns(family: str) -> dict[str, str]:
    """A column of the family that only those see whom it is about, and one that is looked at in neighbours too."""
    (known,) = families((family,))
    told = schema_columns(known)
    return {
        "own_values": next(column.name for column in told if not column.spread),
        "values_seen_by_neighbours": next(column.name for column in told if column.spread),
    }


def page(found: dict[str, Any]) -> str:
    """The paragraph of docs/model-lifecycle.md."""
    first = round(found["first"]["cpu_seconds"])
    world = f"{found['people']:,} people and {found['months']} months, {found['share']:.1%} of the accounts in fraud"
    lines = [
        f"Measured by `{found['command']}` on {world}:",
        f"the first training of {found['models']} models costs {first} CPU-seconds (asked of the next after a change",
        f"in one family: at most {found['asked']:.0%}).",
        "",
        f"| change in `{found['family']}` | CPU-seconds | of the first | models with other trees |",
        "|---|---|---|---|",
    ]
    for key, said in CHANGES.items():
        row = found[key]
        cells = f"{row['cpu_seconds']:.0f} | {row['share']:.0%} | {row['other_trees']} of {found['models']}"
        lines.append(f"| {said.format(column=row['column'])} | {cells} |")
    return "\n".join([*lines, "", f"Commit {found['commit']}, {found['machine']}."])


def main() -> None:
    """Write the result file and the paragraph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="demo")
    parser.add_argument("--people", type=int, help="fewer or more of them than the size has")
    parser.add_argument("--share", type=float, help="share of the accounts in fraud, where the size has another")
    parser.add_argument("--family", default=FIRST)
    asked = parser.parse_args()
    given = {name: value for name in ("people", "share") if (value := getattr(asked, name)) is not None}
    plan = WorldPlan(**sized(asked.size, **given))
    size = " ".join(f"--{name} {value}" for name, value in given.items())
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), plan, asked.family)
    result = {
        "name": "retrain", "people": plan.people, "months": plan.months, "share": plan.share, "family": asked.family,
        **found, "asked": ASKED, "command": "make bench-retrain" + (f' RETRAIN_SIZE="{size}"' if size else ""),
        "commit": commit(), "machine": machine(),
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "retrain.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    path = PAGE.parent / "model-lifecycle.md"
    head, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    path.write_text(f"{head}{BEGIN}\n{page(result)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
