from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from family_graphs import ACCOUNTS, computed, links, random_inputs, seeds

from fraudnet.features import families
from fraudnet.features.family import Inputs

NAMES = (
    "position_account", "position_sim", "proximity_account", "proximity_sim", "proximity_identity",
    "neighbours_account", "neighbours_sim", "neighbours_identity",
)  # fmt: skip
FAMILIES = families(NAMES)
each = pytest.mark.parametrize("family", FAMILIES, ids=NAMES)


@each
def test_columns_are_described_once_bounded_and_in_order(family):
    inputs = random_inputs(1, [0, 3, 13, 21])
    table, columns = computed(family, inputs), family.describe(inputs)
    assert table.columns == ["node", *(c.name for c in columns)]
    assert len({c.description for c in columns}) == len(columns)
    assert all(c.description and c.family == family.name and c.graph for c in columns)
    assert all(c.seed_built == family.name.startswith("proximity") for c in columns)
    assert table["node"].to_list() == inputs.nodes.filter(pl.col("kind") == family.kind)["node"].to_list()
    for column in columns:
        values = table[column.name].drop_nulls()
        assert column.low is None or (values >= column.low).all(), column.name
        if not column.name.split("_mean_")[0].startswith(("partners", "payers", "payees")) and column.high is not None:
            bounded = family.name.startswith(("position", "proximity"))
            assert not bounded or (values <= column.high + 1e-12).all(), column.name


@each
def test_row_order_does_not_matter(family):
    inputs = random_inputs(2, [0, 3, 13, 21])
    turned = replace(
        inputs,
        links=inputs.links.reverse(),
        seeds=inputs.seeds.reverse(),
        base={kind: frame.reverse() for kind, frame in inputs.base.items()},
    )
    assert computed(family, turned).equals(computed(family, inputs))


@each
def test_renaming_all_nodes_only_renames(family):
    inputs = random_inputs(3, [0, 3, 13, 21])
    order = np.random.default_rng(7).permutation(inputs.nodes.height)
    again = _renamed(inputs, order)
    before, after = computed(family, inputs), computed(family, again)
    renamed = before.with_columns(node=pl.Series(order[before["node"].to_numpy()])).sort("node")
    for name in before.columns[1:]:
        assert after[name].is_null().equals(renamed[name].is_null()), name
        assert (after[name] - renamed[name]).abs().fill_null(0).max() < 1e-9, name


def _renamed(inputs: Inputs, order: np.ndarray) -> Inputs:
    def new(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        number = pl.Series(order, dtype=pl.Int64)
        return frame.with_columns(number.gather(frame[c]).alias(c) for c in columns)

    def either_way(frame: pl.DataFrame) -> pl.DataFrame:
        swap = ~pl.col("directed") & (pl.col("source") > pl.col("target"))
        return frame.with_columns(
            pl.when(swap).then("target").otherwise("source").alias("source"),
            pl.when(swap).then("source").otherwise("target").alias("target"),
        )

    return replace(
        inputs,
        nodes=new(inputs.nodes, "node", "holder").sort("node"),
        links=either_way(new(inputs.links.collect(), "source", "target")).lazy(),
        seeds=new(inputs.seeds, "node"),
        base={kind: new(frame, "node").sort("node") for kind, frame in inputs.base.items()},
    )


@each
def test_keep_restricts_the_rows_and_changes_no_value(family):
    inputs = random_inputs(4, [0, 3, 13, 21])
    keep = pl.col("node") % 3 == 1
    assert computed(family, replace(inputs, keep=keep)).equals(computed(family, inputs).filter(keep))


@each
def test_nothing_in_nothing_out(family):
    inputs = random_inputs(5)
    empty = replace(
        inputs,
        nodes=inputs.nodes.clear(),
        links=inputs.links.clear(),
        base={kind: frame.clear() for kind, frame in inputs.base.items()},
    )
    assert computed(family, empty).is_empty()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["account", "sim", "identity"])
def test_flipping_an_entity_s_own_seed_changes_none_of_its_features(kind, seed):
    (family,) = families((f"proximity_{kind}",))
    known = sorted(np.random.default_rng(seed).choice(26, 9, replace=False).tolist())
    inputs = random_inputs(seed)
    for node in inputs.nodes.filter(pl.col("kind") == kind)["node"]:
        others = [s for s in known if s != node]
        without = computed(family, replace(inputs, seeds=seeds(others))).filter(pl.col("node") == node)
        with_own = computed(family, replace(inputs, seeds=seeds([*others, node]))).filter(pl.col("node") == node)
        assert without.equals(with_own), (kind, node)


