"""What a feature says, in the analyst's language: its own text, or one put together from what it looks at."""

from __future__ import annotations

import re
from functools import cache

from fraudnet.contracts.features import Column
from fraudnet.messages import catalogue, text

ENGLISH = "en"
TYPOLOGIES = "typologies"
YES_NO = frozenset(("is", "differs"))
# Attributes that the drop itself named: of the entity, or of its transfers.
GIVEN = re.compile(r"x_(?P<name>.+)")
GIVEN_OF_TRANSFERS = re.compile(r"(?P<side>in|out)_x_(?P<name>.+)_(?P<over>mean|max)")


@cache
def described(column: Column, language: str) -> str:
    """The description of a column in a language, without its value.

    English is the column's own description. Other languages come from the catalogue: the text of the feature (with or
    without its window) or measure, then along which links it was taken, then in whom. A column that the catalogue does
    not know keeps its description.
    """
    if language == ENGLISH:
        return column.description
    measure = _measure(column, language)
    if measure is None:
        return column.description
    if not column.view:
        return measure
    who, _, over = column.view.rpartition("_")
    over = "share" if over == "mean" and is_flag(column) else over
    said = text(f"view.{who}", language, link=_word(column.link))
    return text("view.frame", language, measure=measure, over=text(f"over.{over}", language), who=said)


def measured(column: Column) -> str:
    """The name of the feature or measure that a column looks at: its own, or that of its base."""
    return column.base or column.name


@cache
def is_given(column: Column) -> bool:
    """Whether the drop itself named what is looked at, so that its name tells nothing about its unit."""
    return bool(GIVEN.fullmatch(measured(column)) or GIVEN_OF_TRANSFERS.fullmatch(measured(column)))


@cache
def is_flag(column: Column) -> bool:
    """Whether what is looked at is yes or no."""
    return not is_given(column) and not YES_NO.isdisjoint(measured(column).split("_"))


def _measure(column: Column, language: str) -> str | None:
    name = measured(column)
    if column.family == TYPOLOGIES:
        return _of_typology(name, language)
    if found := GIVEN.fullmatch(name):
        return text("feature.given_category" if column.categories else "feature.given", language, name=found["name"])
    if found := GIVEN_OF_TRANSFERS.fullmatch(name):
        return text(f"feature.{found['side']}_given_{found['over']}", language, name=found["name"])
    kind = column.link.partition(":")[0]
    if f"feature.{kind}.{name}" in catalogue():
        return text(f"feature.{kind}.{name}", language)
    plain = _plain(name, language)
    if plain is None or not column.link or column.view.startswith("tie_"):
        return plain
    along = text(f"along.{kind}", language, link=_word(column.link))
    return text("along.frame", language, measure=plain, along=along)


def _plain(name: str, language: str) -> str | None:
    if f"feature.{name}" in catalogue():
        return text(f"feature.{name}", language)
    stem, _, window = name.rpartition("_")
    if f"feature.{stem}" in catalogue() and f"window.{window}" in catalogue():
        return text(f"feature.{stem}", language, window=text(f"window.{window}", language))
    return None


def _of_typology(name: str, language: str) -> str | None:
    typology, _, ending = name.rpartition("_")
    frame, title = f"feature.typology_{ending}", f"typology.{typology}.title"
    known = frame in catalogue() and title in catalogue()
    return text(frame, language, title=text(title, language)) if known else None


def _word(link: str) -> str:
    """The drop's own word for a kind of links."""
    return link.partition(":")[2]
