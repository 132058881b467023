"""What the motifs add on AMLSim beyond all other features, paired over random splits; write motifs.json."""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import polars as pl
from run import HERE, RESULTS, commit, machine

SPLITS = 10
FAMILY = "motifs_account"
T_95 = {5: 2.776, 10: 2.262, 20: 2.093}  # Student's t, two-sided 95 %, for so many splits


def gains(folder: Path, home: Path, splits: int) -> list[dict[str, float]]:
    """Average precision on the test part of each split, with the motifs and without them, all else equal."""
    from fraudnet.contracts.progress import silent
    from fraudnet.labels.splits import by_random
    from fraudnet.model.matrix import Matrix
    from fraudnet.model.rows import Part
    from fraudnet.model.train import fit
    from fraudnet.pipeline.reading.source import open_drops
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.training import undated
    from fraudnet.settings import Settings

    settings = Settings(home=home)
    source = open_drops(Request((folder,), HERE / "amlsim.toml"), settings, silent)
    ground = undated.prepare(source, "account", without_graph=False, settings=settings)
    found = []
    for seed in range(splits):
        answers = by_random(ground.answers, seed, (0.6, 0.2, 0.2))
        matrix = undated.seen_matrix(ground, answers, settings)
        plain = tuple(c for c in matrix.columns if c.family != FAMILY)
        bare = Matrix(matrix.frame.select("entity_id", "at", *(c.name for c in plain)), plain)
        row = {}
        for name, one in (("with", matrix), ("without", bare)):
            parts = {fold: Part(one, undated.part_of(answers, fold)) for fold in ("train", "validation", "test")}
            model = fit(one, parts["train"].answers, settings, parts["validation"])
            rows = parts["test"].rows()
            row[name] = precision(rows["y"], model.raw(rows.select(one.names)))
        found.append({"seed": seed, **row})
        print(f"split {seed}: {row['without']:.4f} without, {row['with']:.4f} with", flush=True)
    return found


def precision(y: pl.Series, raw: Any) -> float:
    """Average precision."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(y.to_numpy(), raw))


def summary(found: list[dict[str, float]]) -> dict[str, Any]:
    """Means, and the paired gain with its 95 % interval over splits (Student's t)."""
    difference = [row["with"] - row["without"] for row in found]
    half = T_95[len(found)] * stdev(difference) / math.sqrt(len(found))
    gain = fmean(difference)
    means = {name: fmean(row[name] for row in found) for name in ("with", "without")}
    return {"splits": found, **means, "gain": gain, "low": gain - half, "high": gain + half}


def main() -> None:
    """Write the result file and say it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the third-party sets, as for `make bench`")
    parser.add_argument("--splits", type=int, choices=sorted(T_95), default=SPLITS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        result = summary(gains(asked.data / "amlsim", Path(home), asked.splits))
    told = {"name": "motifs", "command": "make bench-motifs", "commit": commit(), "machine": machine()}
    (RESULTS / "motifs.json").write_text(json.dumps({**told, **result}, indent=1) + "\n", encoding="utf-8")
    print(f"motifs: {result['gain']:+.3f} [{result['low']:+.3f}, {result['high']:+.3f}] average precision")


if __name__ == "__main__":
    main()
