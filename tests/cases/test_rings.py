"""Which flagged entities make a case, which role the evidence suggests, how a case keeps its key, how it is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.cases import layout
from fraudnet.cases.drawing import ring_of
from fraudnet.cases.evidence import add_graph
from fraudnet.cases.exports import LINK_COLUMNS, NODE_COLUMNS, graphml, table
from fraudnet.cases.groups import MOST, grouped
from fraudnet.cases.naming import keys
from fraudnet.cases.roles import Evidence, roles
from fraudnet.cases.ties import candidates, ties
from fraudnet.cases.trail_drawing import bands_of, columns
from fraudnet.cases.wording import ground
from fraudnet.contracts.graph import Link
from fraudnet.messages import LANGUAGES, catalogue
from fraudnet.rendering.picture import boxes, labels, overlaps

AS_OF = datetime(2026, 10, 1, tzinfo=UTC)
LATELY = AS_OF - timedelta(days=9)


def links(rows: list[tuple[int, int, str, int]]) -> pl.DataFrame:
    """source, target, kind, amount; all of them lately."""
    made = pl.DataFrame(rows, schema=["source", "target", "kind", "amount"], orient="row")
    weight = pl.when(pl.col("kind") == "transfer").then("amount").otherwise(1).cast(pl.Float64)
    full = made.with_columns(
        directed=True, n=1, weight=weight, first_at=LATELY, last_at=LATELY, valid_from=None, valid_to=None
    )
    return Link.validate(full.select(Link.column_names()), cast=True)


def groups_of(rows: list[tuple[int, int, str, int]], flagged: list[int], devices: list[int]) -> list[set[int]]:
    there = links(rows).lazy()
    return grouped_by(ties(there, AS_OF, candidates(there, pl.Series(flagged))), rows, (flagged, devices))


def grouped_by(
    tied: pl.DataFrame, rows: list[tuple[int, int, str, int]], who: tuple[list[int], list[int]]
) -> list[set[int]]:
    """who: the flagged, and what is a device."""
    flagged, devices = who
    nodes = sorted({node for row in rows for node in row[:2]} | set(flagged))
    kinds = pl.DataFrame({"node": nodes, "kind": ["device" if n in devices else "account" for n in nodes]})
    found = grouped(pl.DataFrame({"node": flagged}), pl.DataFrame(schema={"node": pl.Int64}), tied, kinds)
    return [set(part["node"]) for _, part in found.group_by("group", maintain_order=True)]


RING = [(1, 2, "transfer", 50), (2, 3, "transfer", 40), (1, 3, "transfer", 60), (1, 90, "uses", 0), (2, 90, "uses", 0)]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["transfer", "call", "owner"]),
                          st.integers(1, 30)), min_size=1, max_size=25, unique_by=lambda row: row[:3]))  # fmt: skip
def test_only_whoever_can_join_two_is_looked_at(rows: list[tuple[int, int, str, int]]) -> None:
    nodes = pl.Series(sorted({node for row in rows for node in row[:2]}))
    every = ties(links(rows).lazy(), AS_OF, nodes)
    assert groups_of(rows, [0, 1, 2], []) == grouped_by(every, rows, ([0, 1, 2], []))


def test_strong_links_and_money_make_a_case() -> None:
    other = [(11, 12, "transfer", 50), (12, 11, "transfer", 50)]
    assert groups_of([*RING, *other], [1, 2, 3, 11, 12], [90]) == [{1, 2, 3, 90}, {11, 12}]


def test_whoever_joins_two_of_them_comes_in_and_a_single_one_is_no_case() -> None:
    sink = [(1, 7, "transfer", 100), (2, 7, "transfer", 100)]
    assert groups_of(sink, [1, 2, 30], []) == [{1, 2, 7}]


def test_a_thin_thread_does_not_make_one_case_of_two_rings() -> None:
    second = [(a + 20, b + 20, kind, amount) for a, b, kind, amount in RING]
    thread = [(3, 21, "transfer", 9), (3, 300, "transfer", 900), (301, 21, "transfer", 900)]
    found = groups_of([*RING, *second, *thread], [1, 2, 3, 21, 22, 23], [90, 110])
    assert {1, 2, 3} <= found[0]
    assert {21, 22, 23} <= found[1]


def test_shared_by_many_ties_nobody_and_no_case_is_too_large() -> None:
    tablet = [(n, 90, "uses", 0) for n in range(1, 30)]
    assert groups_of(tablet, list(range(1, 30)), [90]) == []
    chain = [(n, n + 1, "transfer", 50) for n in range(1, 200)]
    found = groups_of(chain, list(range(1, 201)), [])
    assert all(len(group) <= MOST for group in found)
    assert sum(map(len, found)) == 200


def test_the_order_of_links_changes_nothing() -> None:
    chain = [(n, n + 1, "transfer", 50 + n % 7) for n in range(1, 150)]
    assert groups_of(chain, list(range(1, 151)), []) == groups_of(chain[::-1], list(range(150, 0, -1)), [])


def account(name: str, **known: object) -> Evidence:
    return Evidence(name, "account", "flagged", **known)  # type: ignore[arg-type]


def test_roles_by_evidence() -> None:
    young, old = LATELY - timedelta(days=20), LATELY - timedelta(days=900)
    members = [
        account("boss", from_members=90, payers=3, opened_at=old, first_at=LATELY),
        account(
            "mule", from_victims=50, to_members=48, shared_devices=1, device_mates=3, opened_at=young, first_at=LATELY
        ),
        account("lent", from_victims=50, to_members=40, others=30, opened_at=old, first_at=LATELY),
        account("robbed", to_members=30, shows={"taken_over_account": 0.9}),
        account("shop", from_members=9, seller=True),
        Evidence("victim", "account", "victim", to_members=50, reported=1),
        Evidence("phone", "device", "connector"),
        account("dunno"),
    ]
    found = {name: role for name, (role, _) in roles(members).items()}
    assert found == {
        "boss": "controller", "mule": "knowing_mule", "lent": "misled_mule", "robbed": "taken_over",
        "shop": "good_faith", "victim": "victim", "phone": None, "dunno": "unclear",
    }  # fmt: skip


def test_every_ground_is_said_in_every_language() -> None:
    said = ["sink:5:2", "holds:3", "device:1:4", "passed:9:80", "young:4", "victims:2:50", "age:400", "life:12",
            "seller:5", "taken_over", "reported:1:50"]  # fmt: skip
    for language in LANGUAGES:
        assert all("{" not in ground(one, language) for one in said)
    assert {one.split(":")[0] for one in said} == {
        m.rpartition(".")[2] for m in catalogue() if m.startswith("case.ground.")
    }


def earlier(cases: dict[str, tuple[int, set[str]]]) -> pl.DataFrame:
    rows = [(case, AS_OF - timedelta(days=age), one) for case, (age, who) in cases.items() for one in sorted(who)]
    return pl.DataFrame(
        rows, schema={"case_id": pl.String, "found_at": pl.Datetime("us", "UTC"), "entity_id": pl.String}, orient="row"
    )


def test_a_case_keeps_its_key_as_members_join_and_leave() -> None:
    before = earlier({"V-AAAAAA": (60, set("abcd")), "V-BBBBBB": (30, set("xy"))})
    found = keys({0: set("abce"), 1: set("mn"), 2: set("xyzuvw")}, before)
    assert found[0] == ("V-AAAAAA", [])
    assert found[1][0].startswith("V-")
    assert found[2][0] not in ("V-AAAAAA", "V-BBBBBB")
    assert found[2][1] == ["V-BBBBBB"]


def test_the_oldest_key_wins_and_none_is_given_twice() -> None:
    before = earlier({"V-YOUNGR": (10, set("ab")), "V-OLDEST": (90, set("cd"))})
    assert keys({0: set("abcd")}, before)[0][0] == "V-OLDEST"
    split = keys({0: set("ab"), 1: set("cd")}, earlier({"V-WHOLEX": (9, set("abcd"))}))
    assert sorted(key == "V-WHOLEX" for key, _ in split.values()) == [False, True]


@given(st.lists(st.sets(st.sampled_from("abcdefghij"), min_size=1), min_size=1, max_size=5, unique_by=frozenset))
def test_equal_groups_have_equal_keys(sets: list[set[str]]) -> None:
    first = keys(dict(enumerate(sets)), earlier({}))
    again = keys(dict(enumerate(sets)), earlier({key: (5, sets[n]) for n, (key, _) in first.items()}))
    assert len({key for key, _ in first.values()}) == len(sets)
    assert {n: key for n, (key, _) in first.items()} == {n: key for n, (key, _) in again.items()}


def member(name: str, kind: str, part: str, role: str | None, **more: object) -> dict[str, object]:
    return {
        "entity_id": name, "kind": kind, "part": part, "role": role, "grounds": [], "institution": "970436",
        "number": name, "holder": None, "name": "Nguyễn Thị Hoa", "organisation": False, "province": None, "flagged": True,
        "grade": None, "source": None, "probability": None, "position": None, "received": 0, "passed_on": 0,
        "first_at": LATELY, "last_at": LATELY, **more,
    }  # fmt: skip


def link(source: str, target: str, kind: str, amount: int = 0) -> dict[str, object]:
    return {"source": source, "target": target, "kind": kind, "n": 1, "amount": amount, "first_at": LATELY,
            "last_at": AS_OF, "valid_from": None, "valid_to": None, "certain": True}  # fmt: skip


def case(size: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """A ring with so many mules between victims, one controller, cash and two phones."""
    mules = [f"account:b:{n:04d}" for n in range(size)]
    members = [member(one, "account", "flagged", "knowing_mule", received=5, passed_on=5) for one in mules]
    members += [member(f"account:v:{n:04d}", "account", "victim", "victim") for n in range(size // 2 + 1)]
    members += [member("account:c:0001", "account", "flagged", "controller", received=99)]
    members += [member("exit:cash", "exit", "exit", None), member("device:x:1", "device", "connector", None),
                member("device:x:2", "device", "connector", None)]  # fmt: skip
    made = [
        link(f"account:v:{n % (size // 2 + 1):04d}", one, "transfer", 40_000_000 + n) for n, one in enumerate(mules)
    ]
    made += [link(one, "account:c:0001", "transfer", 30_000_000 + n) for n, one in enumerate(mules)]
    made += [link(one, "exit:cash", "exit", 20_000_000 + n) for n, one in enumerate(mules)]
    made += [link(one, f"device:x:{1 + n % 2}", "uses") for n, one in enumerate(mules)]
    return members, made


def drawn(size: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    members, made = case(size)
    chosen = layout.chosen(members, made)
    kept = layout.explaining(made, chosen, layout.victims(members))
    spots = layout.places(members, made, chosen, {})
    placed = [{**row, **vars(spots[row["entity_id"]])} for row in members]  # type: ignore[index]
    return placed, [{**one, "explains": (one["source"], one["target"], one["kind"]) in kept} for one in made]


@pytest.mark.parametrize("size", [2, 7, 40])
def test_the_picture_is_small_and_nothing_covers_anything(size: int) -> None:
    members, made = drawn(size)
    shown = [row for row in members if row["shown"]]
    assert len(shown) <= layout.NODES
    assert sum(bool(one["explains"]) for one in made) <= layout.LINKS + layout.VICTIMS + layout.EXIT_SIGNS
    spots = [(row["x"], row["y"]) for row in shown]
    assert len(set(spots)) == len(spots)
    names = {None, *(row["entity_id"] for row in shown)}
    assert all(row["folded"] in names for row in members if not row["shown"])
    told = {"case_id": "V-AAAAAA", "members": 9, "victims": 2, "lost": 10**8}
    said = ring_of(told, (members, made, []), "vi")
    assert "case." not in said


def test_labels_find_room_or_stay_away() -> None:
    from fraudnet.cases import drawing

    members, made = drawn(7)
    nodes = [drawing._node(row, None, (0, None), "vi") for row in members if row["shown"]]
    at = {node.key: node for node in nodes}
    lines = [drawing._line(one, "vi") for one in made if one["explains"]]
    taken = [box for node in nodes for box in boxes(node)]
    words = [(x - len(said) * 3.15, y - 7, x + len(said) * 3.15, y + 7) for said, x, y in labels(lines, at, taken)]
    assert words
    assert not any(overlaps(one, other) for one, other in combinations(words, 2))
    assert not any(overlaps(word, box) for word in words for box in taken)


def test_members_stay_where_they_were() -> None:
    members, made = case(6)
    first = layout.places(members, made, layout.chosen(members, made), {})
    before = {name: (spot.x, spot.y) for name, spot in first.items() if spot.shown}
    more = [*members, member("account:a:0000", "account", "flagged", "knowing_mule", received=9)]
    later = layout.places(more, made, layout.chosen(more, made), before)
    moved = [name for name in before if later[name].shown and (later[name].x, later[name].y) != before[name]]
    assert moved == []


def test_what_falls_apart_without_whom() -> None:
    rows = [{"entity_id": n, "part": "flagged"} for n in "abcde"]
    made = [{"source": a, "target": b} for a, b in ("ab", "bc", "de", "ec")]
    add_graph(rows, made)
    told = {row["entity_id"]: (row["betweenness"], row["pieces"]) for row in rows}
    assert max(told, key=lambda n: told[n]) == "c"
    assert told["c"] == (pytest.approx(4 / 6), 2)


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=8))
def test_no_cell_of_an_export_is_a_formula(name: str) -> None:
    row = {**dict.fromkeys((*NODE_COLUMNS, *LINK_COLUMNS)), "entity_id": f"={name}"}
    cell = table([row], ("entity_id",)).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"')
    assert cell.startswith("'=")


@pytest.mark.parametrize("value", [" =1+1", "\u200b@SUM(A1)", "\uff1d1", "\n=1", ["=1", "b"], "+84", "-1"])
def test_no_disguised_formula_either(value: object) -> None:
    cell = table([{"entity_id": value}], ("entity_id",)).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"')
    assert cell.startswith("'")


def test_graphml_holds_everything() -> None:
    import networkx as nx

    members, made = drawn(5)
    full = [{**dict.fromkeys(NODE_COLUMNS), **row} for row in members]
    read = nx.parse_graphml(graphml("V-AAAAAA", full, [{**one, "explains": True} for one in made]).decode())
    assert read.number_of_nodes() == len(members)
    assert read.number_of_edges() == len(made)
    odd = [{**full[0], "holder": "x\x0b<b>&\x01"}]
    kept = nx.parse_graphml(graphml("V-AAAAAA", odd, []).decode())
    assert kept.nodes[full[0]["entity_id"]]["holder"] == "x<b>&"


def flow(source: str, target: str, amount: int) -> dict[str, object]:
    return {"source": source, "target": target, "amount": amount}


def test_the_bands_stand_in_columns_and_add_up() -> None:
    members = [
        member("account:v:1", "account", "victim", "victim"),
        member("account:b:1", "account", "flagged", "unclear"),
    ]
    flows = [flow("account:v:1", "account:b:1", 70_000_000), flow("report", "account:b:2", 30_000_000),
             flow("account:b:1", "account:b:2", 40_000_000), flow("account:b:2", "exit:cash", 50_000_000)]  # fmt: skip
    hold = {"entity_id": "account:b:2", "fifo": 20_000_000, "hold": 9_000_000}
    said = str(bands_of((members, flows, [hold]), "vi", {}, alone=True))
    assert said.count('class="band') == 3  # b1 to b2 stand in one column: both were paid by victims
    assert "100.000.000" in said
    assert "giữ 9.000.000" in said
    assert columns({("victims", "a"): 1, ("a", "b"): 1, ("b", "a"): 1, ("a", "exit:cash"): 1}) == {
        "victims": 0, "a": 1, "b": 2, "exit:cash": 3,
    }  # fmt: skip
