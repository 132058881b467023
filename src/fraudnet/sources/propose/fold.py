"""Headings as people write them, in one plain form."""

from __future__ import annotations

import re
import unicodedata

HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
NO_WORD = re.compile(r"[^a-z0-9]+")


def fold(heading: str) -> str:
    """A heading without accents, marks and capitals, its words apart by one blank: `SốTàiKhoản` is `so tai khoan`."""
    plain = unicodedata.normalize("NFKD", HUMPS.sub(" ", unicodedata.normalize("NFC", heading)))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return NO_WORD.sub(" ", bare.replace("đ", "d").replace("Đ", "D").lower()).strip()
