"""Forms that were sent too late, kept for their owner for a day."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from fraudnet.review.desk import Desk, stamp

KEPT_FOR = timedelta(days=1)
Fields = dict[str, list[str]]


def keep_form(desk: Desk, user: str, path: str, fields: Fields, now: datetime) -> None:
    """Keep what somebody sent to a page; what was kept for the same page before is replaced."""
    body = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    desk.write("INSERT OR REPLACE INTO kept_forms VALUES (?, ?, ?, ?)", (user, path, body, stamp(now)))


def kept_forms(desk: Desk, user: str, now: datetime) -> dict[str, Fields]:
    """What is kept for somebody, by page; nothing that is older than a day."""
    desk.write("DELETE FROM kept_forms WHERE at < ?", (stamp(now - KEPT_FOR),))
    rows = desk.all("SELECT path, body FROM kept_forms WHERE user = ? ORDER BY at, path", (user,))
    return {row["path"]: json.loads(row["body"]) for row in rows}


def drop_form(desk: Desk, user: str, path: str) -> None:
    """Forget a form: it was sent again."""
    desk.write("DELETE FROM kept_forms WHERE user = ? AND path = ?", (user, path))


def drop_forms(desk: Desk, user: str) -> None:
    """Forget everything that is kept for somebody."""
    desk.write("DELETE FROM kept_forms WHERE user = ?", (user,))
