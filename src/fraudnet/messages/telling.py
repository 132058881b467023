"""What commands and errors say, in the reader's language: English is the source and the key, the others a catalogue."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Self

from fraudnet.errors import FraudnetError

SOURCE = "en"
PLACE = re.compile(r"(?<!\{)\{(\w+)(?:![rs])?(?::[^{}]*)?\}(?!\})")
FEWEST_LETTERS = 3  # a template with fewer letters of its own would be recognised in anything


@cache
def translations() -> dict[str, dict[str, str]]:
    """Every English text of commands and errors, each with its Vietnamese and its French one (`messages/commands`)."""
    found: dict[str, dict[str, str]] = {}
    for part in sorted(files("fraudnet.messages").joinpath("commands").iterdir(), key=lambda part: part.name):
        if part.name.endswith(".toml"):
            found.update(tomllib.loads(part.read_text(encoding="utf-8")))
    return found


class Joined(str):
    """Several English texts as one value, which is told part by part: `Joined("; ", faults)`."""

    separator: str
    parts: tuple[str, ...]

    def __new__(cls, separator: str, parts: Iterable[str]) -> Self:
        """Join the parts; the result is a plain string to everybody who does not ask for them."""
        whole = tuple(parts)
        self = super().__new__(cls, separator.join(whole))
        self.separator, self.parts = separator, whole
        return self

    def __reduce__(self) -> tuple[type[Joined], tuple[str, tuple[str, ...]]]:
        """What makes it anew in another process."""
        return Joined, (self.separator, self.parts)


def told(text: str, language: str, values: Mapping[str, object] | None = None) -> str:
    """A text in a language, its named places filled in; what nobody has translated is said in English.

    A finished English line, such as a note kept in a run's manifest, is recognised by its template.
    """
    if language != SOURCE:
        known = translations().get(text)
        if known is not None:
            text, values = known[language], {name: _value(one, language) for name, one in (values or {}).items()}
        elif not values:
            return _recognised(text, language)
    return text.format(**values) if values else text


def told_error(error: FraudnetError, language: str) -> str:
    """A failure in a language."""
    return told(error.text, language, error.values)


def _value(value: object, language: str) -> object:
    """A value as it is said: a sentence in the language, a name, number or word as it is."""
    if isinstance(value, FraudnetError):
        return told_error(value, language)
    if isinstance(value, Joined):
        return value.separator.join(told(part, language) for part in value.parts)
    return told(value, language) if isinstance(value, str) and " " in value.strip() else value


def _recognised(line: str, language: str) -> str:
    for template, pieces in _templates():
        if all(piece in line for piece in pieces) and (found := _pattern(template).fullmatch(line)):
            values = {name: _value(one, language) for name, one in found.groupdict().items()}
            # The values are text by now, so what says how to write a number no longer holds.
            return PLACE.sub(r"{\1}", translations()[template][language]).format(**values)
    return line


@cache
def _templates() -> list[tuple[str, list[str]]]:
    """Templates with places, those with the most text of their own first, each with the pieces between its places."""
    cut = [(template, [p for p in PLACE.split(template)[::2] if p]) for template in translations()]
    full = [
        (t, pieces)
        for t, pieces in cut
        if pieces != [t] and sum(c.isalpha() for c in "".join(pieces)) >= FEWEST_LETTERS
    ]
    return sorted(full, key=lambda one: (-sum(map(len, one[1])), one[0]))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    seen: set[str] = set()
    parts = []
    for number, part in enumerate(PLACE.split(template)):
        if number % 2 == 0:
            parts.append(re.escape(part.replace("{{", "{").replace("}}", "}")))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.+?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
