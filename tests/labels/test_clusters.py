from __future__ import annotations

import networkx as nx
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_linked import T0, Tiny

from fraudnet.labels.clusters import clusters
from fraudnet.settings import Settings


def groups(world: Tiny, hub: int = 50) -> dict[str, str]:
    frame = clusters(world.build(T0), Settings(hub_degree=hub)).frame
    return dict(frame.select("entity_id", "cluster").iter_rows())


def test_holders_and_devices_join_and_money_does_not():
    world = (
        Tiny()
        .add("identity:p")
        .add("account:x:a", "account:x:b", holder="identity:p")
        .add("account:x:c", "account:x:d")
    )
    world.add("device:imei:1").link("account:x:b", "device:imei:1").link("account:x:c", "device:imei:1")
    world.link("account:x:c", "account:x:d", "transfer").link("account:x:c", "account:x:d", "link:knows")
    got = groups(world)
    assert got["account:x:a"] == got["account:x:b"] == got["account:x:c"] == "account:x:a"
    assert got["account:x:d"] == "account:x:d"


def test_hubs_join_nobody():
    names = [f"account:x:{n}" for n in range(6)]
    world = Tiny().add(*names).add("device:imei:shop")
    for name in names:
        world.link(name, "device:imei:shop")
    assert len(set(groups(world, hub=6).values())) == 1
    assert len(set(groups(world, hub=5).values())) == 7


def test_a_cluster_over_one_percent_is_reported_and_cut_to_identities():
    world = Tiny()
    for n in range(12):
        world.add(f"identity:{n:02}").add(f"account:x:{n:02}a", f"account:x:{n:02}b", holder=f"identity:{n:02}")
        world.add(f"device:imei:{n // 2}").link(f"account:x:{n:02}a", f"device:imei:{n // 2}")
        world.add("device:imei:all").link(f"account:x:{n:02}b", "device:imei:all")
    result = clusters(world.build(T0), Settings())
    assert result.cut.select("kind", "members", "share").rows() == [("account", 24, 1.0), ("identity", 12, 1.0)]
    got = dict(result.frame.select("entity_id", "cluster").iter_rows())
    assert got["account:x:03a"] == got["account:x:03b"] == got["identity:03"] == "identity:03"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 7)), max_size=40, unique=True), st.integers(2, 5))
def test_clusters_are_networkx_components_without_hubs(pairs, hub):
    world = Tiny().add(*[f"account:x:{n:02}" for n in range(15)]).add(*[f"device:imei:{n}" for n in range(8)])
    graph = nx.Graph()
    graph.add_nodes_from(world.nodes)
    for account, device in pairs:
        world.link(f"account:x:{account:02}", f"device:imei:{device}")
        graph.add_edge(f"account:x:{account:02}", f"device:imei:{device}")
    hubs = [node for node, degree in graph.degree if degree > hub]
    graph.remove_edges_from(list(graph.edges(hubs)))
    expected = {node: min(part) for part in nx.connected_components(graph) for node in part}
    cut = {
        node
        for part in nx.connected_components(graph)
        if sum(n.startswith("account") for n in part) > 10
        for node in part
    }
    got = groups(world, hub)
    assert {n: c for n, c in got.items() if n not in cut} == {n: c for n, c in expected.items() if n not in cut}
    assert all(got[node] == node for node in cut)


def test_frame_names_every_node_once():
    world = Tiny().add("account:x:a", "sim:849@?", "device:imei:1")
    frame = clusters(world.build(T0), Settings()).frame
    assert frame.schema == pl.Schema({"node": pl.Int64, "entity_id": pl.String, "cluster": pl.String})
    assert frame.height == 3
