"""Going back to a copy of the record: what left after it is named from what still tells of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import MissingInputError
from fraudnet.lists.exchange.acknowledgement import Acknowledgement, read_acknowledgement
from fraudnet.lists.exchange.manifest import Manifest
from fraudnet.pipeline.exchange.ledger import FILE, actor, store_address, store_path
from fraudnet.pipeline.exchange.outbox import CHANGES, PACKED, alone, outbox, sent_manifests
from fraudnet.settings import Settings
from fraudnet.store.backup import Restored, restore
from fraudnet.store.dispositions import DECISION
from fraudnet.store.event import RESTORED, Event
from fraudnet.store.repository import Store

Left = Manifest | Acknowledgement  # what tells of a list that left
TOLD_BY_DECISIONS = ("cleared", "retracted", "closed", "contested", "ruled")  # why a change that left was made


def restore_record(settings: Settings, backup: Path, witnesses: Sequence[Path] = ()) -> dict[str, Any]:
    """Go back to a copy; what stood there is set aside, and what is lost is counted and named.

    Lists that left after the copy are named by the packages that lie here and by acknowledgements of institutions
    (`witnesses`), lost decisions by the record that is set aside or, where it cannot be read, by what the lost lists
    changed because of them. Numbers of events and lists go on behind all of these.
    """
    if not backup.is_file():
        raise MissingInputError("{backup}: is not there; name a file that `fraudnet store backup` wrote", backup=backup)
    begun = time.perf_counter()
    acknowledged = [read_acknowledgement(path) for path in witnesses]
    with alone(settings):
        with Store(backup) as kept:
            known, moved = _lists_in(kept), _moves(settings, kept)
        sent = sent_manifests(settings)
        missing = [(folder, said) for folder, said in sent if (said.recipient, said.list_id) not in known]
        unknown = [a for a in acknowledged if (a.recipient, a.list_id) not in known]
        here = {(said.recipient, said.list_id) for _, said in sent}
        every: list[Left] = [*(said for _, said in sent), *acknowledged]
        lost: list[Left] = [*(said for _, said in missing), *unknown]
        told = {
            "sequences": _highest(every),
            "seen": max([int(said.audit["number"]) for said in every], default=0),
            "lists": sorted([[said.recipient, said.list_id] for said in lost]),
            "moved": moved,
            # Packages that lie here tell all of it; an institution tells of its own lists, and of no later one.
            "sure": bool(missing) and {(a.recipient, a.list_id) for a in unknown} <= here,
        }
        found = restore(backup, store_address(settings), actor(settings), told)
    return {
        "events": found.head.number,
        "lost": found.lost,
        "lost_lists": _lists(lost),
        "lost_decisions": _decisions(found, missing, settings),
        "blind": found.blind,
        "seconds": round(time.perf_counter() - begun, 2),
        "set_aside": found.aside,
    }


def _moves(settings: Settings, kept: Store) -> bool:
    """Whether the record moves to a server: the file of the data directory ends where the copy does."""
    file = store_path(settings)
    if settings.store == FILE or not file.is_file():
        return False
    with Store(file) as here:
        return here.head() == kept.head()


def _lists_in(kept: Store) -> set[tuple[str, str]]:
    """Recipient and number of every list that a record knows, those included that an earlier restore named as lost."""
    named = {(name, list_id) for event in kept.events(RESTORED) for name, list_id in event.body.get("lists", [])}
    packed = (event.body["packages"].items() for event in kept.events(PACKED))
    return named | {(name, facts["list_id"]) for packages in packed for name, facts in packages}


def _highest(left: Sequence[Left]) -> dict[str, int]:
    """The highest number of a list that is known to have left, by institution."""
    found: dict[str, int] = {}
    for said in left:
        found[said.recipient] = max(found.get(said.recipient, 0), said.sequence)
    return found


def _lists(lost: Sequence[Left]) -> list[dict[str, Any]]:
    found = {(said.recipient, said.list_id): said.sequence for said in lost}
    return [
        {"institution": institution, "sequence": sequence, "list_id": list_id}
        for (institution, list_id), sequence in sorted(found.items(), key=lambda each: (each[0][0], each[1], each[0]))
    ]


def _decisions(found: Restored, missing: Sequence[tuple[str, Manifest]], settings: Settings) -> list[dict[str, Any]]:
    """Lost decisions without anybody's name: event, outcome, source, references; or which entry of which list fell."""
    rows = [_decision(event) for event in found.gone if event.kind == DECISION]
    if not found.blind:
        return rows
    for folder, said in missing:
        path = outbox(settings) / folder / CHANGES
        if path.is_file():
            rows += [{"list_id": said.list_id, **row} for row in _undone(pl.read_parquet(path), said.recipient)]
    return rows


def _decision(event: Event) -> dict[str, Any]:
    said = event.body
    return {"event": event.number, "outcome": said["outcome"], "source": said["source"], **said["references"]}


def _undone(changes: pl.DataFrame, institution: str) -> list[dict[str, Any]]:
    words = changes.select("institution", entry="entry_id", reason=pl.col("reason").cast(pl.String))
    own = words.filter(pl.col("institution") == institution, pl.col("reason").is_in(TOLD_BY_DECISIONS))
    return own.select("entry", "reason").sort("entry").to_dicts()
