"""Copies of the database, and going back to one."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fraudnet.errors import ConfigurationError, IntegrityError, WriteFailedError
from fraudnet.files import write_with
from fraudnet.store.audit import verify
from fraudnet.store.engine import Address
from fraudnet.store.event import RESTORED, Entry, Event, Head
from fraudnet.store.repository import Store

UNSEEN = 1_000_000  # how many events a database that cannot be read any more may have had
BESIDE = ("-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """What going back did: the head of the backup, the events that are not in it, and where the old ones stay.

    lost: how many events are lost by kind; gone: these events. blind: nobody can know what is lost, because the record
    was not there any more, could not be read or does not go on behind the copy.
    """

    head: Head
    lost: dict[str, int]
    aside: str | None
    gone: tuple[Event, ...] = ()
    blind: bool = False


def back_up(store: Store, to: Path) -> Head:
    """Write a copy of everything recorded so far, checked before it takes its name; others may go on writing.

    Raises WriteFailedError when the file is there already, IntegrityError when the chain does not hold.
    """
    if to.exists():
        raise WriteFailedError("{to}: is there already; name a new file", to=to)
    write_with(to, lambda temporary: _checked_copy(store, temporary))
    with Store(to) as copy:
        return copy.head()


def _checked_copy(store: Store, to: Path) -> None:
    store.copy_to(to)
    _check(to)
    for ending in BESIDE:
        to.with_name(to.name + ending).unlink(missing_ok=True)


def _check(path: Path) -> None:
    with Store(path) as copy:
        found = verify(copy)
    if not found.whole:
        raise IntegrityError("{path}: {reason}; nothing was copied", path=path, reason=found.reason)


def restore(backup: Path, to: Address, actor: str, known: Mapping[str, Any] | None = None) -> Restored:
    """Go back to a backup; what the database held is set aside, never removed.

    The events that are lost by it are counted, and the restoring is itself recorded: numbers go on behind the highest
    that was ever given, so that none stands for two things, far behind where nobody can know it. `known` is what else
    tells of the time after the backup, kept in the record of the restoring; its `seen` is the highest number that
    somebody outside bears witness to, its `moved` says that nothing was recorded after the copy. Nobody can write in
    between, and whoever has the database open goes on with what it holds then; only a file that cannot be read any more
    is replaced by another.
    Raises IntegrityError when the backup does not hold, ConfigurationError when it is the database itself.
    """
    if isinstance(to, Path) and to.exists() and backup.samefile(to):
        raise ConfigurationError("{backup}: is the database itself; name a copy of it", backup=backup)
    _check(backup)
    with Store(backup) as kept:
        try:
            return _in_place(kept, to, actor, known or {})
        except IntegrityError:
            if not isinstance(to, Path):
                raise
        return _replaced(backup, kept.head(), to, actor, known or {})


def _in_place(kept: Store, to: Address, actor: str, known: Mapping[str, Any]) -> Restored:
    head, gone = kept.head(), list[Event]()
    file = _beside(to) if isinstance(to, Path) and to.exists() else None
    with Store(to) as now:
        blind = not known.get("moved") and not _tells_of(now, head)

        def said() -> Entry:
            gone.extend(now.events(after=head.number))
            highest = max(head.number + UNSEEN if blind else head.number, now.head().number)
            return _entry(head, {"lost": _by_kind(gone), "highest": highest, "blind": blind, **known}, actor)

        def set_aside() -> None:
            if file is not None:
                write_with(file, now.copy_inside)

        place = now.go_back_to(kept, set_aside, said)
    return Restored(head, _by_kind(gone), str(file) if file else place, tuple(gone), blind)


def _tells_of(now: Store, head: Head) -> bool:
    """Whether a record shows what came after a copy: it goes on behind the copy's end, or was once gone back from it.

    One that somebody removed and that began anew does not.
    """
    if head.number == 0:
        return now.head().number > 0
    return now.holds(head) or any(
        int(event.body["from"]) <= head.number <= int(event.body["highest"]) for event in now.events(RESTORED)
    )


def _replaced(backup: Path, head: Head, to: Path, actor: str, known: Mapping[str, Any]) -> Restored:
    """Another file in the place of one that cannot be read: nobody can have it open and go on with it."""
    lost = {"unreadable": -1}
    said = _entry(head, {"lost": lost, "highest": head.number + UNSEEN, "blind": True, **known}, actor)
    aside = _beside(to)
    _doubled(to, aside)  # it stays until the other takes its place: an empty record would begin its numbers anew
    for ending in BESIDE:
        part = to.with_name(to.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    write_with(to, lambda temporary: _renewed(backup, said, temporary))
    return Restored(head, lost, str(aside), blind=True)


def _entry(head: Head, body: Mapping[str, Any], actor: str) -> Entry:
    highest = max(body["highest"], int(body.get("seen", 0)))
    said = {"from": head.number, "digest": head.digest, **body, "highest": highest}
    return Entry(RESTORED, actor, said, f"restored:{head.digest}:{datetime.now(UTC).isoformat()}")


def _renewed(backup: Path, said: Entry, to: Path) -> None:
    """The backup with the record of the restoring in it: without that, numbers could be given twice."""
    with Store(backup) as kept:
        kept.copy_to(to)
    with Store(to) as now:
        now.append(said)
    for ending in BESIDE:
        to.with_name(to.name + ending).unlink(missing_ok=True)


def _by_kind(events: Sequence[Event]) -> dict[str, int]:
    return dict(Counter(event.kind for event in events))


def _beside(path: Path) -> Path:
    """A name for what is set aside."""
    return path.with_name(f"{path.stem}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{path.suffix}")


def _doubled(path: Path, second: Path) -> None:
    """A second name for a file, or a copy where the disk knows no second names."""
    try:
        os.link(path, second)
    except OSError:
        shutil.copy2(path, second)
