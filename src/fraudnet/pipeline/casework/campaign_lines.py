"""What other lines of a run would put on its lists: how many, whom, in which rings, and where."""

from __future__ import annotations

import polars as pl

from fraudnet.pipeline.batch.finished import Finished

LINES = (0.1, 0.2, 0.3, 0.5, 0.7)  # probabilities from which a list could begin
LISTED = ("account", "sim")
MICRO = 1_000_000  # chances are added as whole millionths, so that no order matters
CHANCE = (pl.col("probability") * MICRO).round().cast(pl.Int64)


def lines_of(run: Finished) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tables `lines` and `line_places` of the report (`campaign.figures.Known`); empty for a run without a model."""
    scores = placed(run)
    if scores["probability"].null_count() or scores.is_empty():
        return pl.DataFrame(), pl.DataFrame()
    whole = int(scores.select(CHANCE.sum()).item())
    told = [("flagged", pl.col("flagged")), *((str(line), pl.col("probability") >= line) for line in LINES)]
    parts = [(name, scores.filter(keep)) for name, keep in told]
    lines = [
        {"line": name, "entries": rows.height, "people": rows["holder"].drop_nulls().n_unique(),
         "rings": rows["case_id"].drop_nulls().n_unique(), **_chances(rows, whole)}
        for name, rows in parts
    ]  # fmt: skip
    places = [_by(rows, name, by) for name, rows in parts for by in ("province", "institution")]
    return pl.DataFrame(lines), pl.concat(places)


def _chances(rows: pl.DataFrame, whole: int) -> dict[str, int]:
    """How many are expected at fault and honest among some entries, and how many at fault stand elsewhere."""
    fault = int(rows.select(CHANCE.sum()).item())
    n = round(fault / MICRO)
    return {"fault": n, "honest": rows.height - n, "left": round((whole - fault) / MICRO)}


def _by(rows: pl.DataFrame, line: str, by: str) -> pl.DataFrame:
    honest = ((MICRO - CHANCE).sum() / MICRO).round().cast(pl.Int64)
    found = rows.drop_nulls(by).group_by(place=by).agg(pl.len().cast(pl.Int64).alias("entries"), honest=honest)
    named = found.with_columns(line=pl.lit(line), by=pl.lit(by)).select("line", "by", "place", "entries", "honest")
    return named.sort("entries", "place", descending=[True, False])


def placed(run: Finished) -> pl.DataFrame:
    """Scored accounts and SIMs with holder, province of the holder, and case."""
    scores = run.each("scores").filter(pl.col("kind").is_in(LISTED))
    told = scores.select("entity_id", "institution", "probability", "flagged")
    nodes = run.table("nodes").select("entity_id", pl.col("holder").cast(pl.Int64))
    homes = run.table("provinces").select("province", holder="node")
    cases = (
        run.table("case_members").select("entity_id", "case_id").unique("entity_id", keep="first", maintain_order=True)
    )
    both = told.join(nodes, on="entity_id", how="left").join(homes, on="holder", how="left")
    return both.join(cases, on="entity_id", how="left").sort("entity_id")
