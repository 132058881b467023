"""Every column of every family, in a world with every table, says in Vietnamese and French what it says in English."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from functools import cache

import polars as pl
import pytest
from described_world import AS_OF, drop_records

import checks
from fraudnet.contracts.features import Column
from fraudnet.features import FAMILIES
from fraudnet.messages import LANGUAGES, catalogue
from fraudnet.model.matrix import build
from fraudnet.scoring.description import described
from fraudnet.scoring.reasons import feature_sentence
from fraudnet.typologies import TYPOLOGIES

OTHERS = ("vi", "fr")
QUOTED = re.compile(r"[“«].+?[”»]|'[^' ]+' links")
# Words that are the same in both languages, or a name.
SAME = {
    "vi": {"sim", "pagerank", "core", "đồng"},
    "fr": {"sim", "pagerank", "core", "đồng"}
    | {"codes", "minutes", "organisations", "point", "silence", "suspensions", "total"},
}


@cache
def known() -> checks.Known:
    return checks.known(drop_records(), AS_OF)


@cache
def columns(kind: str) -> tuple[Column, ...]:
    return known().tables[kind].columns


def words(said: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{3,}", QUOTED.sub(" ", said).lower()))


def every() -> list[Column]:
    return [column for kind in checks.KINDS for column in columns(kind)]


def test_the_world_makes_columns_of_every_family():
    assert {column.family for column in every()} == set(FAMILIES)
    links = {column.link for column in every()}
    assert links == {"", "transfer", "call", "link:friend", "link:lends_to"}
    assert any(column.categories for column in every())
    assert {over for column in every() if (over := column.view.rpartition("_")[2])} == {"mean", "mean2", "max", "sum"}


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("kind", checks.KINDS)
def test_every_column_has_its_own_text(kind: str, language: str):
    texts = {column.name: described(column, language) for column in columns(kind)}
    untold = [column.name for column in columns(kind) if texts[column.name] == column.description]
    assert untold == []
    counts = Counter(texts.values())
    assert sorted(name for name, said in texts.items() if counts[said] > 1) == []
    assert not [said for said in texts.values() if re.search(r"[{}]|^\s|\s$|\s\s|,,|, *$", said)]


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_word_remains(language: str):
    left = {
        column.name: both
        for column in every()
        if (both := words(described(column, language)) & words(column.description) - SAME[language])
    }
    assert left == {}


def test_the_drops_own_words_are_kept_as_they_are():
    chosen = {c.name: c for c in columns("account")}
    for name, word in (
        ("x_balance", "balance"),
        ("x_package", "package"),
        ("out_x_speed_max", "speed"),
        ("partners_mean_x_balance", "balance"),
        ("tie_lends_to_in_degree", "lends_to"),
        ("tie_friend_mean_in_count_all", "friend"),
    ):
        assert all(f" {word} " in re.sub(r"[“«»”' ]+", " ", f" {described(chosen[name], one)} ") for one in OTHERS)


def test_english_is_the_description_itself():
    assert all(described(column, "en") == column.description for column in every())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", [None, 0.0, 1.0, 1234.5])
def test_every_sentence_starts_with_a_capital_and_ends(language: str, value: float | None):
    said = [feature_sentence(column, value if not column.categories else 0.0, language) for column in every()]
    assert [s for s in said if not re.match(r"[^\Wa-z\d_]|[“«]", s) or s[0].islower() or not s.endswith(".")] == []


def test_the_columns_of_typologies_are_said_too():
    nodes = pl.DataFrame({"node": [0], "entity_id": ["account:a:1"]})
    hits = pl.DataFrame(
        schema={"node": pl.Int64, "typology": pl.String, "strength": pl.Float64, "alike_strength": pl.Float64}
    )
    made = build(nodes.select("node"), (), hits, nodes, AS_OF, TYPOLOGIES).columns
    for language in OTHERS:
        texts = [described(column, language) for column in made]
        assert len(set(texts)) == len(texts) == 2 * len(TYPOLOGIES)
        assert not [c.name for c, said in zip(made, texts, strict=True) if said == c.description]


def test_no_text_of_the_catalogue_is_left_over():
    used = " ".join(f"{c.name} {c.base}" for c in every()).split()
    stems = {name for one in used for name in (one, one.rpartition("_")[0])}
    ids = [key.removeprefix("feature.") for key in catalogue() if key.startswith("feature.")]
    plain = [one for one in ids if "given" not in one and not one.startswith("typology_")]
    assert [one for one in plain if one.rpartition(".")[2] not in stems] == []


def test_every_text_is_in_both_languages_with_the_same_places():
    parts = ("feature.", "window.", "along.", "over.", "view.")
    for key, told in catalogue().items():
        if key.startswith(parts):
            assert set(told) == set(OTHERS), key
            assert re.findall(r"{\w+}", told["vi"]) == re.findall(r"{\w+}", told["fr"]), key


def test_a_column_nobody_knows_keeps_its_description():
    assert described(Column("of_tomorrow", "something new", "f"), "vi") == "something new"


def test_a_column_stored_and_read_again_says_the_same():
    for column in columns("identity"):
        stored = json.loads(json.dumps(asdict(column)))
        again = Column(**{**stored, "categories": tuple(stored["categories"])})
        assert again == column
        assert described(again, "vi") == described(column, "vi")
