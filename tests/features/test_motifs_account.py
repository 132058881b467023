"""The motif family over a whole world: replayed day by day, and what leaves it alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from random_world import AS_OF, random_records

import checks
from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Seed
from fraudnet.features.compute import FeatureTable, feature_table, without_graph
from fraudnet.graph.link import link

NAME = "motifs_account"


def busier(seed: int) -> Records:
    """The random world with money that often goes round: every third transfer is answered an hour later."""
    records = random_records(seed)
    paid = records.table("transfers").collect()
    later = pl.col("at", "known_at") + timedelta(hours=1)
    answer = [pl.col("payee").alias("payer"), pl.col("payer").alias("payee"), pl.col("amount") * 95 // 100]
    names = [
        pl.concat_str(pl.lit("back"), "transfer_id").alias("transfer_id"),
        pl.format("b{}", "row_id").alias("row_id"),
    ]
    back = paid.filter(pl.int_range(pl.len()) % 3 == 0).with_columns(later, *answer, *names)
    return records.with_tables(transfers=pl.concat([paid, back]).lazy())


@cache
def table(until: datetime | None, as_of: datetime) -> FeatureTable:
    records = busier(3) if until is None else checks.before(busier(3), until)
    linked = link(records, as_of)
    found = feature_table(linked, "account", Seed.create_empty(), (NAME,))
    ids = linked.nodes.select("node", "entity_id").collect()
    frame = found.frame.join(ids, on="node").drop("node").sort("entity_id")
    return FeatureTable(frame, found.columns)


@pytest.mark.parametrize("day", range(1, 31, 6))
def test_a_replay_stopped_at_a_day_equals_the_batch_at_that_cut_off(day: int):
    cut = AS_OF - timedelta(days=31 - day)
    assert_frame_equal(table(cut, cut).frame, table(None, cut).frame, check_exact=True)


def test_the_world_has_motifs_to_find():
    frame = table(None, AS_OF).frame
    assert frame["circles_2_90d"].sum() > 20
    assert frame["payers_peak_90d"].max() > 1
    assert frame["return_share_all"].max() > 0


def test_without_graph_leaves_it_out():
    assert NAME not in without_graph()
    assert all(c.graph and not c.seed_built for c in table(None, AS_OF).columns)
    assert len(table(None, AS_OF).columns) == 32


def test_without_a_transfers_table_everything_is_unknown():
    records = random_records(1)
    alone = Records({name: frame for name, frame in records.tables.items() if name != "transfers"})
    frame = feature_table(link(alone, AS_OF), "account", Seed.create_empty(), (NAME,)).frame
    assert frame.drop("node").null_count().sum_horizontal().item() == frame.height * 32
