"""Why entries moved between two runs: data, mapping, code, model, threshold, settings, or others on the list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.model.metrics import places
from fraudnet.pipeline.batch.finished import Finished, finished

DATA, LIST, MODEL, THRESHOLD, SETTINGS, MAPPING, CODE = (
    "data", "list", "model", "threshold", "settings", "mapping", "code",
)  # fmt: skip
CAUSES = (DATA, MAPPING, CODE, SETTINGS, MODEL, THRESHOLD, LIST)
# Settings that change nothing but where the list ends.
LINE = ("capacity",)
KEPT = ("entity_id", "raw", "probability", "position", "flagged", "source", "band", "grade")


def diff_runs(before: Path, after: Path) -> dict[str, Any]:
    """What differs between two runs, and each entry that came, went, moved or got another grade, with its causes.

    An entry's own features, score, source and grade decide which of the differences moved it: `data` (also the
    cut-off), `mapping` or `code` when its features changed; `model` when the same kind has another model and its score
    changed; `threshold` when the line of the earlier run would have flagged it otherwise at its later place and score;
    `list` when nothing of its own changed and others passed or left it. `settings` names other settings that changed,
    where nothing else explains the features. Where several differences may have changed the features, all are named.
    Positions are from 1; null where the run did not score the entity.
    """
    old, new = finished(before), finished(after)
    changes = changed(old, new)
    kinds = [kind for kind in old.kinds if kind in new.kinds]
    moves = [row for kind in kinds for row in _moves(old, new, kind, changes)]
    counts = {cause: sum(cause in row["causes"] for row in moves) for cause in CAUSES}
    return {
        "before": old.folder.name,
        "after": new.folder.name,
        "changes": changes,
        "kinds_in_one_run": sorted(set(old.kinds) ^ set(new.kinds)),
        "moves": moves,
        "by_cause": {cause: n for cause, n in counts.items() if n},
    }


def changed(old: Finished, new: Finished) -> dict[str, list[str]]:
    """What went into the runs and differs, by cause, in words; no personal value is among them."""
    files = [{one["name"]: one["sha256"] for one in run.manifest["inputs"]} for run in (old, new)]
    names = sorted(name for name in files[0].keys() | files[1].keys() if files[0].get(name) != files[1].get(name))
    cut_off = [] if old.as_of == new.as_of else [f"cut-off {old.as_of} to {new.as_of}"]
    mine, theirs = old.manifest["settings"], new.manifest["settings"]
    keys = sorted(key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key))
    said = {key: f"{key} {mine.get(key)} to {theirs.get(key)}" for key in keys}
    models, promises = (_differing(old, new, part) for part in ("models", "promises"))
    found = {
        DATA: [*cut_off, *(name for name in names if not _is_mapping(name))],
        MAPPING: [name for name in names if _is_mapping(name)],
        CODE: [] if old.manifest["code"] == new.manifest["code"] else [_versions(old, new)],
        SETTINGS: [said[key] for key in keys if key not in LINE],
        MODEL: models,
        THRESHOLD: [*(said[key] for key in keys if key in LINE), *(f"promises of {kind}" for kind in promises)],
    }
    return {cause: what for cause, what in found.items() if what}


def _differing(old: Finished, new: Finished, part: str) -> list[str]:
    mine, theirs = old.manifest.get(part, {}), new.manifest.get(part, {})
    return sorted(kind for kind in mine.keys() | theirs.keys() if mine.get(kind) != theirs.get(kind))


def _is_mapping(name: str) -> bool:
    return name.startswith("mapping.toml")


def _versions(old: Finished, new: Finished) -> str:
    return f"{old.manifest['code_version']} to {new.manifest['code_version']}"


def _moves(old: Finished, new: Finished, kind: str, changes: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The entries of a kind that are flagged in one run at least and do not stand as they stood."""
    both = _side(old, kind).join(_side(new, kind), on="entity_id", how="full", coalesce=True, suffix="_after")
    listed = both.filter(pl.col("flagged").fill_null(False) | pl.col("flagged_after").fill_null(False))
    still = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(f"{name}_after")) for name in ("position", "flagged", "grade")
    )
    moved = listed.filter(~still).with_columns(old_line=_by_the_old_line(old, new, kind))
    touched = _touched(old, new, kind, moved.select("entity_id"))
    rows = moved.join(touched, on="entity_id", how="left").sort("position_after", "position", nulls_last=True)
    return [_told(row, kind, changes) for row in rows.iter_rows(named=True)]


