"""What the unit did, recorded for good: which lists went out, what was restored; and whether the record holds."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fraudnet.errors import InputError, MissingInputError
from fraudnet.settings import Settings
from fraudnet.store.audit import verify
from fraudnet.store.backup import back_up
from fraudnet.store.engine import Address
from fraudnet.store.event import Head
from fraudnet.store.repository import NAME, Store

LOGIN = "login"
FILE = "file"


def store_path(settings: Settings) -> Path:
    """Where the database lies in the data directory, when it is a file."""
    return settings.home / "store" / NAME


def store_address(settings: Settings) -> Address:
    """The file in the data directory, or the URL of the server that the settings name."""
    return store_path(settings) if settings.store == FILE else settings.store


def open_store(settings: Settings) -> Store:
    """The database of the unit, made when it is not there."""
    return Store(store_address(settings))


def recorded(settings: Settings) -> bool:
    """Whether anything was ever recorded; asking makes no database."""
    return settings.store != FILE or store_path(settings).is_file()


def known_store(settings: Settings) -> Store:
    """The database of the unit. Raises MissingInputError when nothing was ever recorded there."""
    if not recorded(settings):
        raise MissingInputError(
            "{path}: nothing has been recorded in this data directory yet; name another with --home",
            path=store_path(settings),
        )
    return open_store(settings)


def actor(settings: Settings) -> str:
    """Who is recorded as acting: the setting, else the system's user name."""
    return getpass.getuser() if settings.actor == LOGIN else settings.actor


def verify_record(settings: Settings, witnesses: Sequence[Path]) -> dict[str, Any]:
    """Follow the chain of events and hold it against the heads that old lists carry (their `header.json`)."""
    heads = [witness_in(path) for path in witnesses]
    with known_store(settings) as store:
        found = verify(store, heads)
        head = store.head()
    return {
        "whole": found.whole,
        "events": found.events,
        "broken": found.broken,
        "reason": found.reason,
        "head": {"number": head.number, "digest": head.digest},
    }


def witness_in(path: Path) -> Head:
    """The head that a list's header carries. Raises InputError when it carries none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))["audit"]
        return Head(int(said["number"]), str(said["digest"]))
    except FileNotFoundError:
        raise MissingInputError(
            "{path}: is not there; name the header.json of a list that was sent", path=path
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            "{path}: carries no end of a chain; expected the header.json of a list that was sent", path=path
        ) from None


def events_told(settings: Settings, kind: str | None) -> list[dict[str, Any]]:
    """Every recorded event without its texts, in order, of one kind when given."""
    with known_store(settings) as store:
        return [
            {
                "number": e.number,
                "at": e.at.isoformat(timespec="seconds"),
                "kind": e.kind,
                "actor": e.actor,
                "body": e.body,
            }
            for e in store.events(kind)
        ]


def save_record(settings: Settings, to: Path) -> dict[str, Any]:
    """Copy the database, checked, while others may go on writing."""
    begun = time.perf_counter()
    with known_store(settings) as store:
        head = back_up(store, to)
    seconds = round(time.perf_counter() - begun, 2)
    return {"file": str(to), "events": head.number, "digest": head.digest, "seconds": seconds}
