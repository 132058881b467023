"""The answers of a snapshot are made once, and again where anything differs that they rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.labels.target import labels
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.training import answers
from fraudnet.pipeline.training.answers import Answers, answered
from fraudnet.pipeline.training.examples import Teacher, ledger_of, teacher
from fraudnet.settings import Settings

AT = start_of_day(date(2026, 4, 1))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The snapshots whose answers were made."""
    found: list[datetime] = []

    def noted(*told: object) -> object:
        found.append(told[3])
        return labels(*told)

    monkeypatch.setattr(answers, "labels", noted)
    return found


@pytest.fixture
def guide(source: Source, tmp_path: Path) -> Teacher:
    return teacher(source, start_of_day(date(2026, 8, 1)), ("account",), False, (Settings(home=tmp_path), silent))


def asked(guide: Teacher, **other: object) -> Answers:
    people = guide.known.nodes.filter(pl.col("kind") == "account").select("node", "entity_id").collect()
    given = {"identity": ledger_of(guide.source), "people": people.sort("entity_id"), "settings": guide.settings}
    given = {**given, "known": guide.known, "at": AT, **other}
    place = ("account", given["people"], given["at"])
    return answered(given["identity"], given["known"], place, given["settings"], lambda: guide.groups)


def test_the_same_are_not_made_again_and_are_what_they_were(guide: Teacher, made: list[datetime]) -> None:
    first, again = asked(guide), asked(guide)
    assert len(made) == 1 and first[0]["y"].sum() > 0 and first[1].height > 0
    for one, other in zip(first, again, strict=True):
        assert one.equals(other) and one.schema == other.schema


def test_whatever_they_rest_on_counts(guide: Teacher, made: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    people = guide.known.nodes.filter(pl.col("kind") == "account").select("node", "entity_id").collect()
    asked(guide)
    others = (
        {"identity": "another source"},
        {"people": people.sort("entity_id").head(-1)},
        {"settings": guide.settings.model_copy(update={"maturity_days": 30})},
        {"known": replace(guide.known, as_of=start_of_day(date(2026, 7, 1)))},
        {"at": start_of_day(date(2026, 5, 1))},
    )
    for other in others:
        asked(guide, **other)
    assert len(made) == 1 + len(others)
    monkeypatch.setattr(answers, "code_of", lambda *names: "other code")
    asked(guide)
    assert len(made) == 2 + len(others)


def test_damaged_ones_are_made_anew(guide: Teacher, made: list[datetime]) -> None:
    first = asked(guide)
    (path,) = (guide.settings.home / "cache" / "answers").glob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    again = asked(guide)
    assert len(made) == 2 and again[0].equals(first[0])
