"""The page that a person who contests an entry can be given: what was noted, what follows, nothing about others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from fraudnet.errors import MissingInputError
from fraudnet.files import write_bytes
from fraudnet.lists.header import local_minute
from fraudnet.messages import text
from fraudnet.pipeline.exchange.contesting import contests_told
from fraudnet.rendering.markup import tag
from fraudnet.rendering.page import Page, Sheet, render
from fraudnet.rendering.table import Cell, Head, Table, table
from fraudnet.settings import Settings


def write_contest_page(number: int, to: Path, settings: Settings, now: datetime) -> Path:
    """Write the page of a contest: redacted, so that it tells neither names nor numbers nor what others did."""
    found = [row for row in contests_told(settings, now) if row["contest"] == number]
    if not found:
        raise MissingInputError("contest: there is none of this number; `fraudnet contest list` shows them")
    return write_bytes(to, render(_page(found[0], settings.language, now)).encode())


def _page(row: dict[str, Any], language: str, now: datetime) -> Page:
    def say(name: str) -> str:
        return text(f"contest.{name}", language)

    answer = say(f"outcome.{row['outcome']}") if row["outcome"] else say("outcome.open")
    rows = [
        ("number", str(row["contest"])),
        ("institution", row["institution"]),
        ("entry", row["entry"]),
        ("action", text(f"grades.action.{row['action']}", language)),
        ("opened", local_minute(datetime.fromisoformat(row["opened"]))),
        ("deadline", local_minute(datetime.fromisoformat(row["deadline"]))),
        ("pause", say(f"pause.{row['pause']}")),
        ("answer", answer),
    ]
    told = Table(say("title"), [Head(say("what")), Head(say("value"), wide=True)],
                 [[Cell(say(f"row.{name}")), Cell(value)] for name, value in rows])  # fmt: skip
    rights = tag("p", say("rights"))
    return Page(
        language, say("trail"), local_minute(now), say("title"), answer, [],
        [Sheet(say("title"), table(told)), Sheet(say("rights_title"), rights)], say("foot"), say("skip"),
    )  # fmt: skip
