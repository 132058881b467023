"""Which row of a file holds the headings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.looks import profile
from fraudnet.sources.propose.vocabulary import kinds, likeness

LOOKED_AT = 40
KNOWN = 0.6

Row = Sequence[str | None]


@cache
def known(heading: str) -> float:
    """How well a heading fits any word of the vocabulary."""
    folded = fold(heading)
    return max((likeness(folded, want.words) for kind in kinds() for want in kind.columns), default=0.0)


def find_headings(rows: Sequence[Row], most_rows: int) -> tuple[int, int]:
    """The place of the first row of headings, and over how many rows they go.

    The row with the most known headings wins, the upper one on ties; without any, the first row that is as wide as
    those below it.
    """
    scores = [_score(row) for row in rows[:LOOKED_AT]]
    best = max(range(len(scores)), key=lambda place: (scores[place], -place))
    if scores[best] < KNOWN:
        width = max(len(_filled(row)) for row in rows[:LOOKED_AT])
        best = next(place for place, row in enumerate(rows) if len(_filled(row)) >= min(width, 2))
        return best, 1
    if most_rows > 1:
        if best and _spans(rows[best - 1], rows[best]):
            return best - 1, 2
        if best + 1 < len(rows) and _spans(rows[best], rows[best + 1]):
            return best, 2
    return best, 1


def _filled(row: Row) -> list[str]:
    return [cell for cell in row if cell and cell.strip()]


def _score(row: Row) -> float:
    """The known headings of a row; numbers and dates are no headings."""
    cells = _filled(row)
    if len(cells) < 2:
        return 0.0
    values = profile(cells)
    if values.digits > 0.3 or values.date_forms:
        return 0.0
    return sum(score for score in map(known, cells) if score >= KNOWN)


def _spans(upper: Row, lower: Row) -> bool:
    """Whether one row of headings goes over another: a cell above spans two below, and nothing below is a value."""
    above = [(cell or "").strip() for cell in upper]
    below = [(cell or "").strip() for cell in lower]
    wide = any(
        above[i] and not above[i + 1] and below[i] and below[i + 1] for i in range(min(len(above), len(below)) - 1)
    )
    if not wide or len(_filled(upper)) < 2:
        return False
    seen = profile(_filled(lower))
    return seen.digits == 0 and not seen.date_forms and max(seen.money.values()) == 0
