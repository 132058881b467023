from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import IdentityMap, Link, Linked
from fraudnet.model.attributes import attributes

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def linked(**tables: pl.DataFrame) -> Linked:
    nodes = pl.DataFrame({"node": [0, 1], "entity_id": ["account:x:a", "identity:p"]}).lazy()
    held_back = {"accounts": ("x_step",)}
    records = Records({name: frame.lazy() for name, frame in tables.items()}, outcome_extras=held_back)
    return Linked(WHEN, nodes, Link.create_empty().lazy(), records, IdentityMap.create_empty().lazy())


ROW = {"source": ["s"], "row_id": ["1"], "known_at": [WHEN], "entity": [0]}


def test_contract_and_extra_attributes_without_outcomes_and_bookkeeping():
    table = pl.DataFrame(
        {**ROW, "holder": [1], "channel": ["ekyc"], "status": [3], "status_at": [WHEN], "x_step": [4], "x_size": [5]}
    )
    assert attributes(linked(accounts=table), "account").to_dicts() == [
        {"entity_id": "account:x:a", "channel": "ekyc", "x_size": 5}
    ]


def test_who_somebody_is_is_no_attribute():
    table = pl.DataFrame({**ROW, "entity": [1], "sex": [0], "birth_date": [WHEN], "x_size": [2]})
    assert attributes(linked(identities=table), "identity").to_dicts() == [{"entity_id": "identity:p", "x_size": 2}]


def test_a_drop_without_the_table_has_none():
    assert attributes(linked(), "sim").columns == ["entity_id"]


def test_one_row_per_entity_whatever_the_order():
    two = pl.concat(
        [pl.DataFrame({**ROW, "x_size": [n]}).with_columns(source=pl.lit(s)) for n, s in ((1, "b"), (2, "a"))]
    )
    assert attributes(linked(accounts=two), "account")["x_size"].to_list() == [2]
    assert attributes(linked(accounts=two.reverse()), "account")["x_size"].to_list() == [2]
