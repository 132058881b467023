"""What every page needs: the board, the record, the desk, the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from fraudnet.review.board import Board
from fraudnet.review.deciding import Office
from fraudnet.review.desk import NAME as DESK
from fraudnet.review.desk import Desk
from fraudnet.review.standing import Standing, all_standing, catch_up, read_up_to
from fraudnet.store.engine import Address
from fraudnet.store.repository import NAME as RECORD
from fraudnet.store.repository import Store


def wall_clock() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class House:
    """One unit's console.

    folder: where record and desk lie, readable by their owner alone. secure: whether pages go over TLS. hosts: names
    that a browser may call it by. reports: files of the campaign report by name, where there are any. figures: what
    the newest report reckoned. kept: what is worked out once for the whole run.
    """

    board: Board
    folder: Path
    secure: bool = False
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    clock: Callable[[], datetime] = wall_clock
    reports: tuple[Path, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    record: Address | None = None
    _own: threading.local = field(default_factory=threading.local)

    @property
    def store(self) -> Store:
        """The record, opened once per thread."""
        if not hasattr(self._own, "store"):
            self._own.store = Store(self.record or self.folder / RECORD)
        store: Store = self._own.store
        return store

    @property
    def desk(self) -> Desk:
        """The working tables, opened once per thread."""
        if not hasattr(self._own, "desk"):
            self._own.desk = Desk(self.folder / DESK)
        desk: Desk = self._own.desk
        return desk

    def office(self) -> Office:
        """Record and desk at this moment, the desk read up to the end of the record."""
        catch_up(self.store, self.desk)
        return Office(self.store, self.desk, self.clock())

    def decided(self) -> dict[str, Standing]:
        """The last decision on every item, read again only when something was recorded."""
        number = read_up_to(self.desk)
        if self.kept.get("decided up to") != number:
            self.kept["decided"] = all_standing(self.desk)
            self.kept["decided up to"] = number
        found: dict[str, Standing] = self.kept["decided"]
        return found

    @cached_property
    def language(self) -> str:
        """The language of the run."""
        return self.board.facts.language
