"""Who has an item in hand: locks of thirty minutes, drafts that stay, items handed over and accepted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudnet.review.desk import Desk, moment, stamp

HELD_FOR = timedelta(minutes=30)


@dataclass(frozen=True)
class Lock:
    """Who holds an item since when and until when."""

    item: str
    user: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Handover:
    """An item that somebody gave to somebody else, with the reason; it counts once the receiver accepted."""

    item: str
    giver: str
    taker: str
    reason: str
    accepted: bool


def take(desk: Desk, item: str, user: str, now: datetime) -> Lock:
    """Hold an item, unless somebody else does: the lock that stands afterwards, one's own or theirs.

    One's own lock keeps its beginning and lasts thirty minutes from now. An item that was handed over is held by its
    receiver alone.
    """
    with desk.together():
        found = _standing(desk, item, now)
        if found is not None and found.user != user:
            return found
        since = found.since if found else now
        lock = Lock(item, user, since, now + HELD_FOR)
        desk.write("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)", (item, user, stamp(since), stamp(lock.until)))
        return lock


def _standing(desk: Desk, item: str, now: datetime) -> Lock | None:
    given = handover(desk, item)
    if given is not None and given.accepted:
        return Lock(item, given.taker, now, now + HELD_FOR)
    return held(desk, now, item).get(item)


def held(desk: Desk, now: datetime, item: str | None = None) -> dict[str, Lock]:
    """The locks that stand, by item."""
    where, values = (" AND item = ?", (stamp(now), item)) if item else ("", (stamp(now),))
    rows = desk.all(f"SELECT * FROM locks WHERE until > ?{where}", values)  # noqa: S608  # no value is part of the text
    return {row["item"]: Lock(row["item"], row["user"], moment(row["since"]), moment(row["until"])) for row in rows}


def release(desk: Desk, item: str, user: str) -> None:
    """Let go of an item."""
    desk.write("DELETE FROM locks WHERE item = ? AND user = ?", (item, user))


def hand_over(desk: Desk, given: Handover, now: datetime) -> None:
    """Give an item to somebody else; whoever held it lets go, drafts stay."""
    with desk.together():
        desk.write("DELETE FROM locks WHERE item = ?", (given.item,))
        values = (given.item, given.giver, given.taker, given.reason, stamp(now))
        desk.write("INSERT OR REPLACE INTO handovers VALUES (?, ?, ?, ?, ?, 0)", values)


def accept(desk: Desk, item: str, user: str) -> bool:
    """Accept an item that was handed over to oneself; False when there is none."""
    return desk.write("UPDATE handovers SET accepted = 1 WHERE item = ? AND taker = ?", (item, user)) == 1


def handover(desk: Desk, item: str) -> Handover | None:
    """To whom an item was given, if it was."""
    row = desk.one("SELECT * FROM handovers WHERE item = ?", (item,))
    if row is None:
        return None
    return Handover(row["item"], row["giver"], row["taker"], row["reason"], bool(row["accepted"]))


def given_to(desk: Desk, user: str) -> list[Handover]:
    """What others gave to somebody."""
    rows = desk.all("SELECT * FROM handovers WHERE taker = ? ORDER BY at, item", (user,))
    return [Handover(r["item"], r["giver"], r["taker"], r["reason"], bool(r["accepted"])) for r in rows]


def skip(desk: Desk, item: str, user: str, now: datetime) -> None:
    """Leave an item to others until the next day."""
    with desk.together():
        desk.write("DELETE FROM locks WHERE item = ? AND user = ?", (item, user))
        desk.write("INSERT OR REPLACE INTO skips VALUES (?, ?, ?)", (item, user, stamp(now)))


def skipped(desk: Desk, user: str, now: datetime) -> set[str]:
    """What somebody skipped within a day."""
    since = stamp(now - timedelta(days=1))
    return {row["item"] for row in desk.all("SELECT item FROM skips WHERE user = ? AND at > ?", (user, since))}


def keep_draft(desk: Desk, item: str, user: str, written: Mapping[str, object], now: datetime) -> None:
    """Keep what somebody wrote about an item and has not signed."""
    body = json.dumps(dict(written), ensure_ascii=False, sort_keys=True)
    desk.write("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (item, user, body, stamp(now)))


def draft(desk: Desk, item: str, user: str) -> tuple[dict[str, object], datetime] | None:
    """What somebody wrote about an item, and when it was kept."""
    row = desk.one("SELECT * FROM drafts WHERE item = ? AND user = ?", (item, user))
    return None if row is None else (json.loads(row["body"]), moment(row["at"]))


def drop_draft(desk: Desk, item: str, user: str) -> None:
    """Forget a draft: it was signed."""
    desk.write("DELETE FROM drafts WHERE item = ? AND user = ?", (item, user))


def open_for(desk: Desk, item: str, user: str, until: datetime) -> None:
    """Show an item's personal data to somebody until a moment."""
    desk.write("INSERT OR REPLACE INTO openings VALUES (?, ?, ?)", (item, user, stamp(until)))


def opened_until(desk: Desk, item: str, user: str, now: datetime) -> datetime | None:
    """Until when somebody may see an item's personal data; None when they are masked."""
    row = desk.one("SELECT until FROM openings WHERE item = ? AND user = ? AND until > ?", (item, user, stamp(now)))
    return None if row is None else moment(row["until"])
