"""The note of an entry: its reasons in one text, cut where a reader would cut it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from fraudnet.lists.cells import clean_text

NOTE_LIMIT = 500
ELLIPSIS = "…"
JOINER = "\u200d"
# A full stop inside a number or an abbreviation is not followed by a blank.
_SENTENCE_END = re.compile(r"[.!?…](?=\s)")


def note_of(sentences: Sequence[str], lead: str = "", limit: int = NOTE_LIMIT) -> str:
    """The sentences as one NFC text of at most `limit` characters, as many whole ones as fit.

    Where not even the first one fits, it ends with an ellipsis at a blank, or else between two whole characters.
    """
    parts = [ended(part) for part in map(clean_text, sentences) if part]
    return cut(clean_text(" ".join([lead, *parts])), limit)


def ended(sentence: str) -> str:
    """A sentence with its full stop."""
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."


def cut(text: str, limit: int) -> str:
    """The longest beginning of `text` that ends at a sentence and has at most `limit` characters."""
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, limit + 1)]
    return text[: ends[-1]] if ends else _abridged(text, limit - len(ELLIPSIS))


def _abridged(text: str, room: int) -> str:
    blank = text.rfind(" ", 0, room + 1)
    at = blank if blank > 0 else room
    while at > 0 and continues(text, at):
        at -= 1
    return text[:at].rstrip() + ELLIPSIS


def continues(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it, so that nobody may cut between them."""
    here, before = text[at], text[at - 1]
    if unicodedata.category(here).startswith("M") or JOINER in (here, before):
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f" or "\u1160" <= here <= "\u11ff":
        return True
    return _regional(here) and _regional(before) and _regional_run(text, at) % 2 == 1


def _regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _regional_run(text: str, at: int) -> int:
    start = at
    while start > 0 and _regional(text[start - 1]):
        start -= 1
    return at - start
