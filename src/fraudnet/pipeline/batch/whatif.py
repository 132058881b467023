"""What a commander asks before a list goes out: at this line, how many entries, how many honest people, and where."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.grades import LEVELS
from fraudnet.errors import ConfigurationError
from fraudnet.pipeline.batch.finished import Finished, finished

MICRO = 1_000_000
UNKNOWN = "unknown"
LISTED = ("account", "sim")


@dataclass(frozen=True)
class Line:
    """Where the list would end: at a share of each kind, at a probability, or at a promised precision level.

    Exactly one is set. Raises ConfigurationError otherwise, and for values outside their bounds.
    """

    capacity: float | None = None
    threshold: float | None = None
    precision: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.capacity, self.threshold, self.precision) if value is not None]
        if len(given) != 1:
            raise ConfigurationError("name exactly one of --capacity, --threshold and --precision")
        if not 0 < given[0] < 1:
            raise ConfigurationError("--capacity, --threshold, --precision: expected a share above 0 and below 1")
        if self.precision is not None and self.precision not in LEVELS:
            known = ", ".join(map(str, LEVELS))
            raise ConfigurationError(
                "--precision: expected one of the levels that models promise: {known}", known=known
            )

    def keeps(self, lines: dict[str, float | None]) -> pl.Expr:
        """Whether a scored entity comes on the list; lines: per kind the raw score of the promised level."""
        if self.capacity is not None:
            part, whole = Fraction(str(self.capacity)).as_integer_ratio()
            rounded_up = (pl.col("rows") * part + (whole - 1)) // whole
            return pl.col("position") <= rounded_up
        if self.threshold is not None:
            return pl.col("probability") >= self.threshold
        line = pl.col("kind").replace_strict(lines, default=None, return_dtype=pl.Float64)
        return (pl.col("raw") >= line).fill_null(value=False)


def what_if(run: Path, line: Line | None) -> dict[str, Any]:
    """How long the lists of a run would be at another line, and how many honest people would stand on them.

    Without a line: the run's own flags, half and double its capacity, and every promised level, side by side. With
    one: by kind, and by institution and province too. Honest people expected are the sum of 1 - p, people the holders
    that are known. Identities are people and reach no list; they are counted apart.
    """
    found = finished(run)
    scores = _placed(found)
    told: dict[str, Any] = {"run": found.folder.name, "as_of": found.as_of}
    if line is None:
        return {**told, "choices": [row for name, keep in _ladder(found) for row in _kinds(scores, name, keep)]}
    chosen = scores.filter(line.keeps(_raw_lines(found, line.precision)))
    asked = {name: value for name, value in vars(line).items() if value is not None}
    return {
        **told,
        "asked": asked,
        "kinds": _kinds(scores, "asked", line.keeps(_raw_lines(found, line.precision))),
        "institutions": _by(chosen.filter(pl.col("kind").is_in(LISTED)), "institution"),
        "provinces": _by(chosen, "province"),
        "not_promised": _not_promised(found, line.precision),
    }


def _ladder(run: Finished) -> list[tuple[str, pl.Expr]]:
    capacity = run.manifest["settings"]["capacity"]
    ladder = [("as flagged", pl.col("flagged"))]
    for factor in (0.5, 1, 2):
        share = min(capacity * factor, 0.5)
        ladder.append((f"capacity {share:.2%}", Line(capacity=share).keeps({})))
    for level in LEVELS:
        if any(line is not None for line in _raw_lines(run, level).values()):
            ladder.append((f"precision {level:.0%} promised", Line(precision=level).keeps(_raw_lines(run, level))))
    return ladder


def _raw_lines(run: Finished, level: float | None) -> dict[str, float | None]:
    promises = run.manifest.get("promises", {})
    return {
        kind: next((one["raw"] for one in promises.get(kind, {}).get("made", ()) if one["level"] == level), None)
        for kind in run.kinds
    }


def _not_promised(run: Finished, level: float | None) -> list[str]:
    return [] if level is None else [kind for kind, line in _raw_lines(run, level).items() if line is None]


def _placed(run: Finished) -> pl.DataFrame:
    """The scores with holder and province, and how many of the kind there are."""
    scores = run.each("scores").with_columns(rows=pl.len().over("kind").cast(pl.Int64))
    if not (run.has("nodes") and run.has("provinces")):
        empty = {"holder": pl.lit(None, pl.Int64), "province": pl.lit(UNKNOWN)}
        return scores.with_columns(**empty)
    nodes = run.table("nodes").select("node", "entity_id", own=pl.col("holder").cast(pl.Int64))
    person = pl.when(pl.col("kind") == "identity").then("node").otherwise("own")
    placed = scores.join(nodes, on="entity_id", how="left", maintain_order="left").with_columns(holder=person)
    homes = run.table("provinces").select("province", holder="node")
    joined = placed.join(homes, on="holder", how="left", maintain_order="left")
    return joined.with_columns(pl.col("province", "institution").fill_null(UNKNOWN))


def _kinds(scores: pl.DataFrame, name: str, keep: pl.Expr) -> list[dict[str, Any]]:
    told = scores.group_by("kind").agg(keep.sum().cast(pl.Int64).alias("entries"), *_figures(keep)).sort("kind")
    return [{"line": name, **row} for row in told.to_dicts()]


def _by(chosen: pl.DataFrame, what: str) -> list[dict[str, Any]]:
    told = chosen.group_by("kind", what).agg(pl.len().cast(pl.Int64).alias("entries"), *_figures(pl.lit(value=True)))
    return told.sort("kind", "entries", what, descending=[False, True, False]).to_dicts()


def _figures(keep: pl.Expr) -> list[pl.Expr]:
    """Holders and honest people expected, in whole millionths so that no order matters."""
    honest = ((1 - pl.col("probability")) * MICRO).round().cast(pl.Int64)
    return [
        pl.col("holder").filter(keep).drop_nulls().n_unique().cast(pl.Int64).alias("people"),
        # Without a model nobody can say how many are honest.
        pl.when(pl.col("probability").filter(keep).is_not_null().all())
        .then((honest.filter(keep).sum() / MICRO).round(1))
        .alias("expected_honest"),
    ]
