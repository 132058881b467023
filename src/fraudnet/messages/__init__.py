"""The one catalogue of texts a person reads, in Vietnamese, English and French."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

LANGUAGES = ("vi", "en", "fr")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every message by id, each with its text per language."""
    found: dict[str, dict[str, str]] = {}
    for part in _parts(files(__name__)):
        found.update(tomllib.loads(part.read_text(encoding="utf-8")))
    return found


def text(message: str, language: str, **values: object) -> str:
    """The text of a message in a language, its named places filled in."""
    return catalogue()[message][language].format(**values)


def _parts(folder: Traversable) -> Iterator[Traversable]:
    for part in sorted(folder.iterdir(), key=lambda part: part.name):
        if part.is_dir() and part.name != "commands":  # those are keyed by their English text (telling.py)
            yield from _parts(part)
        elif part.name.endswith(".toml"):
            yield part
