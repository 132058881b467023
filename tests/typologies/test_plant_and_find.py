"""Plant each typology and its look-alike into a small world, compute the real features, and look for them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from people_tables import seeds
from typology_tables import FAMILIES, features, features_read, linked
from typology_world import DAY_US, END_US, IDENTITY, SIM, SmallScene, ordinary_life

from fraudnet.contracts.judgements import FRAUD_ROLES, SPARED_ROLES
from fraudnet.contracts.results import Hit, HitEvidence
from fraudnet.features.compute import families
from fraudnet.typologies import TYPOLOGIES, typologies
from fraudnet.typologies import evidence as evidence_module
from fraudnet.typologies.evidence import evidence_of
from fraudnet.typologies.typology import Typology

ALL = typologies()
every = pytest.mark.parametrize("known", ALL, ids=TYPOLOGIES)
FOUND = 0.5
ORDINARY_AT_MOST = 0.001
RECALL_AT_LEAST = 0.5
PEOPLE, RINGS, ALIKES = 10_000, 3, 8


@pytest.fixture(scope="module")
def scene() -> SmallScene:
    small = SmallScene(PEOPLE, np.random.default_rng(20261001))
    ordinary_life(small)
    for known in ALL:
        small.start_us = END_US - 27 * DAY_US
        before = size_of(small)
        for _ in range(RINGS):
            known.plant(small)
        small.planted[known.name] = before, size_of(small)
        small.start_us = END_US - 130 * DAY_US
        for _ in range(ALIKES):
            known.plant_alike(small)
    return small


def size_of(scene: SmallScene) -> dict[str, int]:
    """How many parts each table has, how many accounts and SIMs there are."""
    parts = {table: len(rows) for table, rows in scene.rows.items()}
    return {**parts, "accounts": len(scene.opened), "sims": len(scene.begun)}


@pytest.fixture(scope="module")
def hits(scene: SmallScene) -> dict[str, pl.DataFrame]:
    tables = features(scene)
    return {k.name: k.hits(tables[k.kind].lazy()).collect() for k in ALL}


def found(hits: pl.DataFrame) -> set[int]:
    return set(hits.filter(pl.col("strength") >= FOUND)["node"])


def rate(hits: pl.DataFrame, nodes: set[int]) -> float:
    return len(found(hits) & nodes) / len(nodes)


def shown(known: Typology, scene: SmallScene) -> set[int]:
    """Who shows a pattern where it is planted: those of its role where it has one, else everybody of the ring."""
    role = "victim" if known.victim else known.role
    mine = [m for m in scene.marks if m[3] == known.name and (m[2] == role if role else m[2] != "alike")]
    offset = SIM if known.kind == "sim" else 0
    return {int(node) + offset for m in mine for node in m[1]}


@every
def test_planted_ring_is_found_and_the_look_alike_much_less(
    known: Typology, scene: SmallScene, hits: dict[str, pl.DataFrame]
) -> None:
    planted = shown(known, scene)
    alike = scene.marked(known.kind, known.name, alike=True)
    recall, alike_rate = rate(hits[known.name], planted), rate(hits[known.name], alike)
    # Some rings have nine members: half of them, less one standard error of so small a number.
    assert recall >= RECALL_AT_LEAST - (0.25 / len(planted)) ** 0.5
    assert alike_rate <= recall / 2


@pytest.fixture(scope="module")
def evidence(scene: SmallScene, hits: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Contract HitEvidence of everything that was planted and found."""
    return HitEvidence.validate(pl.concat([picked(scene, hits, kind) for kind in ("account", "sim")]))


def picked(scene: SmallScene, hits: dict[str, pl.DataFrame], kind: str) -> pl.DataFrame:
    """Contract HitEvidence of what was planted and found of a kind."""
    mine = [
        hits[k.name].filter(
            pl.col("strength") >= FOUND, pl.col("node").is_in(shown(k, scene))
        ).with_columns(typology=pl.lit(k.name))
        for k in ALL if k.kind == kind
    ]  # fmt: skip
    return evidence_of(linked(scene), Hit.validate(pl.concat(mine).select(Hit.column_names())), seeds(scene))


