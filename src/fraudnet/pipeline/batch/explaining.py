"""Why an entity stands where it does in a run: score, grade, reasons on both sides, patterns, what it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import MissingInputError
from fraudnet.pipeline.batch.finished import Finished, finished
from fraudnet.scoring.support import flag_id

SHOWN = ("entity_id", "kind", "institution", "number", "position", "probability", "flagged")
GRADED = ("source", "band", "grade", "action", "expires_on")


def explain_entity(entity: str, run: Path) -> dict[str, Any]:
    """Everything that a run says about one entity.

    entity: its id (`account:…`, `sim:…`, `identity:…`) or its account or phone number; run: a run folder, or a folder
    of runs for the newest. Raises MissingInputError when the run did not score it; no error repeats what was asked.
    """
    found = finished(run)
    row = scored_as(found, entity)
    who, kind = row["entity_id"], row["kind"]
    reasons = found.table(f"reasons-{kind}").filter(pl.col("entity_id") == who).sort("position")
    resting = _support(found, row)
    return {
        "run": found.folder.name,
        "as_of": found.as_of,
        "language": found.language,
        **{name: row[name] for name in (*SHOWN, *GRADED)},
        "scored": found.table(f"scores-{kind}").height,
        "against": reasons.filter(~pl.col("in_favour")).to_dicts(),
        "in_favour": reasons.filter("in_favour").to_dicts(),
        "cleared": _cleared(found, who),
        "hits": _hits(found, row),
        "evidence": _evidence(found, row),
        "rests_on": resting,
        "stands_alone": any(one["kind"] == "own" for one in resting) if row["flagged"] else None,
    }


def scored_as(run: Finished, entity: str) -> dict[str, Any]:
    """The score of the entity that was asked for. Raises MissingInputError when there is none, or more than one."""
    named = (pl.col("entity_id") == entity) | (pl.col("number") == entity)
    rows = run.each("scores").filter(named)
    if rows.height == 1:
        return rows.row(0, named=True)
    if rows.height > 1:
        raise MissingInputError(
            "{folder}: {rows} scored entities bear the number asked for; name one by its id "
            "(account:<institution>:<number>, sim:<number>@<start>, identity:<source>:<key>)",
            folder=run.folder,
            rows=rows.height,
        )
    if run.has("nodes") and run.table("nodes").filter(named).height:
        raise MissingInputError(
            "{folder}: the entity asked for is known but was not scored: no institution lists it, it has "
            "ended or not begun, or it is confirmed already",
            folder=run.folder,
        )
    raise MissingInputError(
        "{folder}: the entity asked for is not in this run; expected an account or phone number, or "
        "an id as on its lists; check it, or name another run with --run",
        folder=run.folder,
    )


def _support(run: Finished, row: dict[str, Any]) -> list[dict[str, Any]]:
    flag = pl.select(flag_id(pl.lit(row["entity_id"]), pl.lit(row["as_of"]))).item()
    rows = run.table(f"support-{row['kind']}").filter(pl.col("flag_id") == flag)
    return rows.sort("kind", "weight", "ref_id", descending=[False, True, False]).drop("flag_id").to_dicts()


def _hits(run: Finished, row: dict[str, Any]) -> list[dict[str, Any]]:
    name = f"hits-{row['kind']}"
    if not (run.has(name) and run.has("nodes")):
        return []
    node = run.table("nodes").filter(pl.col("entity_id") == row["entity_id"]).select("node")
    seen = run.table(name).join(node, on="node", how="semi")
    ordered = seen.sort("strength", "typology", descending=[True, False])
    return ordered.select("typology", "strength", "alike_strength").to_dicts()


def _evidence(run: Finished, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The delivered rows behind the patterns of a flagged entity."""
    name = f"evidence-{row['kind']}"
    if not run.has(name):
        return []
    mine = run.table(name).filter(pl.col("entity_id") == row["entity_id"])
    return mine.sort("typology", "position").drop("entity_id").to_dicts()


def _cleared(run: Finished, entity: str) -> list[dict[str, Any]]:
    """Decisions in the entity's favour that were known before the cut-off."""
    if not run.has("statements"):
        return []
    node = run.table("nodes").filter(pl.col("entity_id") == entity).select("node")
    told = run.table("statements").filter("in_favour").join(node, on="node", how="semi")
    return told.select("ref_id", "basis", "known_at").to_dicts()
