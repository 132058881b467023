"""What changes while people work: who is logged in, who holds which item, what is written and not yet signed.

Decisions are not here: they are events of the record. Everything here may be lost without losing one of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fraudnet.store.database import connect, writing

NAME = "desk.db"
STEPS: tuple[str, ...] = (
    """
    CREATE TABLE users (
        name TEXT PRIMARY KEY, shown TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, institution TEXT NOT NULL,
        password TEXT NOT NULL, language TEXT NOT NULL, theme TEXT NOT NULL, keys INTEGER NOT NULL DEFAULT 1,
        created_by TEXT NOT NULL, created_at TEXT NOT NULL, reset_by TEXT NOT NULL, reset_at TEXT NOT NULL,
        role_by TEXT NOT NULL, role_at TEXT NOT NULL, one_time INTEGER NOT NULL, active INTEGER NOT NULL DEFAULT 1
    );
    CREATE TABLE sessions (
        digest TEXT PRIMARY KEY, user TEXT NOT NULL, token TEXT NOT NULL, address TEXT NOT NULL,
        language TEXT NOT NULL, seen_at TEXT NOT NULL
    );
    CREATE TABLE failures (subject TEXT NOT NULL, at TEXT NOT NULL);
    CREATE INDEX failures_by_subject ON failures (subject, at);
    CREATE TABLE locks (item TEXT PRIMARY KEY, user TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL);
    CREATE TABLE drafts (
        item TEXT NOT NULL, user TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (item, user)
    );
    CREATE TABLE handovers (
        item TEXT PRIMARY KEY, giver TEXT NOT NULL, taker TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
        accepted INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE skips (item TEXT NOT NULL, user TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (item, user));
    CREATE TABLE openings (
        item TEXT NOT NULL, user TEXT NOT NULL, until TEXT NOT NULL, PRIMARY KEY (item, user)
    );
    CREATE TABLE standing (
        item TEXT PRIMARY KEY, round INTEGER NOT NULL, number INTEGER NOT NULL, actor TEXT NOT NULL,
        outcome TEXT NOT NULL, role TEXT NOT NULL, at TEXT NOT NULL, rests_on TEXT NOT NULL
    );
    CREATE TABLE waiting (
        item TEXT PRIMARY KEY, number INTEGER NOT NULL, actor TEXT NOT NULL, outcome TEXT NOT NULL,
        role TEXT NOT NULL, at TEXT NOT NULL, session TEXT NOT NULL, address TEXT NOT NULL, other TEXT NOT NULL
    );
    CREATE TABLE history (item TEXT NOT NULL, number INTEGER PRIMARY KEY);
    CREATE INDEX history_by_item ON history (item, number);
    CREATE TABLE second_readings (item TEXT PRIMARY KEY, of INTEGER NOT NULL, first TEXT NOT NULL);
    CREATE TABLE read_up_to (number INTEGER NOT NULL);
    INSERT INTO read_up_to (number) VALUES (0);
    """,
    """
    ALTER TABLE users ADD COLUMN confirmed_by TEXT NOT NULL DEFAULT '';
    ALTER TABLE users ADD COLUMN confirmed_at TEXT NOT NULL DEFAULT '';
    UPDATE users SET confirmed_by = 'an earlier version', confirmed_at = created_at;
    CREATE TABLE ended (digest TEXT PRIMARY KEY, user TEXT NOT NULL, token TEXT NOT NULL, at TEXT NOT NULL);
    CREATE TABLE kept_forms (
        user TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (user, path)
    );
    """,
)


def stamp(moment: datetime) -> str:
    """A moment as text that sorts as it does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment again."""
    return datetime.fromisoformat(text)


class Desk:
    """The working tables of one unit, beside its record; several processes may use them at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = connect(path, STEPS)
        self._database.row_factory = sqlite3.Row

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def one(self, query: str, values: Sequence[object] = ()) -> dict[str, Any] | None:
        """The first row of a query by name of its columns."""
        row = self._database.execute(query, values).fetchone()
        return None if row is None else dict(row)

    def all(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Every row of a query by name of its columns."""
        return [dict(row) for row in self._database.execute(query, values)]

    def write(self, query: str, values: Sequence[object] = ()) -> int:
        """Change rows and say how many."""
        return self._database.execute(query, values).rowcount

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several changes as one, with nobody else's between them."""
        with writing(self._database):
            yield
