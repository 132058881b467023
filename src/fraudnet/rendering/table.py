"""Tables: the figures beside every picture. On a narrow screen each row becomes a card, each cell led by its header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from fraudnet.rendering.markup import fill

LEFT, RIGHT = "left", "right"


@dataclass(frozen=True)
class Head:
    """A column: its words, and whether its cells are figures; `wide` columns take what is left."""

    text: str
    align: str = LEFT
    wide: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: text, a second line in small, a chart under it, a tone (`weak`, `quiet`, `strong`) or none."""

    text: str
    below: str | None = None
    chart: Markup | None = None
    tone: str = ""
    language: str | None = None


@dataclass(frozen=True)
class Table:
    """Columns and rows; cell `names` (from 1) names its row. `caption` says what is shown, for those who listen.

    `notes` stand below: a mark that cells carry, and what it means.
    """

    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]] = field(default_factory=list)
    empty: str = ""
    names: int = 1
    notes: Sequence[tuple[str, str]] = ()


def table(said: Table) -> Markup:
    """The table as HTML; where it has no rows, the sentence that says why."""
    return fill("table.html", table=said)
