"""A month replayed day by day gives at each midnight what the batch gives at that cut-off."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from random_world import AS_OF, random_records

from checks import before, seeds_of
from fraudnet.contracts.drop import Records
from fraudnet.features.compute import feature_tables
from fraudnet.graph.link import link

KINDS = ("account", "sim", "identity")
DAYS = (1, 14, 29)


@pytest.fixture(scope="module")
def records() -> Records:
    return random_records(3)


def told(records: Records, moment) -> dict[str, pl.DataFrame]:
    """Every feature of every kind by entity id."""
    linked = link(records, moment)
    ids = linked.nodes.select("node", "entity_id").collect()
    tables = feature_tables(linked, KINDS, seeds_of(linked))
    return {kind: ids.join(table.frame, on="node").sort("entity_id").drop("node") for kind, table in tables.items()}


def test_each_day_of_a_replay_equals_the_batch(records):
    for day in DAYS:
        moment = AS_OF - timedelta(days=30 - day)
        replayed, batch = told(before(records, moment), moment), told(records, moment)
        for kind in KINDS:
            assert_frame_equal(replayed[kind], batch[kind], check_exact=True)
