"""Copies of the database, and going back to one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fraudnet.errors import FraudnetError, IntegrityError, WriteFailedError
from fraudnet.files import write_with
from fraudnet.store.audit import verify
from fraudnet.store.event import RESTORED, Entry, Head
from fraudnet.store.repository import Store

UNSEEN = 1_000_000  # how many events a database that cannot be read any more may have had
BESIDE = ("-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """What going back did: the head of the backup, and the events that came after it and are not in it, by kind."""

    head: Head
    lost: dict[str, int]
    aside: Path | None


def back_up(store: Store, to: Path) -> Head:
    """Write a copy of everything recorded so far, checked before it takes its name; others may go on writing.

    Raises WriteFailedError when the file is there already, IntegrityError when the chain does not hold.
    """
    if to.exists():
        raise WriteFailedError(f"{to}: is there already; name a new file")
    write_with(to, lambda temporary: _checked_copy(store, temporary))
    with Store(to) as copy:
        return copy.head()


def _checked_copy(store: Store, to: Path) -> None:
    store.copy_to(to)
    _check(to)


def _check(path: Path) -> None:
    with Store(path) as copy:
        found = verify(copy)
    for ending in BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    if not found.whole:
        raise IntegrityError(f"{path}: {found.reason}; nothing was copied")


def restore(backup: Path, to: Path, actor: str, known: Mapping[str, Any] | None = None) -> Restored:
    """Put a backup in the place of the database; the one that stood there is set aside, never removed.

    The events that are lost by it are counted from the old file, where it can still be read, and the restoring is
    itself recorded: numbers go on behind the highest that was ever given, so that none stands for two things. `known`
    is what else tells of the time after the backup, kept in the record of the restoring.
    Raises IntegrityError when the backup does not hold.
    """
    _check(backup)
    with Store(backup) as kept:
        head = kept.head()
    lost, highest = _lost(to, head) if to.exists() else ({}, head.number)
    body = {"from": head.number, "digest": head.digest, "lost": lost, "highest": highest, **(known or {})}
    said = Entry(RESTORED, actor, body, f"restored:{head.digest}:{datetime.now(UTC).isoformat()}")
    aside = _set_aside(to)
    write_with(to, lambda temporary: _renewed(backup, said, temporary))
    return Restored(head, lost, aside)


def _renewed(backup: Path, said: Entry, to: Path) -> None:
    """The backup with the record of the restoring in it: without that, numbers could be given twice."""
    with Store(backup) as kept:
        kept.copy_to(to)
    with Store(to) as now:
        now.append(said)
    for ending in BESIDE:
        to.with_name(to.name + ending).unlink(missing_ok=True)


def _lost(old: Path, head: Head) -> tuple[dict[str, int], int]:
    """How many events of each kind the old database has behind the head of the backup, and its highest number."""
    counts: dict[str, int] = {}
    try:
        with Store(old) as before:
            for event in before.events(after=head.number):
                counts[event.kind] = counts.get(event.kind, 0) + 1
            return counts, max(head.number, before.head().number)
    except (FraudnetError, sqlite3.DatabaseError):
        return {"unreadable": -1}, head.number + UNSEEN


def _set_aside(path: Path) -> Path | None:
    if not path.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.stem}.before-{stamp}{path.suffix}")
    _doubled(path, aside)  # it stays until the other takes its place: an empty record would begin its numbers anew
    for ending in BESIDE:
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def _doubled(path: Path, second: Path) -> None:
    """A second name for a file, or a copy where the disk knows no second names."""
    try:
        os.link(path, second)
    except OSError:
        shutil.copy2(path, second)
