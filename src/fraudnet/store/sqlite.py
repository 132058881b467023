"""The record in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fraudnet.errors import IntegrityError, WriteFailedError
from fraudnet.store.database import GUARDS, connect, writing


class SqliteEngine:
    """An open file; see `store.engine.Engine`."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._database = connect(path)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def rows(self, query: str, values: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
        """The rows of a query."""
        with self._explained("cannot be read now"):
            yield from self._database.execute(query, values)

    def execute(self, query: str, values: tuple[object, ...] = ()) -> int:
        """Change something; returns how many rows were."""
        with self._explained("was not changed"):
            return self._database.execute(query, values).rowcount

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that nobody else writes beside."""
        with self._explained("the event was not recorded"), writing(self._database):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several queries that all see the same moment."""
        self._database.execute("BEGIN")
        try:
            yield
        finally:
            self._database.execute("ROLLBACK")

    def emptied(self) -> str | None:
        """Inside a transaction: no events any more. The file keeps none; whoever asks has copied them."""
        for name in GUARDS:
            self.execute(f"DROP TRIGGER {name}")
        for table in ("texts", "keys", "events"):
            self.execute(f"DELETE FROM {table}")  # noqa: S608  # names from the line above
        for statement in GUARDS.values():
            self.execute(statement)
        return None

    def number_keys_after(self, most: int) -> None:
        """Inside a transaction: the next key gets a higher number than this."""
        self.execute("DELETE FROM sqlite_sequence WHERE name = 'keys'")
        self.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('keys', ?)", (most,))

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise WriteFailedError(
                "{path}: {what} ({error}); run the command again", path=self.name, what=what, error=error
            ) from None
        except sqlite3.DatabaseError:
            raise IntegrityError("{path}: is damaged and cannot be read; restore a backup", path=self.name) from None
