"""Dusting (T36) seen by a trained model: small sums from known fraud lift nobody honest, and make nobody a hit."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from small_world import SETTINGS, Demo

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.graph.link import link
from fraudnet.labels.seeds import seeds
from fraudnet.model.portable import load
from fraudnet.pipeline import Request
from fraudnet.pipeline.batch.snapshot import Cut, describe
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.training.examples import matrix_of
from fraudnet.scoring.grades import band_of
from fraudnet.settings import Settings
from fraudnet.typologies import typologies

DUSTED, MOST = 50, 200_000


def dusted(records: Records, ends: tuple[list[str], list[str]], rng: np.random.Generator) -> Records:
    """The records with one to ten credits of at most 200,000 đồng from known mules (first) to each of some accounts."""
    mules, honest = ends
    payee = np.repeat(honest, rng.integers(1, 11, len(honest)))
    told = records.table("transfers").drop("payer_code", "payee_code", strict=False).collect()
    rows = told[rng.integers(told.height // 2, told.height, len(payee)).tolist()]
    number = pl.int_range(rows.height).cast(pl.String)
    fresh = rows.with_columns(
        payer=pl.Series(rng.choice(mules, len(payee))), payee=pl.Series(payee),
        amount=pl.Series(rng.integers(20_000, MOST + 1, len(payee))),
        row_id=pl.concat_str(pl.lit("dust#"), number), transfer_id=pl.concat_str(pl.lit("dust"), number),
    )  # fmt: skip
    return Records({**records.tables, "transfers": pl.concat([told, fresh.select(told.columns)]).lazy()})


def test_fifty_dusted_accounts_keep_their_places_grades_and_patterns(demo: Demo) -> None:
    moment = start_of_day(date.fromisoformat(demo.told["run"]["as_of"]))
    records = open_drops(Request((demo.drop,)), Settings(home=demo.home, **SETTINGS), silent).records
    model, rng = load(demo.models["account"]), np.random.default_rng(7)
    plain = Records({**records.tables, "transfers": records.table("transfers").drop("payer_code", "payee_code")})
    linked = link(plain, moment)
    known = (
        linked.nodes.filter(pl.col("kind") == "account").join(seeds(linked).lazy(), on="node").sort("node").collect()
    )
    truth = pl.read_parquet(demo.out / "world" / "truth" / "truth.parquet")

    def seen(graph: Linked) -> tuple[pl.DataFrame, set[tuple[str, str]]]:
        snapshot = describe(graph, Cut(moment, ("account",)))
        matrix = matrix_of(snapshot, "account").of(snapshot.population["account"])
        raw = pl.Series("raw", model.raw(matrix.frame, threads=1))
        rows = matrix.frame.select("entity_id", raw=raw, place=raw.rank("average", descending=True))
        hits = snapshot.hits["account"].join(snapshot.nodes.select("node", "entity_id"), on="node")
        return rows.with_columns(band=band_of(pl.col("raw"), model.promises)), set(
            hits.select("entity_id", pl.col("typology").cast(pl.String)).iter_rows()
        )

    before, shown = seen(linked)
    guilty = truth.filter(pl.col("role").is_in(FRAUD_ROLES))["entity_id"]
    innocent = before.filter(~pl.col("entity_id").is_in(guilty.implode()))["entity_id"].sort().to_list()
    honest = sorted(rng.choice(innocent, DUSTED, replace=False).tolist())
    after, then = seen(link(dusted(plain, (known["entity_id"].to_list(), honest), rng), moment))
    both = before.filter(pl.col("entity_id").is_in(honest)).join(after, on="entity_id", suffix="_after")
    assert both.height == DUSTED
    lifted = (both["place"] - both["place_after"]).median() / before.height
    assert abs(lifted) <= 0.05
    assert both.filter(pl.col("band") != pl.col("band_after")).is_empty()
    new = {one[1] for one in then - shown if one[0] in honest}
    assert not new & {t.name for t in typologies() if t.code == 4}