def _by_the_old_line(old: Finished, new: Finished, kind: str) -> pl.Expr:
    """Whether the earlier run's line flags an entry at its later place; a line in raw scores belongs to its model."""
    most = places(old.manifest["settings"]["capacity"], new.table(f"scores-{kind}").height)
    same_model = old.manifest["models"].get(kind) == new.manifest["models"].get(kind)
    line = first_line(old if same_model else new, kind)
    within = pl.col("position_after") <= most
    return within if line is None else within & (pl.col("raw_after") >= line)


def first_line(run: Finished, kind: str) -> float | None:
    """The raw score from which a run promises the lowest level for a kind."""
    made = run.manifest.get("promises", {}).get(kind, {}).get("made", ())
    line: float | None = made[0]["raw"] if made else None
    return line


def _side(run: Finished, kind: str) -> pl.DataFrame:
    return run.table(f"scores-{kind}").select(KEPT)


def _touched(old: Finished, new: Finished, kind: str, people: pl.DataFrame) -> pl.DataFrame:
    """Which entities have other features, or features of other names: entity_id, features (how many differ)."""
    if not all(run.has("nodes") and run.has(f"features-{kind}") for run in (old, new)):
        return people.with_columns(features=pl.lit(None, pl.Int64))
    left, right = (_features(run, kind, people) for run in (old, new))
    names = [name for name in left.columns if name in right.columns and name != "entity_id"]
    apart = len(set(left.columns) ^ set(right.columns))
    differ = [pl.col(name).ne_missing(pl.col(f"{name}_after")).cast(pl.Int64) for name in names]
    both = left.join(right, on="entity_id", suffix="_after")
    return both.select("entity_id", features=pl.sum_horizontal([*differ, pl.lit(apart)]).cast(pl.Int64))


def _features(run: Finished, kind: str, people: pl.DataFrame) -> pl.DataFrame:
    nodes = run.table("nodes").select("node", "entity_id").join(people, on="entity_id", how="semi")
    return run.table(f"features-{kind}").join(nodes, on="node").drop("node")


def _told(row: dict[str, Any], kind: str, changes: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "entity_id": row["entity_id"],
        "kind": kind,
        "what": _what(row),
        "position": [row["position"], row["position_after"]],
        "probability": [row["probability"], row["probability_after"]],
        "grade": [row["grade"], row["grade_after"]],
        "causes": causes_of(row, kind, changes),
    }


def _what(row: dict[str, Any]) -> str:
    before, after = bool(row["flagged"]), bool(row["flagged_after"])
    if before != after:
        return "came" if after else "went"
    return "graded" if row["grade"] != row["grade_after"] else "moved"


def causes_of(row: dict[str, Any], kind: str, changes: dict[str, list[str]]) -> list[str]:
    """Which differences between the runs explain that this entry does not stand as it stood, in the order of CAUSES."""
    upstream = [cause for cause in (DATA, MAPPING, CODE) if cause in changes]
    upstream = upstream or [cause for cause in (SETTINGS,) if cause in changes]
    if row["raw"] is None or row["raw_after"] is None:
        return upstream or [CODE]
    found = set()
    if row["raw"] != row["raw_after"]:
        found |= set(upstream) if row["features"] != 0 else set()
        found |= {MODEL} if kind in changes.get(MODEL, ()) else set()
        found = found or {CODE}
    if row["flagged_after"] != row["old_line"] or (row["raw"] == row["raw_after"] and row["band"] != row["band_after"]):
        found |= {THRESHOLD} if THRESHOLD in changes else set()
    if row["source"] != row["source_after"]:
        found |= set(upstream)
    return [cause for cause in CAUSES if cause in found] or [LIST]
