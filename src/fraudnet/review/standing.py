"""Where every item stands, read off the record: decided, waiting for a second signature, in dispute."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudnet.review.desk import Desk, moment, stamp
from fraudnet.store.dispositions import DECISION, TAKEN_BACK
from fraudnet.store.event import RESTORED, Event
from fraudnet.store.repository import Store

SIGNED_FIRST, DISAGREED, SECOND_READING, FIRST_VIEW = "signed_first", "disagreed", "second_reading", "first_view"
RESTS_FOR = timedelta(days=90)  # decided items do not come back within it without new evidence
UNSURE_FOR = timedelta(days=7)
READ_TWICE = 10  # one decision in so many gets a second reading


@dataclass(frozen=True)
class Standing:
    """The last decision on an item: its event, by whom, what, when, what it rested on; `round` as in `rounds`."""

    round: int
    number: int
    actor: str
    outcome: str
    role: str
    at: datetime
    rests_on: frozenset[str]


@dataclass(frozen=True)
class Waiting:
    """A first signature that waits for another; `other` is who disagreed with it, if somebody did."""

    number: int
    actor: str
    outcome: str
    role: str
    at: datetime
    session: str
    address: str
    other: str


def catch_up(store: Store, desk: Desk) -> None:
    """Read the events that came since the last time; the same events always lead to the same tables.

    Where a backup was restored meanwhile, what was read of events that are lost now is forgotten: all is read again.
    """
    if next(store.events(after=read_up_to(desk)), None) is None:
        return
    with desk.together():
        fresh = list(store.events(after=read_up_to(desk)))  # somebody else may have read them meanwhile
        if any(event.kind == RESTORED for event in fresh):
            for table in ("standing", "waiting", "second_readings", "history"):
                desk.write(f"DELETE FROM {table}")  # noqa: S608  # names from the line above
            fresh = list(store.events())
        for event in fresh:
            _follow(desk, event)
        if fresh:
            desk.write("UPDATE read_up_to SET number = max(number, ?)", (fresh[-1].number,))


def _follow(desk: Desk, event: Event) -> None:
    if event.kind == DECISION:
        desk.write("INSERT OR REPLACE INTO history VALUES (?, ?)", (event.body["entity"], event.number))
        _decided(desk, event)
    elif event.kind == TAKEN_BACK:
        desk.write("DELETE FROM standing WHERE number = ?", (event.body["decision"],))
    elif event.kind == SIGNED_FIRST:
        said = event.body
        row = (said["entity"], event.number, event.actor, said["outcome"], said["role"] or "", stamp(event.at))
        desk.write(
            "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')",
            (*row, said["session"], said["address"]),
        )
    elif event.kind == DISAGREED:
        desk.write("UPDATE waiting SET other = ? WHERE item = ?", (event.actor, event.body["entity"]))
    elif event.kind == SECOND_READING:
        desk.write("DELETE FROM second_readings WHERE item = ?", (event.body["entity"],))


def _decided(desk: Desk, event: Event) -> None:
    said = event.body
    entity = said["entity"]
    before = desk.one("SELECT number FROM standing WHERE item = ?", (entity,))
    if before is not None and before["number"] >= event.number:
        return
    round_ = rounds(desk, entity)
    rests = json.dumps(sorted(said["rests_on"]))
    desk.write(
        "INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (entity, round_, event.number, event.actor, said["outcome"], said["role"] or "", stamp(event.at), rests),
    )
    for table in ("waiting", "locks", "handovers", "second_readings"):
        desk.write(f"DELETE FROM {table} WHERE item = ?", (entity,))  # noqa: S608  # names from the line above
    if said["references"].get("by") == "console" and read_twice(event):
        desk.write("INSERT OR REPLACE INTO second_readings VALUES (?, ?, ?)", (entity, event.number, event.actor))


def read_twice(event: Event) -> bool:
    """Whether a decision is among those that get a blind second reading: one in ten, drawn by its digest."""
    drawn = hashlib.sha256(f"second reading {event.key}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % READ_TWICE == 0


def history(desk: Desk, item: str) -> list[int]:
    """The numbers of all decisions on an item, the latest first."""
    rows = desk.all("SELECT number FROM history WHERE item = ? ORDER BY number DESC", (item,))
    return [int(row["number"]) for row in rows]


def rounds(desk: Desk, item: str) -> int:
    """How many decisions there were on an item, those that were taken back among them: their keys are used up."""
    row = desk.one("SELECT count(*) AS n FROM history WHERE item = ?", (item,))
    return int(row["n"]) if row else 0


def read_up_to(desk: Desk) -> int:
    """The number of the last event that the desk has read."""
    row = desk.one("SELECT number FROM read_up_to")
    return int(row["number"]) if row else 0


def standing(desk: Desk, item: str) -> Standing | None:
    """The last decision on an item."""
    return all_standing(desk, item).get(item)


def all_standing(desk: Desk, item: str | None = None) -> dict[str, Standing]:
    """The last decisions by item, or that of one item."""
    where, values = (" WHERE item = ?", (item,)) if item else ("", ())
    rows = desk.all(f"SELECT * FROM standing{where}", values)  # noqa: S608  # no value is part of the text
    return {
        r["item"]: Standing(
            r["round"], r["number"], r["actor"], r["outcome"], r["role"], moment(r["at"]),
            frozenset(json.loads(r["rests_on"])),
        )
        for r in rows
    }  # fmt: skip


def waiting(desk: Desk, item: str | None = None) -> dict[str, Waiting]:
    """The first signatures that wait for another, by item."""
    where, values = (" WHERE item = ?", (item,)) if item else ("", ())
    rows = desk.all(f"SELECT * FROM waiting{where}", values)  # noqa: S608  # no value is part of the text
    return {
        r["item"]: Waiting(
            r["number"], r["actor"], r["outcome"], r["role"], moment(r["at"]), r["session"], r["address"], r["other"]
        )
        for r in rows
    }


def rests(found: Standing, evidence: frozenset[str], now: datetime) -> bool:
    """Whether a decided item stays out of the queue: ninety days (unsure: seven), unless there is new evidence."""
    if evidence - found.rests_on:
        return False
    return now - found.at < (UNSURE_FOR if found.outcome == "unsure" else RESTS_FOR)


def to_read_twice(desk: Desk, user: str) -> set[str]:
    """Items that wait for somebody else's blind second reading."""
    return {row["item"] for row in desk.all("SELECT item FROM second_readings WHERE first <> ?", (user,))}
