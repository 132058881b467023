"""What holds for every registered typology: files, texts, ranges, grades."""

from __future__ import annotations

import ast
import importlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from typology_tables import features_read

import fraudnet.typologies
from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Link, Linked, Node, Seed
from fraudnet.contracts.results import EVIDENCE, Hit, HitEvidence
from fraudnet.messages import LANGUAGES, catalogue
from fraudnet.typologies import TYPOLOGIES, detect, grades, typologies
from fraudnet.typologies.evidence import evidence_of
from fraudnet.typologies.typology import Typology

FOLDER = Path(fraudnet.typologies.__file__).parent
ALL = typologies()
every = pytest.mark.parametrize("known", ALL, ids=TYPOLOGIES)


def constants(name: str) -> dict[str, object]:
    module = importlib.import_module(f"fraudnet.typologies.{name}")
    return {k: v for k, v in vars(module).items() if k.startswith(("SEEN_", "PLANT_", "ALIKE_"))}


def strong_table(known: Typology, rows: int = 40) -> pl.DataFrame:
    """Rows drawn so that all grades of the typology are met: from 0 to far above and below every line."""
    rng = np.random.default_rng(5)
    bounds = [b for k, v in constants(known.name).items() if k.startswith("SEEN_") for b in v]
    values = [
        0.0,
        *bounds,
        *[b * 1.5 for b in bounds],
        *[(a + b) / 2 for a, b in zip(bounds[::2], bounds[1::2], strict=True)],
    ]
    return pl.DataFrame(
        {"node": np.arange(rows), **{name: rng.choice(values, rows) for name in sorted(features_read(known))}}
    )


def test_registry_equals_folder() -> None:
    found = {p.stem for p in FOLDER.glob("*.py") if "\nTYPOLOGY = " in p.read_text()}
    assert found == set(TYPOLOGIES)
    assert len(set(TYPOLOGIES)) == len(TYPOLOGIES)
    assert len({k.number for k in ALL}) == len(ALL)


@every
def test_says_what_it_is(known: Typology) -> None:
    assert known.name == TYPOLOGIES[ALL.index(known)]
    assert known.kind in ("account", "sim")
    assert (known.code in (None, 4)) == (known.kind == "sim" or not known.alone), "no flag alone, no code of its own"
    assert known.code in (None, 1, 2, 3, 4, 6, 7), "code 5 needs the police"
    assert len(known.citation) > 20 and known.alike


@every
@pytest.mark.parametrize("part", ["", ".alike", ".title"])
def test_texts_in_three_languages(known: Typology, part: str) -> None:
    texts = catalogue()[f"typology.{known.name}{part}"]
    assert set(texts) == set(LANGUAGES)
    assert len(set(texts.values())) == len(LANGUAGES)
    for text in texts.values():
        assert 0 < len(text) <= 160
        assert text.endswith(".") != (part == ".title")
        assert "{" not in text


@every
def test_predicate_and_plant_share_nothing(known: Typology) -> None:
    """A plant that reads the lines of its own predicate would be found by construction."""
    named = constants(known.name)
    seen = {k.removeprefix("SEEN_"): v for k, v in named.items() if k.startswith("SEEN_")}
    made = {k: v for k, v in named.items() if not k.startswith("SEEN_")}
    assert seen and any(k.startswith("PLANT_") for k in made) and any(k.startswith("ALIKE_") for k in made)
    for name, value in made.items():
        assert value not in seen.values(), name
        same = seen.get(name.split("_", 1)[1])
        if same is not None and isinstance(value, tuple):
            assert not set(value) & set(same), name
    tree = ast.parse((FOLDER / f"{known.name}.py").read_text())
    for function in (f for f in tree.body if isinstance(f, ast.FunctionDef)):
        read = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        banned = ("PLANT_", "ALIKE_") if function.name == "hits" else ("SEEN_",)
        assert not {n for n in read if n.startswith(banned)}, function.name


@every
def test_hits_are_grades_and_find_something(known: Typology) -> None:
    hits = known.hits(strong_table(known, 20_000).lazy()).collect()
    assert hits.columns == ["node", "strength", "alike_strength"]
    assert hits.height and hits["node"].is_unique().all()
    assert hits["strength"].is_between(0, 1, closed="right").all()
    assert hits["alike_strength"].is_between(0, 1).all()
    assert hits["strength"].n_unique() > 2, "a grade, not a switch"


@every
def test_empty_in_empty_out(known: Typology) -> None:
    assert known.hits(strong_table(known).clear().lazy()).collect().is_empty()
    bare = pl.LazyFrame({"node": [1, 2]})
    assert known.hits(bare).collect().is_empty(), "unknown is never yes"


