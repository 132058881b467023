"""What has become of each item since the run before: which axis of its grade moved, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.board import TABLES
from fraudnet.errors import FraudnetError
from fraudnet.pipeline.batch.diffing import diff_runs
from fraudnet.pipeline.batch.finished import Finished, finished

BEFORE = {"grade": "grade_before", "source": "source_before", "band": "band_before"}


def shifts(run: Finished, before: Path | None, items: pl.DataFrame) -> pl.DataFrame:
    """The items that stand otherwise than in the run before (contract BoardShift); nothing without one to read."""
    nothing = TABLES["shifts"].create_empty()
    if before is None:
        return nothing
    try:
        found, old = diff_runs(before, run.folder), finished(before)
        stood = pl.concat([old.table(f"scores-{kind}").select("entity_id", *BEFORE) for kind in old.kinds])
    except FraudnetError:  # an earlier run that is damaged, or of an older version, tells nothing
        return nothing
    rows = [_row(one, before.name) for one in found["moves"]]
    told = pl.DataFrame(rows, schema={name: nothing.schema.get(name, pl.String) for name in _COLUMNS}, orient="row")
    known = told.join(stood.rename(BEFORE), on="entity_id", how="left").join(
        items.select("entity_id", "node"), on="entity_id"
    )
    return TABLES["shifts"].validate(known.select(TABLES["shifts"].column_names()).sort("node"), cast=True)


_COLUMNS = ("entity_id", "run", "what", "place_before", "place", "causes")


def _row(one: dict[str, Any], run: str) -> tuple[Any, ...]:
    then, now = one["position"]
    return one["entity_id"], run, one["what"], then, now, one["causes"]