def test_rows_picked_of_some_nodes_at_a_time_are_those_of_all(
    scene: SmallScene, hits: dict[str, pl.DataFrame], evidence: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfers = linked(scene).records.table("transfers").select(pl.len()).collect().item()
    monkeypatch.setattr(evidence_module, "PART", transfers // 3)
    found = picked(scene, hits, "sim")
    assert found.height > 0
    assert found.equals(evidence.filter(pl.col("entity_id").str.starts_with("sim:")))


def planted_rows(scene: SmallScene, known: Typology, of_people: pl.DataFrame) -> tuple[set[int], set[tuple[str, int]]]:
    """The moments of the events that a typology's rings left, and its rows about accounts, SIMs and people."""
    before, after = scene.planted[known.name]
    parts = [p for t in scene.rows for p in scene.rows[t][before.get(t, 0) : after.get(t, 0)] if len(p) > 1]
    moments = {int(at) for part in parts for at in part[2 if len(part) > 2 else 1]}
    states = {(name, int(row)) for name in ("accounts", "sims") for row in range(before[name], after[name])}
    ring = [m for m in scene.marks if m[3] == known.name and m[2] != "alike"]
    states |= {(f"{m[0]}s", int(row)) for m in ring for row in m[1]}
    people = {int(scene.account_holder[row]) for name, row in states if name == "accounts"}
    told = of_people.filter(pl.col("entity").is_in({p + IDENTITY for p in people}))
    return moments, states | {("identities", int(row)) for row in told["row"]}


@pytest.fixture(scope="module")
def of_people(scene: SmallScene) -> pl.DataFrame:
    return linked(scene).records.table("identities").select("entity", row=pl.col("row_id").cast(pl.Int64)).collect()


@every
def test_the_rows_of_a_hit_are_rows_that_were_planted(
    known: Typology, scene: SmallScene, evidence: pl.DataFrame, of_people: pl.DataFrame
) -> None:
    moments, states = planted_rows(scene, known, of_people)
    mine = evidence.filter(pl.col("typology") == known.name)
    at = pl.col("at").dt.epoch("us").is_in(moments)
    state = pl.struct("table", pl.col("row_id").cast(pl.Int64)).map_elements(
        lambda row: (row["table"], row["row_id"]) in states, return_dtype=pl.Boolean
    )
    is_state = pl.col("table").is_in(["accounts", "sims", "identities"])
    true = mine.with_columns(planted=pl.when(is_state).then(state).otherwise(at))
    each = true.group_by("entity_id").agg(pl.col("planted").any())
    assert each.height >= 1
    assert each["planted"].all(), "every case is explained by rows of its own ring"
    assert true["planted"].mean() > 0.1, "nor by rows of others above all"


@every
def test_ordinary_life_is_left_alone(known: Typology, scene: SmallScene, hits: dict[str, pl.DataFrame]) -> None:
    everybody = len(scene.opened) if known.kind == "account" else len(scene.begun)
    ordinary = everybody - len(scene.marked(known.kind))
    assert len(found(hits[known.name]) - scene.marked(known.kind)) <= ORDINARY_AT_MOST * ordinary


@every
def test_marks_and_sizes(known: Typology, scene: SmallScene) -> None:
    mine = [m for m in scene.marks if m[3] == known.name]
    assert {m[0] for m in mine} == {known.kind}
    assert {m[2] for m in mine} <= {*FRAUD_ROLES, *SPARED_ROLES, "alike"}
    rings = {m[4] for m in mine if m[2] != "alike"}
    assert len(rings) == RINGS
    for ring in rings:
        members = np.concatenate([m[1] for m in mine if m[4] == ring])
        assert len(set(members)) == len(members), "one role a member"
        assert 3 <= len(members) <= (60 if known.kind == "sim" else 13)
    assert len({m[4] for m in mine if m[2] == "alike"}) == ALIKES


def test_account_rings_have_a_controller_and_victims(scene: SmallScene) -> None:
    for known in ALL:
        if known.kind == "account":
            roles = {m[2] for m in scene.marks if m[3] == known.name}
            assert {"controller", "knowing_mule", "alike"} <= roles
    losses = scene.table("losses", ("payer", "payee", "at", "amount"))
    transfers = scene.table("transfers", ("payer", "payee", "at", "amount"))
    assert losses.join(transfers, on=losses.columns, how="semi").height == losses.height, "every loss was paid"
    assert set(losses["payee"]) <= scene.marked("account", alike=False), "victims pay mules and nobody else"


@every
def test_the_features_read_are_the_features_made(known: Typology) -> None:
    """A predicate over a column that no family makes would be silent for ever."""
    made = {c for f in families() if f.name in FAMILIES and f.schema is not None for c in f.schema.columns()}
    read = features_read(known)
    assert len(read) >= 4
    assert read <= made


@every
def test_what_rests_on_known_fraud_says_so(known: Typology) -> None:
    seeded = {c for f in families() if f.wants("seeds") and f.schema is not None for c in f.schema.columns()}
    assert known.seeded == bool(features_read(known) & seeded)


@every
def test_the_same_seed_plants_the_same(known: Typology) -> None:
    worlds = []
    for _ in range(2):
        small = SmallScene(900, np.random.default_rng(7))
        known.plant(small)
        known.plant_alike(small)
        worlds.append(small)
    first, second = worlds
    assert first.rows.keys() == second.rows.keys()
    for table in first.rows:
        for one, other in zip(first.rows[table], second.rows[table], strict=True):
            assert all((a == b).all() for a, b in zip(one, other, strict=True))


@every
def test_groups_differ(known: Typology) -> None:
    sizes = set()
    for seed in range(6):
        small = SmallScene(900, np.random.default_rng(seed))
        known.plant(small)
        sizes.add((len(small.marked(known.kind)), len(small.rows.get("transfers", []))))
    assert len(sizes) > 2