def test_more_evidence_about_others_is_seen():
    (family,) = families(("proximity_account",))
    rows = [(0, 1, "transfer", True, 3.0), (2, 1, "transfer", True, 1.0), (1, 4, "transfer", True, 2.0)]
    rows += [(5, 26, "uses", True, 1.0), (6, 26, "uses", True, 1.0), (7, 12, "registered_phone", True, 1.0)]
    inputs = replace(random_inputs(0), links=links(rows), seeds=seeds([0, 5, 12]))
    inputs = replace(inputs, nodes=inputs.nodes.with_columns(holder=pl.lit(None, pl.Int64)))
    table = {row["node"]: row for row in computed(family, inputs).to_dicts()}
    one = table[1]
    assert (one["money_seeds_1"], one["money_seeds_2"]) == (1, 0)
    assert one["money_seed_partner_share"] == pytest.approx(1 / 3)
    assert (one["money_seed_in_share"], one["money_seed_out_share"]) == (0.75, 0.0)
    assert one["money_seed_downstream"] == pytest.approx(0.15 * 0.85)
    assert table[4]["money_seed_downstream"] == pytest.approx(0.15 * 0.85**2, abs=1e-12)
    assert (table[2]["money_seeds_2"], table[4]["money_seeds_2"], table[0]["money_seeds_2"]) == (1, 1, 0)
    assert (table[6]["device_seeds"], table[5]["device_seeds"], table[7]["phone_seeds"]) == (1, 0, 1)
    assert table[3]["money_seeds_1"] is None


def test_position_of_a_small_circle():
    (family,) = families(("position_account",))
    rows = [(0, 1, "transfer", True, 2.0), (1, 2, "transfer", True, 3.0), (2, 0, "transfer", True, 4.0)]
    rows += [(2, 3, "transfer", True, 12.0), (0, 2, "transfer", True, 1.0)]
    table = computed(family, replace(random_inputs(0), links=links(rows)))
    two = table.row(by_predicate=pl.col("node") == 2, named=True)
    expected = {
        "degree": 3, "in_degree": 2, "out_degree": 2, "strength": 20, "in_strength": 4, "out_strength": 16, "core": 2,
        "triangles": 1, "clustering": 1 / 3, "component_size": 4, "circle_size": 3, "reciprocity": 0.5,
        "top_out_share": 0.75, "top_in_share": 0.75, "top_share": 0.6,
    }  # fmt: skip
    assert {name: two[f"money_{name}"] for name in expected} == pytest.approx(expected)
    assert table.filter(pl.col("node") == 7)["money_degree"].to_list() == [None]


def test_neighbours_are_the_right_ones():
    inputs = random_inputs(8)
    near = {kind: computed(families((f"neighbours_{kind}",))[0], inputs) for kind in ("account", "identity")}
    base = inputs.base["account"]
    value = dict(base.select("node", "in_count_all").iter_rows())
    money = inputs.links.filter(pl.col("kind") == "transfer").select("source", "target").collect().rows()
    holder = dict(inputs.nodes.select("node", "holder").iter_rows())
    for node in ACCOUNTS:
        row = near["account"].row(by_predicate=pl.col("node") == node, named=True)
        payers = {a for a, b in money if b == node}
        payees = {b for a, b in money if a == node}
        peers = {p for p in ACCOUNTS if p != node and holder[p] is not None and holder[p] == holder[node]}
        for name, who, how in (
            ("payers_mean_", payers, np.mean),
            ("payees_mean_", payees, np.mean),
            ("partners_mean_", payers | payees, np.mean),
            ("partners_max_", payers | payees, max),
            ("holder_max_", peers, max),
        ):
            known = [value[w] for w in who if value[w] is not None]
            expected = how(known) if known else None
            assert row[f"{name}in_count_all"] == (None if expected is None else pytest.approx(expected)), name
    for row in near["identity"].to_dicts():
        held = [value[a] for a in ACCOUNTS if holder[a] == row["node"] and value[a] is not None]
        assert row["accounts_sum_in_count_all"] == (sum(held) if held else None)


def test_the_width_is_bounded():
    inputs = random_inputs(9)
    assert max(len(family.describe(inputs)) for family in FAMILIES) <= 320
