"""Texts of the report in one language, and the shapes that its sheets share."""

from __future__ import annotations

from markupsafe import Markup

from fraudnet.messages import text
from fraudnet.rendering.numbers import percent
from fraudnet.rendering.table import Table, table


class Words:
    """Texts of the report in one language, and names of provinces."""

    def __init__(self, language: str, places: dict[str, str]) -> None:
        self.language, self.places = language, places

    def __call__(self, message: str, **values: object) -> str:
        """A text of the report."""
        return text(f"campaign.{message}", self.language, **values)

    def share(self, value: float) -> str:
        """A share as percent."""
        return percent(value, self.language)

    def place(self, code: str | None) -> str:
        """The name of a province."""
        return str(self.places.get(code or "", code or "–"))


def dense(said: Table) -> Markup:
    """A table whose rows stand close, also where the page is narrow."""
    return Markup('<div class="rank">{}</div>').format(table(said))


def weak(behind: bool) -> str:
    """The tone of what lies behind or below a promise."""
    return "weak" if behind else ""
