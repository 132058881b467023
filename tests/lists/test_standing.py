"""A flag stands iff a live support suffices for its grade; against a rule written another way, over the whole history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.lists.standing import grounded, standing

NAMES = [f"account:b:{n}" for n in range(7)]
KINDS = ("own", "seed", "report", "hit", "disposition")
T0 = datetime(2026, 8, 1, tzinfo=UTC)
RESTS = {"entity": pl.String, "on": pl.String}


def flag(entity: str, turn: int = 0) -> str:
    return f"{entity}|{turn}"


def up(flags, support, cleared=(), rests=(), since=T0) -> set[str]:
    """flags: (flag, entity, source); support: (flag, kind, ref, basis)."""
    table = pl.DataFrame(flags, schema=["flag_id", "entity_id", "source"], orient="row").with_columns(as_of=pl.lit(T0))
    names = {"flag_id": pl.String, "kind": pl.String, "ref_id": pl.String, "basis": pl.String}
    bases = pl.DataFrame(support, schema=names, orient="row")
    fallen = pl.DataFrame({"entity_id": list(cleared)}, schema={"entity_id": pl.String}).with_columns(
        since=pl.lit(since)
    )
    return set(standing(table, bases, fallen, pl.DataFrame(list(rests), schema=RESTS, orient="row"))["flag_id"])


def rule(flags, support, cleared, rests) -> set[str]:
    """The same rule, once more: entity by entity, with the chain that carries it in hand."""
    flag_ids = {f for f, _, _ in flags}
    of = dict(rests_of(rests))

    def carried(node: str, path: tuple[str, ...]) -> bool:
        if node in path or node in cleared:
            return False
        if node in flag_ids:
            return stands(node, (*path, node))
        return any(carried(on, (*path, node)) for on in of[node]) if node in of else True

    def stands(name: str, path: tuple[str, ...]) -> bool:
        entity, source = next((e, s) for f, e, s in flags if f == name)
        if entity in cleared:
            return False
        enough = {"model": {"own", "hit", "seed", "report"}, "victim": {"report"}}[source] | {"disposition"}
        mine = [(kind, ref) for f, kind, ref, _ in support if f == name and kind in enough]
        return any(kind != "seed" or carried(ref, path) for kind, ref in mine)

    return {f for f in flag_ids if stands(f, (f,))}


def rests_of(rests):
    found: dict[str, list[str]] = {}
    for entity, on in rests:
        found.setdefault(entity, []).append(on)
    return found.items()


@st.composite
def histories(draw):
    """Flags, clearings and re-flags in any order; known frauds that rest on other entities or on flags."""
    entity = st.sampled_from(NAMES)
    flags, support, cleared = {}, [], set()
    for turn in range(draw(st.integers(1, 12))):
        who = draw(entity)
        if draw(st.integers(0, 3)) == 0:
            cleared.add(who)
            continue
        name = flag(who, turn)
        flags[name] = (name, who, draw(st.sampled_from(["model", "victim"])))
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(KINDS))
            ref = draw(entity) if kind == "seed" else f"{kind}-{turn}"
            support.append((name, kind, ref, "victim_report"))
    other = st.one_of(entity, st.sampled_from(sorted(flags)) if flags else entity)
    rests = draw(st.lists(st.tuples(entity, other), max_size=6))
    return list(flags.values()), support, cleared, [(a, b) for a, b in rests if a != b]


@settings(max_examples=60, deadline=None)
@given(histories())
def test_after_any_history_exactly_the_carried_flags_stand(history):
    flags, support, cleared, rests = history
    if not flags:
        return
    found = up(flags, support, cleared, rests)
    assert found == rule(flags, support, cleared, rests)
    only = {f for f, e, _ in flags if e in cleared}
    assert not found & only
    for name in found:
        mine = [(kind, ref) for f, kind, ref, _ in support if f == name]
        assert any(kind != "seed" or ref not in cleared for kind, ref in mine)


@settings(max_examples=8, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_what_happened_does_not_matter(history, draw):
    flags, support, cleared, rests = history
    if not flags:
        return
    shuffled = [draw.sample(part, len(part)) for part in (flags, support, sorted(cleared), rests)]
    assert up(*shuffled) == up(flags, support, cleared, rests)


@pytest.mark.parametrize(
    ("source", "kind", "basis", "stands"),
    [
        ("model", "own", "model", True),
        ("model", "hit", "typology", True),
        ("victim", "own", "model", False),
        ("victim", "report", "victim_report", True),
        ("victim", "report", "bank_report", False),
        ("institution", "report", "bank_report", True),
        ("institution", "hit", "typology", False),
        ("police", "report", "victim_report", False),
        ("police", "report", "police_report", True),
        ("police", "disposition", "police_file", True),
    ],
)
def test_what_carries_which_grade(source, kind, basis, stands):
    assert bool(up([("f", NAMES[0], source)], [("f", kind, "r", basis)])) == stands


def test_known_frauds_that_only_rest_on_each_other_carry_nothing():
    a, b, c = NAMES[:3]
    flags, support = [("f", c, "model")], [("f", "seed", a, "own_review")]
    assert up(flags, support, rests=[(a, b), (b, a)]) == set()
    assert up(flags, support, rests=[(a, b)]) == {"f"}
    assert up(flags, support, cleared=[b], rests=[(a, b)]) == set()


def test_a_clearing_answers_what_is_raised_within_ninety_days():
    flags, support = [("f", NAMES[0], "model")], [("f", "own", "m", "model")]
    for days, stands in ((0, False), (89, False), (90, True)):
        assert bool(up(flags, support, cleared=[NAMES[0]], since=T0 - timedelta(days=days))) == stands


def test_a_long_chain_falls_with_its_first_link():
    chain = pl.DataFrame({"dependent": [f"n{i + 1}" for i in range(60)], "on": [f"n{i}" for i in range(60)]})
    none = pl.DataFrame(schema={"node": pl.String})
    assert grounded(chain, pl.DataFrame({"node": ["n0"]}), none).height == 61
    assert grounded(chain, pl.DataFrame({"node": ["n0"]}), pl.DataFrame({"node": ["n3"]})).height == 3
