"""Tables of families come together as one, whatever rows each of them has."""

from __future__ import annotations

import polars as pl

from fraudnet.features.shape import side_by_side


def test_tables_are_looked_up_by_node_and_left_as_they_were():
    nodes = pl.Series("node", [1, 3, 4])
    same = pl.DataFrame({"node": [1, 3, 4], "a": [10, 30, 40]})
    other = pl.DataFrame({"node": [4, 2, 1], "b": ["four", "two", "one"], "c": [0.4, 0.2, None]})
    tables = [same, other]
    found = side_by_side(nodes, tables)
    assert found.to_dict(as_series=False) == {
        "node": [1, 3, 4], "a": [10, 30, 40], "b": ["one", None, "four"], "c": [None, None, 0.4],
    }  # fmt: skip
    assert tables == []
    assert same.columns == ["node", "a"]
    assert other.columns == ["node", "b", "c"]


def test_without_tables_there_are_the_nodes_alone():
    assert side_by_side(pl.Series("node", [2]), []).to_dict(as_series=False) == {"node": [2]}
