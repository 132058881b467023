"""The words by which files call the columns of the contracts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CONTAINS = 0.95  # a heading that holds a whole phrase of several words and says more
SQUEEZED = 0.96
WORDS_FILE = "vocabulary.toml"


@dataclass(frozen=True)
class Wanted:
    """One contract column: its name, what its values look like, and its headings in plain words."""

    name: str
    looks: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One table: what it cannot do without, every column it may have, and which one tells its rows apart, if any."""

    table: str
    needs: tuple[str, ...]
    unique: str | None
    foreign: tuple[str, ...]
    columns: tuple[Wanted, ...]


@cache
def kinds() -> tuple[Kind, ...]:
    """Every table that can be proposed, in the order of the vocabulary."""
    text = files("fraudnet.sources.propose").joinpath(WORDS_FILE).read_text(encoding="utf-8")
    return tuple(
        Kind(
            table,
            tuple(said["needs"]),
            said.get("unique"),
            tuple(said.get("foreign", ())),
            tuple(Wanted(name, c["looks"], tuple(c["words"])) for name, c in said["columns"].items()),
        )
        for table, said in tomllib.loads(text).items()
    )


def likeness(heading: str, words: tuple[str, ...]) -> float:
    """How well a folded heading fits one of the phrases: 1 for the same, less where only part of the words agree.

    Part of a phrase counts by the letters it shares, so that a short common word alone proves little.
    """
    if heading in words:
        return 1.0
    tokens = set(heading.split())
    best = 0.0
    for phrase in words:
        theirs = set(phrase.split())
        shared = sum(map(len, tokens & theirs))
        if shared:
            every = sum(map(len, tokens | theirs))
            best = max(best, shared / every)
    if any(" " in phrase and f" {phrase} " in f" {heading} " for phrase in words):
        best = max(best, CONTAINS)
    squeezed = heading.replace(" ", "")
    if any(squeezed == phrase.replace(" ", "") for phrase in words):
        best = max(best, SQUEEZED)
    return best if best >= SQUEEZED else 0.9 * best
