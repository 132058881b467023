"""The one catalogue of texts a person reads, in Vietnamese, English and French."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("vi", "en", "fr")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every message by id, each with its text per language."""
    found: dict[str, dict[str, str]] = {}
    for part in sorted(files(__name__).iterdir(), key=lambda part: part.name):
        if part.name.endswith(".toml"):
            found.update(tomllib.loads(part.read_text(encoding="utf-8")))
    return found


def text(message: str, language: str, **values: object) -> str:
    """The text of a message in a language, its named places filled in."""
    return catalogue()[message][language].format(**values)
