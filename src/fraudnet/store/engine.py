"""What the record needs of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from fraudnet.store.sqlite import SqliteEngine

Address = Path | str  # a file, or the URL of a PostgreSQL server


class Engine(Protocol):
    """An open database. It fails with WriteFailedError or IntegrityError; `name` stands in messages, never a password.

    In queries `?` stands for a value.
    """

    name: str

    def rows(self, query: str, values: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
        """The rows of a query."""

    def execute(self, query: str, values: tuple[object, ...] = ()) -> int:
        """Change something; returns how many rows were."""

    def writing(self) -> AbstractContextManager[None]:
        """One transaction that nobody else writes beside, on disk when it ends; on any error nothing of it remains."""

    def reading(self) -> AbstractContextManager[None]:
        """Several queries that all see the same moment."""

    def emptied(self) -> str | None:
        """Inside a transaction: leave the record without events; returns where the old ones stay, if it keeps them."""

    def number_keys_after(self, most: int) -> None:
        """Inside a transaction: the next key gets a higher number than this, which no text was sealed under."""

    def close(self) -> None:
        """Let go of it."""


def opened(address: Address) -> Engine:
    """The database at a path, or at the URL of a PostgreSQL server, made when it is not there."""
    if isinstance(address, Path):
        return SqliteEngine(address)
    from fraudnet.store.postgres import PostgresEngine

    return PostgresEngine(address)