@every
def test_nulls_and_numbers_that_are_none_give_no_hit(known: Typology) -> None:
    table = strong_table(known, 4_000)
    for nothing in (None, float("nan")):
        blank = table.with_columns(
            pl.lit(nothing, dtype=pl.Float64).alias(name) for name in sorted(features_read(known))
        )
        assert known.hits(blank.lazy()).collect().is_empty()


@every
def test_one_unknown_never_makes_a_pattern_stronger(known: Typology) -> None:
    table = strong_table(known, 3_000)
    whole = known.hits(table.lazy()).collect().select("node", whole="strength")
    for name in sorted(features_read(known)):
        part = known.hits(table.with_columns(pl.lit(None, dtype=pl.Float64).alias(name)).lazy()).collect()
        both = part.join(whole, on="node", how="left").with_columns(pl.col("whole").fill_null(0.0))
        assert (both["strength"] <= both["whole"] + 1e-12).all(), name
        without = known.hits(table.drop(name).lazy()).collect()
        assert_frame_equal(part.sort("node"), without.sort("node"))


@every
def test_row_order_and_names_do_not_matter(known: Typology) -> None:
    table = strong_table(known, 500)
    hits = known.hits(table.lazy()).collect().sort("node")
    shuffled = known.hits(table.sample(fraction=1.0, shuffle=True, seed=3).lazy()).collect().sort("node")
    assert_frame_equal(hits, shuffled)
    renamed = known.hits(table.with_columns(pl.col("node") + 70).lazy()).collect().sort("node")
    assert_frame_equal(hits.with_columns(pl.col("node") + 70), renamed)


@pytest.mark.parametrize("kind", ["account", "sim"])
def test_detect_is_all_hits_of_the_kind_in_order(kind: str) -> None:
    kin = [k for k in ALL if k.kind == kind]
    table = pl.concat(
        [strong_table(k, 300).with_columns(pl.col("node") + 300 * i) for i, k in enumerate(kin)], how="diagonal"
    )
    found = detect.detect(table, kind)
    Hit.validate(found)
    assert_frame_equal(found, found.sort("node", "typology"))
    assert found.select("node", "typology").is_unique().all()
    assert_frame_equal(found, detect.detect(table.lazy(), kind))
    each = {k.name: k.hits(table.lazy()).collect().height for k in kin}
    assert dict(found["typology"].value_counts().iter_rows()) == {n: c for n, c in each.items() if c}
    wide = detect.hit_columns(table, kind)
    assert wide["node"].to_list() == sorted(table["node"])
    assert wide.columns == ["node", *[f"{k.name}_{part}" for k in kin for part in ("strength", "alike")]]
    assert wide.null_count().sum_horizontal().item() == 0
    for k in kin:
        assert (wide[f"{k.name}_strength"] > 0).sum() == each[k.name]


def test_a_kind_without_typologies_has_no_hits() -> None:
    table = pl.DataFrame({"node": [2, 1]})
    assert detect.detect(table, "identity").is_empty()
    assert detect.hit_columns(table, "identity")["node"].to_list() == [1, 2]


number = st.one_of(st.none(), st.floats(-1e9, 1e9))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(number, number), min_size=1, max_size=12))
def test_grades_against_plain_arithmetic(rows: list[tuple[float | None, float | None]]) -> None:
    line = (2.0, 5.0)
    table = pl.DataFrame(
        {"node": range(len(rows)), "a": [r[0] for r in rows], "b": [r[1] for r in rows]},
        schema_overrides={"a": pl.Float64, "b": pl.Float64},
    )

    def plain(value: float) -> float:
        return min(max((value - 2.0) / 3.0, 0.0), 1.0)

    strength = grades.all_of(grades.over("a", line), grades.under("b", line))
    hits = grades.graded(
        table.lazy(), strength, grades.any_of(grades.over("a", line), grades.over("b", line))
    ).collect()
    wanted_hits = {
        i: (min(plain(a), 1.0 - plain(b)), max(plain(a), plain(b)))
        for i, (a, b) in enumerate(rows)
        if a is not None and b is not None and min(plain(a), 1.0 - plain(b)) > 0
    }
    assert {n: pytest.approx((s, o)) for n, s, o in hits.iter_rows()} == wanted_hits


@pytest.mark.parametrize("what", EVIDENCE)
def test_what_a_row_shows_is_said_in_three_languages(what: str) -> None:
    texts = catalogue()[f"evidence.{what}"]
    assert set(texts) == set(LANGUAGES)
    assert len(set(texts.values())) == len(LANGUAGES)
    assert all(0 < len(text) <= 100 and "{" not in text and not text.endswith(".") for text in texts.values())


def test_no_hits_no_rows() -> None:
    nodes = Node.create_empty().lazy()
    linked = Linked(datetime(2026, 6, 1, tzinfo=UTC), nodes, Link.create_empty().lazy(), Records({}), nodes)
    rows = evidence_of(linked, Hit.create_empty(), Seed.create_empty())
    assert rows.is_empty()
    HitEvidence.validate(rows)
