"""What the tests of the review share: an office with a clock that is set by hand, and people in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fraudnet.review.deciding import Judgement, Office, Subject
from fraudnet.review.desk import Desk
from fraudnet.review.four_eyes import Signer
from fraudnet.review.people import Wanted, add, confirm, person, set_password
from fraudnet.store.engine import Address
from fraudnet.store.repository import Store

START = datetime(2026, 11, 20, 2, tzinfo=UTC)


def open_office(folder: Path, now: datetime = START, record: Address | None = None) -> Office:
    """Record (in the folder, or elsewhere) and desk in a folder, at a moment."""
    return Office(Store(record or folder / "store.db"), Desk(folder / "desk.db"), now)


def settled(office: Office, name: str, role: str = "analyst", unit: str = "one") -> Signer:
    """Somebody whose account is a month old and who has a session and an address of their own."""
    long_ago = office.now - timedelta(days=30)
    if person(office.desk, name) is None:
        add(office.desk, Wanted(name, name.title(), role, unit), "hash", "admin", long_ago)
        set_password(office.desk, name, "hash", name, long_ago)
        confirm(office.desk, name, "auditor", long_ago)
    found = person(office.desk, name)
    assert found is not None
    return Signer(found, f"session of {name}", f"address of {name}")


def subject(entity: str, grade: str | None = "D") -> Subject:
    return Subject(entity, grade, "queue", {"run": "r", "grade": grade or ""})


def said(outcome: str = "confirmed", role: str | None = "knowing_mule", seen: int = 0) -> Judgement:
    return Judgement(outcome, role, seen, ("report:1",), texts={"answer": f"because {outcome}"})
