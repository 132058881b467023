"""What was packed: kept for good, read back as the entries that every institution holds."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.results import Support
from fraudnet.errors import BusyError, IntegrityError
from fraudnet.files import publish_folder, sha256
from fraudnet.lists.exchange.manifest import Manifest, manifest_from
from fraudnet.lists.live import Change, completed, empty, replayed
from fraudnet.settings import Settings
from fraudnet.store.event import RESTORED, Event
from fraudnet.store.repository import Store

PACKED = "lists_packed"
CHANGES, SUPPORT, PEOPLE = "changes.parquet", "support.parquet", "people.parquet"
PACKAGES, MANIFESTS = "packages", "manifests"
PEOPLE_COLUMNS = {"entity_id": pl.String, "province": pl.String, "age_band": pl.String}
READY = ".ready-"
UNSEEN_LISTS = 1_000  # how many lists may have left an institution's way since a copy, where nothing tells of them


def outbox(settings: Settings) -> Path:
    """Where packed lists are kept."""
    return settings.home / "exchange" / "packed"


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Nobody else packs or takes in answers meanwhile. Raises BusyError."""
    folder = outbox(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder.parent / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BusyError("another process packs lists or takes in answers; run again when it is done") from None
    finally:
        os.close(handle)


@dataclass(frozen=True)
class State:
    """Everything that was packed: changes (contract Change), what flags rest on (contract Support), what stands now.

    people: entity_id, province, age_band.
    packages: of every institution the facts of its packages in their order, as the events hold them.
    unseen: how many lists may have left to an institution of which `packages` tells nothing (see `_jump`).
    """

    changes: pl.DataFrame
    support: pl.DataFrame
    live: pl.DataFrame
    people: pl.DataFrame
    packages: dict[str, list[dict[str, Any]]]
    packed: int
    unseen: int = 0

    def sequence(self, institution: str) -> int:
        """The number of an institution's last package, 0 before the first, more where one may have been forgotten."""
        return int(self.packages[institution][-1]["sequence"]) if self.packages.get(institution) else self.unseen

    def previous(self, institution: str) -> str:
        """The digest of the manifest of an institution's last package."""
        last = self.packages.get(institution, [{}])[-1]
        return str(last.get("manifest", ""))

    def stated(self, institution: str) -> date | None:
        """The day of an institution's last full statement."""
        days = [date.fromisoformat(facts["day"]) for facts in self.packages.get(institution, []) if facts["statement"]]
        return max(days, default=None)

    def sent_on(self, day: date) -> pl.DataFrame:
        """How many new entries each institution got on a day: institution, entries."""
        new = self.changes.filter((pl.col("operation").cast(pl.String) == "add") & (pl.col("listed_on") == day))
        return new.group_by("institution").agg(entries=pl.len().cast(pl.Int64))


def state(store: Store, settings: Settings) -> State:
    """What was packed until now, from the events and the kept tables. Raises IntegrityError when one was changed."""
    tables: dict[str, list[pl.DataFrame]] = {
        CHANGES: [empty(Change)],
        SUPPORT: [empty(Support)],
        PEOPLE: [pl.DataFrame(schema=PEOPLE_COLUMNS)],
    }
    packed = unseen = 0
    packages: dict[str, list[dict[str, Any]]] = {}
    for event in (e for e in store.events() if e.kind in (PACKED, RESTORED)):
        if event.kind == RESTORED:
            unseen += _jump(packages, event)
            continue
        folder = _place(settings, event.body["folder"])
        packed += 1
        for name, parts in tables.items():
            kept = _kept(folder / name, event.body[name])
            parts.append(completed(kept, Change).select(parts[0].columns) if name == CHANGES else kept)
        for institution, facts in event.body["packages"].items():
            packages.setdefault(institution, []).append({**facts, "day": event.body["day"]})
    changes, support, people = (pl.concat(parts) for parts in tables.values())
    return State(changes, support.unique(maintain_order=True), replayed([changes]), people, packages, packed, unseen)


def _place(settings: Settings, name: str) -> Path:
    """Where packed lists lie: under their name, or the hidden one when a process was killed just before."""
    folder, ready = outbox(settings) / name, outbox(settings) / f"{READY}{name}"
    return ready if ready.is_dir() and not folder.exists() else folder


def _jump(packages: dict[str, list[dict[str, Any]]], event: Event) -> int:
    """After a restore numbers go on behind the highest that was ever given, far behind where nobody can know it.

    Returns how many lists may have left to institutions of which nothing at all is known.
    """
    told = event.body.get("sequences", {})
    unseen = UNSEEN_LISTS if event.body.get("blind") and not event.body.get("sure") else 0
    for institution in sorted({*told, *(packages if unseen else ())}):
        own = [int(facts["sequence"]) for facts in packages.get(institution, [])]
        highest = max([int(told.get(institution, 0)), *own]) + unseen
        gap = {"sequence": highest, "manifest": "", "statement": False, "day": event.at.date().isoformat()}
        packages.setdefault(institution, []).append(gap)
    return unseen


def _kept(path: Path, digest: str) -> pl.DataFrame:
    if not path.is_file() or sha256(path) != digest:
        raise IntegrityError("{path}: is missing or was changed; restore the data directory from a backup", path=path)
    return pl.read_parquet(path)


def finish(store: Store, settings: Settings) -> None:
    """Give packages their name that were recorded when the process was killed; remove those that never were.

    Only while nobody else packs (`alone`).
    """
    folder = outbox(settings)
    recorded = {event.body["folder"] for event in store.events(PACKED)}
    for ready in sorted(folder.glob(f"{READY}*")):
        name = ready.name.removeprefix(READY)
        if name in recorded and not (folder / name).exists():
            publish_folder(ready, folder / name)
        else:
            shutil.rmtree(ready, ignore_errors=True)


def sent_manifests(settings: Settings) -> list[tuple[str, Manifest]]:
    """Folder and manifest of every package that lies here, whether or not the record knows of it."""
    paths = sorted(outbox(settings).glob(f"*/{MANIFESTS}/*.json"))
    return [(path.parents[1].name, manifest_from(path.read_bytes())) for path in paths]


def last_of(store: Store, institution: str, list_id: str) -> dict[str, Any] | None:
    """The facts of one list as they were recorded, with its folder; None when there is none of that number."""
    for event in store.events(PACKED):
        facts = event.body["packages"].get(institution)
        if facts and facts["list_id"] == list_id:
            return {**facts, "folder": event.body["folder"], "day": event.body["day"], "head": event.body["head"]}
    return None
