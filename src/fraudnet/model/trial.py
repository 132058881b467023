"""The rows on which a challenger meets the champion, scored by both, kept without anybody's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from fraudnet.contracts.trial import Trial
from fraudnet.errors import FraudnetError
from fraudnet.files import write_parquet
from fraudnet.model.matrix import Matrix
from fraudnet.model.rows import Part
from fraudnet.model.trained import Model
from fraudnet.runs.manifest import verify, write_manifest

ROWS = "rows.parquet"
STRENGTH = "_strength"
ABOUT = ("institution", "province", "whose")


@dataclass(frozen=True)
class Proof:
    """Rows that a new model has not learned from.

    recipe: the model that the same recipe gives as of an earlier day, for honest probabilities. about: entity_id,
    institution, province, whose (any of them may be missing). moment: the snapshot, none where there are no dates.
    """

    part: Part
    recipe: Model
    about: pl.DataFrame
    moment: datetime | None = None


def trial(proof: Proof, challenger: Model, champion: Model | None, threads: int = 0) -> dy.DataFrame[Trial]:
    """Both models' raw scores on the same rows, those who said what beside them (contract Trial)."""
    rows = proof.part.rows()
    frame = rows.select(proof.part.matrix.names)
    asked = champion if champion is not None and not unasked(proof, champion) else None
    theirs = pl.lit(None, pl.Float64) if asked is None else pl.Series(asked.raw(frame.select(asked.names)))
    recipe = proof.recipe
    scored = rows.select(
        "entity_id", "y", "reviewed", "spared", "cluster", traits=traits(proof.part.matrix)
    ).with_columns(
        cluster=pl.col("cluster").rank("dense").cast(pl.Int64) - 1,
        probability=pl.Series(recipe.probability(recipe.raw(frame.select(recipe.names), threads=threads))),
        challenger=pl.Series(challenger.raw(frame.select(challenger.names), threads=threads)),
        champion=theirs,
    )
    known = proof.about.select("entity_id", *(c for c in ABOUT if c in proof.about.columns)).unique("entity_id")
    lacking = [pl.lit(None, pl.String).alias(c) for c in ABOUT if c not in known.columns]
    told = scored.join(known, on="entity_id", how="left", maintain_order="left").with_columns(*lacking)
    return Trial.validate(told.select(Trial.column_names()), cast=True)


def unasked(proof: Proof, champion: Model) -> str:
    """Why the champion cannot be measured on these rows; empty where it can."""
    if proof.moment is not None and str(proof.moment) in map(str, champion.facts.get("training_moments", ())):
        return "the champion learned from the rows of the test"
    missing = [name for name in champion.names if name not in proof.part.matrix.names]
    if missing:
        return f"the champion reads {len(missing)} columns that are no longer made: {', '.join(missing[:5])}"
    return ""


def keep(folder: Path, rows: pl.DataFrame, facts: Mapping[str, Any]) -> Path:
    """Write a trial and what must be known about it, the manifest last; a trial that stands there is replaced."""
    write_parquet(folder / ROWS, rows)
    write_manifest(folder, {"what": "trial", **facts})
    return folder


def kept(folder: Path) -> tuple[dy.DataFrame[Trial] | None, dict[str, Any]]:
    """A trial and its facts as they were kept; none where it is missing or its bytes have changed."""
    try:
        facts = verify(folder)
    except FraudnetError:
        return None, {}
    return Trial.validate(pl.read_parquet(folder / ROWS), cast=True), facts


def traits(matrix: Matrix) -> pl.Expr:
    """The names of the typologies that show on each row of a matrix frame, as a list."""
    names = [c.name for c in matrix.columns if c.family == "typologies" and c.name.endswith(STRENGTH)]
    if not names:
        return pl.lit([], pl.List(pl.String))
    shown = [
        pl.when(pl.col(name) > 0).then(pl.lit(name.removesuffix(STRENGTH))) for name in names
    ]  # one text per typology seen, null where it is not
    return pl.concat_list(shown).list.drop_nulls()
