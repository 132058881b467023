"""Without a model: rare patterns on independent evidence order the list, and nothing pretends to be a probability."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from fraudnet.contracts.grades import FLAG_SOURCES
from fraudnet.contracts.results import Score
from fraudnet.scoring.patterns import NO_MODEL, independent, pattern_reasons, ranked, sourced
from fraudnet.typologies import by_name

AS_OF = datetime(2026, 8, 1, tzinfo=UTC)
NEVER = [name for name, one in by_name().items() if not one.alone or one.seeded or one.victim]
USUAL = [name for name, one in by_name().items() if name not in NEVER and one.kind == "account"]


def people(n: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"node": range(n), "entity_id": [f"account:b:{i:03d}" for i in range(n)], "kind": "account",
         "institution": "b", "number": [f"{i:03d}" for i in range(n)], "as_of": AS_OF},
        schema_overrides={"node": pl.Int64, "as_of": pl.Datetime("us", "UTC")},
    )  # fmt: skip


def hits(*rows: tuple[int, str, float, float]) -> pl.DataFrame:
    names = ("node", "typology", "strength", "alike_strength")
    frame = pl.DataFrame(
        rows, schema=dict(zip(names, (pl.Int64, pl.String, pl.Float64, pl.Float64), strict=True)), orient="row"
    )
    return frame.with_columns(entity_id=pl.format("account:b:{}", pl.col("node").cast(pl.String).str.zfill(3)))


def no_money() -> pl.DataFrame:
    return pl.DataFrame(schema={"node": pl.Int64, "at_risk": pl.Int64})


def brute_force(n: int, rows: list[tuple[int, str, float, float]]) -> dict[str, float]:
    raw = {f"account:b:{i:03d}": 0.0 for i in range(n)}
    for node, name, strength, alike in rows:
        if name not in NEVER:
            shown = sum(other[1] == name for other in rows)
            raw[f"account:b:{node:03d}"] += strength * (1 - alike / 2) * -math.log2(shown / n)
    return raw


one_hit = st.tuples(st.integers(0, 39), st.sampled_from([*USUAL[:4], *NEVER[:2]]), st.floats(0.01, 1), st.floats(0, 1))


@given(st.lists(one_hit, max_size=30, unique_by=lambda hit: hit[:2]))
def test_the_order_is_what_the_patterns_tell_together(rows: list[tuple[int, str, float, float]]) -> None:
    found = ranked(people(40), hits(*rows), no_money(), 0.2)
    expected = brute_force(40, rows)
    assert all(math.isclose(raw, expected[who], abs_tol=1e-6) for who, raw in found.select("entity_id", "raw").rows())
    assert found["raw"].is_sorted(descending=True)
    assert found["probability"].null_count() == 40
    assert found["flagged"].sum() == min(8, sum(value > 1e-8 for value in expected.values()))
    assert found.equals(ranked(people(40).reverse(), hits(*rows[::-1]), no_money(), 0.2))


def test_a_rare_pattern_outweighs_a_common_one_and_none_leads_nowhere() -> None:
    common = [(i, USUAL[0], 1.0, 0.0) for i in range(20)]
    found = ranked(people(40), hits(*common, (39, USUAL[1], 1.0, 0.0)), no_money(), 0.5)
    assert found["entity_id"][0] == "account:b:039"
    assert not found.filter(pl.col("raw") == 0)["flagged"].any()


def test_what_proves_nothing_alone_or_rests_on_earlier_findings_counts_for_nothing() -> None:
    assert {"contagion"} <= set(NEVER)
    rows = hits(*[(i, name, 1.0, 0.0) for i, name in enumerate(NEVER)])
    assert independent(rows).height == 0
    assert not ranked(people(40), rows, no_money(), 0.5)["flagged"].any()


def test_the_grade_is_the_lowest_whoever_names_the_entity() -> None:
    found = ranked(people(40), hits((3, USUAL[0], 1.0, 0.0)), no_money(), 0.1)
    police = pl.DataFrame(
        {"entity_id": ["account:b:003"], "source": ["police"]}, schema_overrides={"source": pl.Enum(FLAG_SOURCES)}
    )
    (row,) = Score.validate(sourced(found, police)).filter(pl.col("flagged")).to_dicts()
    assert (row["source"], row["grade"], row["action"], row["model"]) == ("police", "E", "observe", NO_MODEL)


def test_reasons_name_the_patterns_and_their_look_alikes() -> None:
    shown = hits((3, USUAL[0], 1.0, 0.4), (3, USUAL[1], 0.5, 0.0), (4, USUAL[0], 1.0, 0.0), (3, NEVER[0], 1.0, 0.0))
    found = pattern_reasons(ranked(people(40), shown, no_money(), 0.02), shown, "en")
    assert found.select("position", "source", "in_favour").rows() == [
        (1, "typology", False), (2, "typology", False), (3, "look_alike", True)]  # fmt: skip
    assert found["contribution"][0] > found["contribution"][1]
    assert found["text"].str.len_chars().min() > 20
