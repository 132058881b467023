"""Patterns from which nothing may follow alone: no code, no flag of their own, never the only reason."""

from __future__ import annotations

import polars as pl
import pytest
from toy_scores import AT, model, money, world

from fraudnet.contracts.features import Column
from fraudnet.model.matrix import build
from fraudnet.scoring import reasons as module
from fraudnet.scoring.reasons import reasons
from fraudnet.scoring.score import score
from fraudnet.scoring.support import support
from fraudnet.typologies import by_name, counts_alone, typologies

WEAK = tuple(known.name for known in typologies() if not known.alone)


def explained(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The flagged of a small world, all of whom show one pattern as clearly as can be."""
    matrix, _, nodes, _ = world()
    scores = score(model(), matrix, nodes, money(nodes), 0.06, "m 1")
    hits = nodes.select("entity_id", typology=pl.lit(name), strength=pl.lit(1.0), alike_strength=pl.lit(0.0))
    return hits, reasons(model(), matrix, scores, hits, "en")


def test_shopping_contagion_and_a_recycled_number_are_among_them() -> None:
    assert {known.number for known in typologies() if not known.alone} >= {16, 24, 34}


@pytest.mark.parametrize("name", WEAK)
def test_such_a_pattern_never_comes_first_nor_by_itself(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = explained(name)
    for _, rows in found.filter(~pl.col("in_favour")).group_by("entity_id"):
        told = rows.sort("position")["name"].to_list()
        assert name in told
        assert told[0] != name
    monkeypatch.setattr(module, "STRONGEST", 0)  # nothing else speaks against anybody
    assert name not in explained(name)[1]["name"].to_list()


def test_another_pattern_comes_first_and_stands() -> None:
    _, found = explained("pass_through")
    first = found.filter(pl.col("position") == 1)
    assert first["name"].unique().to_list() == ["pass_through"]


@pytest.mark.parametrize("name", WEAK)
def test_it_carries_no_flag(name: str) -> None:
    matrix, _, nodes, _ = world()
    scores = score(model(), matrix, nodes, money(nodes), 0.06, "m 1")
    alone = scores.filter("flagged").select("entity_id", stands_alone=pl.lit(value=False))
    kinds = {"entity_id": pl.String, "kind": pl.String, "ref_id": pl.String, "basis": pl.String,
             "weight": pl.Float64, "known_at": pl.Datetime("us", "UTC"), "in_favour": pl.Boolean}  # fmt: skip
    said = pl.DataFrame(schema=kinds)
    seeds = pl.DataFrame(schema={"entity_id": pl.String, "seed_id": pl.String, "share": pl.Float64, "basis": pl.String,
                                 "known_at": pl.Datetime("us", "UTC")})  # fmt: skip
    for pattern, carries in ((name, False), ("pass_through", True)):
        hits = nodes.select("entity_id", typology=pl.lit(pattern), strength=pl.lit(1.0), alike_strength=pl.lit(0.0))
        assert (support(scores, alone, hits, said, seeds).height > 0) is carries


def test_the_model_is_not_held_to_suspect_more_because_of_it() -> None:
    features = pl.DataFrame({"node": [0], "age_days": [1.0]})
    nodes = pl.DataFrame({"node": [0], "entity_id": ["account:b:0"]})
    hits = pl.DataFrame(
        schema={"node": pl.Int64, "typology": pl.String, "strength": pl.Float64, "alike_strength": pl.Float64}
    )
    names = tuple(by_name())
    found = build(features, (Column("age_days", "Age", "tempo"),), hits, nodes, AT, names)
    columns = {c.name: c for c in found.columns}
    for name, known in by_name().items():
        assert columns[f"{name}_strength"].rising == known.alone == counts_alone(name)
        assert columns[f"{name}_strength"].seed_built == columns[f"{name}_alike"].seed_built == known.seeded
