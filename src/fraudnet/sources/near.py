"""Hints for names that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHOWN = 12


def near(name: str, known: Iterable[str], *, listed: bool = True) -> str:
    """`; near: ...` with the names most like the wanted one, else `; known: ...`, at most twelve, if `listed`."""
    names = sorted(known)
    by_fold = {each.lower(): each for each in names}
    found = difflib.get_close_matches(name.lower(), by_fold, n=3, cutoff=0.6)
    if found:
        return "; near: " + ", ".join(by_fold[each] for each in found)
    more = ", ..." if len(names) > SHOWN else ""
    return f"; known: {', '.join(names[:SHOWN])}{more}" if names and listed else ""
