"""What the unit did, recorded for good: which lists went out, what was restored; and whether the record holds."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fraudnet.errors import InputError, MissingInputError
from fraudnet.pipeline.outbox import PACKED, alone, sent_lists
from fraudnet.settings import Settings
from fraudnet.store.audit import verify
from fraudnet.store.backup import back_up, restore
from fraudnet.store.event import Head
from fraudnet.store.repository import NAME, Store

LOGIN = "login"


def store_path(settings: Settings) -> Path:
    """Where the database lies in the data directory."""
    return settings.home / "store" / NAME


def open_store(settings: Settings) -> Store:
    """The database of the data directory, made when it is not there."""
    return Store(store_path(settings))


def known_store(settings: Settings) -> Store:
    """The database of the data directory. Raises MissingInputError when nothing was ever recorded there."""
    path = store_path(settings)
    if not path.is_file():
        raise MissingInputError(
            f"{path}: nothing has been recorded in this data directory yet; name another with --home"
        )
    return Store(path)


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
        raise MissingInputError(f"{path}: is not there; name the header.json of a list that was sent") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}: carries no end of a chain; expected the header.json of a list that was sent"
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
    with known_store(settings) as store:
        head = back_up(store, to)
    return {"file": str(to), "events": head.number, "digest": head.digest}


def restore_record(settings: Settings, backup: Path) -> dict[str, Any]:
    """Go back to a copy; what stood there is set aside, and what is lost is counted by kind."""
    if not backup.is_file():
        raise MissingInputError(f"{backup}: is not there; name a file that `fraudnet store backup` wrote")
    with alone(settings):
        sent = sent_lists(settings)
        highest: dict[str, int] = {}
        for row in sent:
            highest[row["institution"]] = max(row["sequence"], highest.get(row["institution"], 0))
        found = restore(backup, store_path(settings), actor(settings), {"sequences": highest})
    aside = str(found.aside) if found.aside else None
    with open_store(settings) as store:
        known = {event.body["folder"] for event in store.events(PACKED)}
    lost = [{k: row[k] for k in ("institution", "sequence", "list_id")} for row in sent if row["folder"] not in known]
    return {"events": found.head.number, "lost": found.lost, "lost_lists": lost, "set_aside": aside}
