"""The parts of linkage alone: candidates, levels, weights, groups, compiled rules."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from children import unwatched
from fraudnet.graph import blocking, contradiction, weights
from fraudnet.graph.clustering import groups
from fraudnet.graph.comparing import CLOSE, DIFFERENT, FIELDS, LOOSE, SAME, UNKNOWN, compare, spellings
from fraudnet.graph.values import HUB_NAMES, Values, crowded

ROOT = Path(__file__).parents[2]
BOOKS = ("name", "marked", "tax_code", "phone", "place", "document", "former", "birth", "year", "sex")


def values(n: int, **columns: list[int]) -> Values:
    """Records that say nothing but what is given; facts follow the codes."""
    codes = {name: np.array(columns.get(name, [0] * n), np.int64) for name in BOOKS}
    facts = np.zeros((n, 10), np.int64)
    facts[:, contradiction.SEX] = codes["sex"] - 1
    for column, name in ((0, "birth"), (1, "year"), (3, "document"), (4, "former"), (7, "name")):
        facts[:, column] = codes[name]
    for name, column in (("birth_date", 0), ("card", contradiction.CARD), ("old", contradiction.OLD)):
        if name in columns:
            facts[:, column] = columns[name]
    return Values(codes, facts, pl.Series([f"n{i}" for i in range(1, 99)]), np.ones(n, np.bool_))


small = st.lists(st.tuples(*(st.integers(0, 3) for _ in range(7))), max_size=12)


@settings(max_examples=40, deadline=None)
@given(small)
def test_candidates_are_all_pairs_that_share_a_key(rows):
    names = ("document", "former", "tax_code", "phone", "name", "birth", "place")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    a, b = blocking.candidates(values(len(rows), **columns))
    one = lambda i, j, *fields: all(columns[f][i] == columns[f][j] > 0 for f in fields)  # noqa: E731
    number = lambda i: {columns["document"][i], columns["former"][i]} - {0}  # noqa: E731
    expected = [
        (i, j)
        for i, j in combinations(range(len(rows)), 2)
        if number(i) & number(j)
        or any(one(i, j, *key) for key in (("tax_code",), ("phone",), ("name", "birth"), ("birth", "place")))
    ]
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == expected


def test_a_crowd_costs_by_its_size_not_by_its_square():
    n = 5000
    a, _ = blocking.candidates(values(n, phone=[1] * n, name=list(range(1, n + 1))))
    assert len(a) <= n * blocking.WINDOW


def test_a_hub_is_a_value_beside_many_names():
    codes = np.array([1] * (HUB_NAMES + 1) + [2] * (HUB_NAMES + 1) + [0])
    names = np.array([*range(1, HUB_NAMES + 2), *([1] * (HUB_NAMES + 1)), 5])
    assert crowded(codes, names).tolist() == [1]


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("nguien thi van", "nguien thi vam", LOOSE),
        ("hung nguyen van", "nguy?n v?n hung", DIFFERENT),
        ("lan thi tran", "lan th? tr?n", CLOSE),
        ("lan thi tran", "hoa le thi", DIFFERENT),
    ],
)
def test_levels_of_spelling(one, other, level):
    assert spellings(pl.Series([one]), pl.Series([other])).tolist() == [level]
    assert spellings(pl.Series([other]), pl.Series([one])).tolist() == [level]


def test_silence_is_unknown_and_weighs_nothing():
    silent = values(2, name=[1, 1])
    levels = compare(silent, np.array([0]), np.array([1]))
    assert {field: int(level[0]) for field, level in levels.items()} == dict.fromkeys(FIELDS, UNKNOWN) | {"name": SAME}
    told = weights.learn(silent, levels).of(silent, levels, np.array([0]))
    assert {field for field, weight in told.items() if weight[0]} == {"name"}


def test_weights_follow_fellegi_and_sunter():
    n = 40_000
    crowd = values(n, name=[1] * (n // 2) + list(range(2, n // 2 + 2)))
    none = {field: np.zeros(0, np.int8) for field in FIELDS}
    learnt = weights.learn(crowd, none)
    m = weights.PRIOR["name"][SAME][0]
    frequency = (n // 2 + weights.BASE / 2000) / (n + weights.BASE)
    levels = dict.fromkeys(FIELDS, np.array([UNKNOWN, UNKNOWN], np.int8)) | {"name": np.array([SAME, SAME], np.int8)}
    common, rare = learnt.of(crowd, levels, np.array([0, n - 1]))["name"] / weights.BIT
    assert common == pytest.approx(np.log2(m / frequency), abs=0.02)
    assert rare > common + 9
    assert learnt.prior / weights.BIT == pytest.approx(-np.log2(n), abs=0.01)


def test_m_is_learnt_from_pairs_with_one_document():
    pairs = 20_000
    levels = dict.fromkeys(FIELDS, np.full(pairs, UNKNOWN, np.int8))
    levels |= {"document": np.full(pairs, SAME, np.int8), "phone": np.where(np.arange(pairs) % 4, DIFFERENT, SAME)}
    learnt = weights.learn(values(2), levels).fixed["phone"][DIFFERENT] / weights.BIT
    assert learnt == pytest.approx(np.log2(0.75), abs=0.02)


edges = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 5)).filter(lambda e: e[0] != e[1]))


@settings(max_examples=40, deadline=None)
@given(edges)
def test_without_contradiction_groups_are_connected_parts(links):
    nothing = values(12)
    a, b, strength = (
        (np.array(side, np.int64) for side in zip(*links, strict=True)) if links else [np.zeros(0, int)] * 3
    )
    group, refused = groups(nothing, (a, b, strength))
    graph = nx.Graph([(x, y) for x, y, _ in links])
    graph.add_nodes_from(range(12))
    expected = {min(part): part for part in nx.connected_components(graph)}
    assert {g: set(np.flatnonzero(group == g)) for g in set(group.tolist())} == expected
    assert not refused.any()


@settings(max_examples=40, deadline=None)
@given(edges, st.lists(st.sampled_from([0, 19900101 + 1, 19770305, 20010930]), min_size=12, max_size=12))
def test_a_group_never_holds_two_births_and_strong_pairs_come_first(links, births):
    dated = values(12, birth_date=births)
    a, b, strength = (
        (np.array(side, np.int64) for side in zip(*links, strict=True)) if links else [np.zeros(0, int)] * 3
    )
    group, refused = groups(dated, (a, b, strength))
    parts: dict[int, set[int]] = {i: {i} for i in range(12)}
    undone = set()
    for k in sorted(range(len(a)), key=lambda k: (-strength[k], a[k], b[k])):
        one, other = parts[a[k]], parts[b[k]]
        if one is other:
            continue
        if len({births[i] for i in one | other} - {0}) > 1:
            undone.add(k)
            continue
        for i in one | other:
            parts[i] = one | other
    # A part that holds no contradiction is taken whole; that is what joining pair by pair gives as well.
    assert group.tolist() == [min(parts[i]) for i in range(12)]
    assert set(np.flatnonzero(refused).tolist()) == undone


RULES = """
import numpy as np
from fraudnet.graph import contradiction as c
facts = np.array([
    [19900517, 1990, 0, 1, 0, 1190012345, 0, 1, 0, 0],
    [19900512, 1990, 0, 2, 0, 1190012845, 12345678, 1, 0, 0],
    [19901705, 1990, -1, 1, 3, 1190012345, 0, 2, 0, 0],
    [0, 1962, 1, 3, 1, 0, 87654321, 1, 0, 0],
    [19910517, 1991, 0, 0, 0, 0, 0, 2, 0, 0],
    [0, 0, 0, 1, 0, 1190012345, 0, 2, 1, 0],
])
a, b = np.triu_indices(len(facts), 1)
print(c.of_pairs(facts, a, b).tolist())
print(c.near_births(facts, a, b).tolist())
print(c.number_distance(facts, a, b).tolist())
group, refused = c.join_without_contradiction(facts, a, b)
print(group.tolist(), refused.tolist())
"""


def run(code: str, **more: str) -> str:
    environment = unwatched(**more) if code is MANY else {**os.environ, **more}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=ROOT).stdout


def test_rules_are_the_same_without_compilation():
    plain = run(RULES, NUMBA_DISABLE_JIT="1")
    reasons, near, distance, _ = plain.splitlines()
    # Record 4 was born a year to the day after record 0: one birth date, mistyped. Record 5 borrowed a card.
    assert reasons == "[0, 0, 1, 0, 4, 1, 1, 1, 0, 1, 1, 0, 1, 2, 0]"
    assert near.count("True") == 3
    assert distance.startswith("[1, 0, -1, -1, 0, 1, 8")
    assert run(RULES) == plain


MANY = """
import hashlib, sys
sys.path.insert(0, "benchmarks")
from linkage_records import generate
from fraudnet.graph.resolve import resolution
found = resolution(generate(700, 3, 2.0).records)
print(hashlib.sha256((found.identities.write_csv() + found.evidence.collect().write_csv()).encode()).hexdigest())
"""


def test_threads_and_hash_seeds_change_no_byte():
    one = run(MANY, POLARS_MAX_THREADS="1", PYTHONHASHSEED="1")
    two = run(MANY, POLARS_MAX_THREADS="2", PYTHONHASHSEED="2")
    assert one == two
    assert len(one.strip()) == len(hashlib.sha256().hexdigest())
