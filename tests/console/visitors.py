"""A console of an invented unit, and visitors in every role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import invented
from argon2 import PasswordHasher
from browser import Browser

from fraudnet.console import passwords
from fraudnet.console.app import make_app
from fraudnet.console.house import House
from fraudnet.review.people import Wanted, add, confirm, set_password

PASSWORD = "correct horse 1"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PEOPLE = (
    ("bao", "Lê Quốc Bảo", "analyst"), ("an", "Phạm Đức An", "analyst"), ("ha", "Trịnh Thị Hà", "lead"),
    ("kiem", "Kiểm Soát", "auditor"), ("quan", "Quản Trị", "admin"), ("nganhang", "Đầu mối Sao Mai", "institution"),
)  # fmt: skip


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


class Unit:
    """A console with people in it, and browsers that are logged in."""

    def __init__(self, folder: Path, board=None, secure: bool = False) -> None:
        passwords.HASHER = QUICK
        passwords.nobody.cache_clear()
        self.clock = Clock()
        self.house = House(board or invented.board(), folder, secure, clock=self.clock)
        long_ago = self.clock.now - timedelta(days=30)
        for name, shown, role in PEOPLE:
            institution = "970400" if role == "institution" else ""
            add(
                self.house.desk,
                Wanted(name, shown, role, "Đội 3", institution),
                passwords.hashed("x"),
                "quan",
                long_ago,
            )
            set_password(self.house.desk, name, passwords.hashed(PASSWORD), name, long_ago)
            confirm(self.house.desk, name, "auditor", long_ago)
        self.app = make_app(self.house)

    def visitor(self, name: str = "", address: str = "") -> Browser:
        """A browser, logged in where a name is given."""
        browser = Browser(self.app, address or f"10.0.0.{len(name) + sum(map(ord, name)) % 200}")
        browser.get("/login")
        if name:
            assert browser.post("/login", {"name": name, "password": PASSWORD}).status == 303
            browser.follow(browser.get("/"))
            browser.get("/me")
        return browser

    def items(self, **wanted: object) -> list[dict]:
        """Items of the queue with these values."""
        rows = self.house.board.queue.to_dicts()
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]
