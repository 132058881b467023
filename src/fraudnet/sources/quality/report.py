"""The data-quality report as plain values: what goes into quality.json and onto the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from fraudnet.sources.drop import Delivery
from fraudnet.sources.quality.expect import Verdict
from fraudnet.sources.quality.history import FORMAT, Before, Report
from fraudnet.sources.quality.material import MOVEMENTS, Material
from fraudnet.sources.quality.measure import Measured

DIGITS = 2
WEEK = 7
MOST_WEEKS = 120
RULES = 200


def as_report(
    delivery: Delivery, material: Material, measured: Measured, held: list[Verdict], before: Before
) -> Report:
    """Everything about one check; values with two decimals, in fixed orders, without a word that a row contains.

    Only names of sources, institutions, tables, files' rules and columns are told.
    """
    names = {str(key): str(name) for key, name in _names(material).iter_rows()}
    return {
        "format": FORMAT,
        "drops": [said.name for said in delivery.mappings],
        "digest": delivery.digest,
        "as_of": material.day.isoformat(),
        "before": before.last["as_of"] if before.last else None,
        "ranking": [
            {**row, "name": names.get(row["source"]), "earlier": before.values(row["source"])}
            for row in _rounded(measured.ranking, "overall").to_dicts()
        ],
        "quality": [
            {**row, "before": before.value(row["source"], row["institution"], row["criterion"])}
            for row in _rounded(measured.quality, "value").to_dicts()
        ],
        "parts": measured.parts.to_dicts(),
        "expectations": [_told(each) for each in held],
        "weeks": _weeks(material),
        "tables": _tables(delivery, material),
        "rules": _rules(delivery),
    }


def _names(material: Material) -> pl.DataFrame:
    listed = material.records.table("institutions").select("institution", "name", "known_at").drop_nulls()
    return (
        listed.sort("known_at", "name").group_by("institution", maintain_order=True).last().drop("known_at").collect()
    )


def _rounded(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(column).round(DIGITS), pl.selectors.enum().cast(pl.String))


def _told(each: Verdict) -> dict[str, Any]:
    return {
        "source": each.source, "table": each.table, "got": round(each.got, 6), "min": each.low, "max": each.high,
        "result": each.result,
    }  # fmt: skip


def _weeks(material: Material) -> list[dict[str, Any]]:
    """Rows of movements by source, table and week, counted back from the cut-off; every list begins on day `from`."""
    past = material.days.filter((pl.col("day") < material.as_of_day) & pl.col("table").is_in(MOVEMENTS))
    ago = (material.as_of_day - 1 - pl.col("day")) // WEEK
    weekly = past.group_by("source", "table", ago=ago).agg(pl.col("rows").sum()).filter(pl.col("ago") < MOST_WEEKS)
    length = int(weekly["ago"].max()) + 1 if weekly.height else 0  # type: ignore[arg-type]  # not empty
    start = (material.day - timedelta(days=length * WEEK)).isoformat()
    found = []
    for (source, table), rows in weekly.sort("source", "table", "ago").group_by("source", "table", maintain_order=True):
        counted = dict(zip(rows["ago"].to_list(), rows["rows"].to_list(), strict=True))
        told = [counted.get(length - 1 - place, 0) for place in range(length)]
        found.append({"source": source, "table": table, "from": start, "rows": told})
    return found


def _tables(delivery: Delivery, material: Material) -> list[dict[str, Any]]:
    counts = ["rows_in", "good", "quarantined", "not_selected"]
    sums = delivery.counts.group_by("table").agg(pl.len().alias("files"), pl.col(counts).sum()).sort("table")
    sources = material.rows.group_by("table").agg(sources=pl.col("source").n_unique())
    return (
        sums.join(sources, on="table", how="left").with_columns(pl.col("sources").fill_null(0)).sort("table").to_dicts()
    )


def _rules(delivery: Delivery) -> list[dict[str, Any]]:
    each = delivery.quarantine.select("table", rule="rules").explode("rule", empty_as_null=True)
    counted = each.group_by("table", "rule").agg(rows=pl.len().cast(pl.Int64)).collect()
    return counted.sort("rows", "table", "rule", descending=[True, False, False]).head(RULES).to_dicts()
