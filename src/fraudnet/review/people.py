"""The accounts of those who work with the console: who made them, who reset them, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fraudnet.errors import InputError
from fraudnet.review.desk import Desk, moment, stamp

ROLES = ("analyst", "lead", "auditor", "admin", "institution")


@dataclass(frozen=True)
class Person:
    """An account: name to log in with, name that is shown, role, unit, and for an institution which one it is.

    confirmed_by: who said that another person than its maker holds it; empty until somebody did.
    """

    name: str
    shown: str
    role: str
    unit: str
    institution: str
    password: str
    language: str
    theme: str
    keys: bool
    created_by: str
    created_at: datetime
    reset_by: str
    reset_at: datetime
    role_by: str
    role_at: datetime
    one_time: bool
    active: bool
    confirmed_by: str = ""
    confirmed_at: str = ""

    @property
    def hands(self) -> frozenset[str]:
        """Who made the account, gave it a password or its role: whoever could use it."""
        return frozenset((self.created_by, self.reset_by, self.role_by))


@dataclass(frozen=True)
class Wanted:
    """An account to be made."""

    name: str
    shown: str
    role: str
    unit: str = ""
    institution: str = ""
    language: str = "vi"


def add(desk: Desk, wanted: Wanted, password: str, by: str, now: datetime) -> Person:
    """Make an account with a one-time password (its hash). Raises InputError for a name that is taken or no role."""
    if wanted.role not in ROLES or (wanted.role == "institution") != bool(wanted.institution):
        raise InputError("account: got an unknown role or institution, expected one of {known}", known=", ".join(ROLES))
    if not wanted.name.replace(".", "").replace("-", "").isalnum() or person(desk, wanted.name) is not None:
        raise InputError("account: the name is taken or has other signs than letters, digits, dots and hyphens")
    at = stamp(now)
    made = (wanted.name, wanted.shown or wanted.name, wanted.role, wanted.unit, wanted.institution, password)
    desk.write(
        "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, 'system', 1, ?, ?, ?, ?, ?, ?, 1, 1, '', '')",
        (*made, wanted.language, by, at, by, at, by, at),
    )
    found = person(desk, wanted.name)
    if found is None:
        raise InputError("account: was not made; try again")
    return found


def person(desk: Desk, name: str) -> Person | None:
    """The account of that name."""
    row = desk.one("SELECT * FROM users WHERE name = ?", (name,))
    return None if row is None else _person(row)


def people(desk: Desk) -> list[Person]:
    """Every account in the order of names."""
    return [_person(row) for row in desk.all("SELECT * FROM users ORDER BY name")]


def set_password(desk: Desk, name: str, password: str, by: str, now: datetime) -> None:
    """Give an account a new password (its hash), by its owner for good, by others for one time; its sessions end.

    After a password of others it must be confirmed anew.
    """
    with desk.together():
        once = int(by != name)
        if once:
            values = (password, by, stamp(now), name)
            desk.write("UPDATE users SET password = ?, one_time = 1, reset_by = ?, reset_at = ? WHERE name = ?", values)
            confirm(desk, name, "", now)
        else:
            desk.write("UPDATE users SET password = ?, one_time = 0 WHERE name = ?", (password, name))
        desk.write("DELETE FROM sessions WHERE user = ?", (name,))


def set_role(desk: Desk, name: str, role: str, by: str, now: datetime) -> None:
    """Give an account another role, in which it must be confirmed anew. Raises InputError for an unknown one."""
    if role not in ROLES or role == "institution":
        raise InputError("account: got an unknown role, expected one of {known}", known=", ".join(ROLES[:-1]))
    values = (role, by, stamp(now), name)
    desk.write("UPDATE users SET role = ?, role_by = ?, role_at = ? WHERE name = ?", values)
    confirm(desk, name, "", now)


def confirm(desk: Desk, name: str, by: str, now: datetime) -> None:
    """Keep who confirmed an account; by nobody where it has to be confirmed anew."""
    desk.write("UPDATE users SET confirmed_by = ?, confirmed_at = ? WHERE name = ?", (by, stamp(now), name))


def set_active(desk: Desk, name: str, active: bool) -> None:
    """Shut an account or open it again; its sessions end."""
    with desk.together():
        desk.write("UPDATE users SET active = ? WHERE name = ?", (int(active), name))
        desk.write("DELETE FROM sessions WHERE user = ?", (name,))


def prefer(desk: Desk, name: str, language: str, theme: str, keys: bool) -> None:
    """Keep somebody's language, colours, and whether single keys act."""
    desk.write("UPDATE users SET language = ?, theme = ?, keys = ? WHERE name = ?", (language, theme, int(keys), name))


def _person(row: dict[str, Any]) -> Person:
    moments = {name: moment(row[name]) for name in ("created_at", "reset_at", "role_at")}
    flags = {name: bool(row[name]) for name in ("keys", "one_time", "active")}
    return Person(**{**row, **moments, **flags})
