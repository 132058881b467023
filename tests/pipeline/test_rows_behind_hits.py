"""A run keeps the delivered rows behind the patterns of the flagged, and the page about one entity names them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_world import Demo, inside

from fraudnet.contracts.results import HitEvidence
from fraudnet.messages import catalogue


@pytest.fixture(scope="module")
def rows(demo: Demo) -> pl.DataFrame:
    found = [pl.read_parquet(demo.run / f"evidence-{kind}.parquet") for kind in ("account", "sim")]
    assert all(HitEvidence.is_valid(frame) for frame in found)
    return pl.concat(found)


def rows_in(drop: Path, file: str) -> int:
    path = drop / file
    frame = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path, infer_schema=False)
    return int(frame.select(pl.len()).collect().item())


def test_every_pattern_of_a_flagged_entity_names_rows(demo: Demo, rows: pl.DataFrame) -> None:
    nodes = pl.read_parquet(demo.run / "nodes.parquet").select("node", "entity_id")
    for kind in ("account", "sim"):
        flagged = pl.read_parquet(demo.run / f"scores-{kind}.parquet").filter("flagged").select("entity_id")
        hits = pl.read_parquet(demo.run / f"hits-{kind}.parquet").filter(pl.col("strength") >= 0.5)
        shown = hits.join(nodes, on="node").join(flagged, on="entity_id", how="semi")
        assert shown.join(rows, on=["entity_id", "typology"], how="anti").is_empty()
        mine = rows.filter(pl.col("entity_id").str.starts_with(f"{kind}:"))
        assert mine.join(flagged, on="entity_id", how="anti").is_empty(), "of nobody but the flagged"
    assert rows.height > 50


def test_rows_lie_in_the_drop_and_before_the_cut_off(demo: Demo, rows: pl.DataFrame) -> None:
    both = pl.concat([rows["row_id"], rows["also_row_id"].drop_nulls().str.split(" ").explode()])
    places = both.str.split_exact("#", 1).struct.unnest().unique()
    for file, numbers in places.group_by("field_0"):
        assert numbers["field_1"].cast(pl.Int64).max() <= rows_in(demo.drop, str(file[0])) + 1
    assert rows["also_row_id"].drop_nulls().len() > 0
    as_of = pl.read_parquet(demo.run / "scores-account.parquet")["as_of"][0]
    assert rows["at"].drop_nulls().max() < as_of
    assert (rows.group_by("entity_id", "typology", "what").len()["len"] <= 25).all()


def test_the_page_counts_and_names_them(demo: Demo, rows: pl.DataFrame) -> None:
    entity, typology = rows.filter(pl.col("entity_id").str.starts_with("account:")).row(0)[:2]
    done = inside(demo.words("explain", entity, "--run", demo.run))
    assert done.code == 0
    mine = rows.filter((pl.col("entity_id") == entity) & (pl.col("typology") == typology))
    for what in mine["what"].unique():
        said = catalogue()[f"evidence.{what}"]["vi"]
        newest = mine.filter(pl.col("what") == what)["row_id"][-1]
        assert any(said in line and newest in line for line in done.out.splitlines())
