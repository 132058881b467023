"""A whole page in one file: its style inside, no script, nothing fetched; light or dark as the reader's system is."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from fraudnet.rendering.markup import fill


@dataclass(frozen=True)
class Figure:
    """One of the large numbers on top: what it is, the number, a line under it, a bar."""

    label: str
    value: str
    note: str
    chart: Markup


@dataclass(frozen=True)
class Sheet:
    """One part of a page under a title; `span` of 12 columns on a wide screen."""

    title: str
    body: Markup
    note: str = ""
    span: int = 12


@dataclass(frozen=True)
class Page:
    """A page: where it stands, the finding as its title, facts in one line, figures, sheets, a foot."""

    language: str
    trail: str
    cut_off: str
    title: str
    facts: str
    figures: Sequence[Figure]
    sheets: Sequence[Sheet]
    foot: str
    skip: str


def render(page: Page) -> str:
    """The page as one HTML document in UTF-8."""
    style = files(__package__).joinpath("templates", "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(f"\n{style}".encode()).digest()).decode()
    return str(fill("page.html", page=page, style=Markup(f"\n{style}"), digest=digest))  # noqa: S704  # our own file
