"""Logging in, staying logged in for thirty idle minutes, and being shut out after five wrong passwords."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudnet.console.passwords import fits
from fraudnet.review.desk import Desk, moment, stamp
from fraudnet.review.people import Person, person

IDLE = timedelta(minutes=30)
TOUCHED = timedelta(seconds=20)
TRIES, SHUT_FOR = 5, timedelta(minutes=15)
REMEMBERED = timedelta(days=1)  # for how long a form of an ended session is still known to be its owner's

ENDED = "INSERT OR REPLACE INTO ended SELECT digest, user, token, seen_at FROM sessions"


@dataclass(frozen=True)
class Session:
    """A browser that is known: digest of its key, who it is (nobody before login), form token, where it came from."""

    digest: str
    person: Person | None
    token: str
    address: str
    language: str

    def own_token(self, token: str) -> bool:
        """Whether a form was made for this session."""
        return hmac.compare_digest(self.token.encode(), token.encode())

    @property
    def signature(self) -> str:
        """What the record keeps of a session: enough to tell two apart, not enough to use one."""
        return hashlib.sha256(f"session {self.digest}".encode()).hexdigest()[:16]

    @property
    def place(self) -> str:
        """What the record keeps of an address."""
        return hashlib.sha256(f"address {self.address}".encode()).hexdigest()[:16]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def begin(desk: Desk, address: str, language: str, now: datetime, user: str = "") -> str:
    """A new session's key; only its digest is kept."""
    key = secrets.token_urlsafe(32)
    _forget(desk, now)
    values = (_digest(key), user, secrets.token_urlsafe(32), address, language, stamp(now))
    desk.write("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", values)
    return key


def known(desk: Desk, key: str, now: datetime) -> Session | None:
    """The session of a key; None when there is none, it was idle too long, or its account was shut."""
    row = desk.one("SELECT * FROM sessions WHERE digest = ?", (_digest(key),)) if key else None
    if row is None or now - moment(row["seen_at"]) > IDLE:
        return None
    who = person(desk, row["user"]) if row["user"] else None
    if row["user"] and (who is None or not who.active):
        return None
    if now - moment(row["seen_at"]) > TOUCHED:
        desk.write("UPDATE sessions SET seen_at = ? WHERE digest = ?", (stamp(now), row["digest"]))
    return Session(row["digest"], who, row["token"], row["address"], row["language"])


def end(desk: Desk, session: Session) -> None:
    """Make a session unusable; for a day it is known whose it was."""
    with desk.together():
        desk.write(f"{ENDED} WHERE digest = ? AND user <> ''", (session.digest,))
        desk.write("DELETE FROM sessions WHERE digest = ?", (session.digest,))


def _forget(desk: Desk, now: datetime) -> None:
    """End the sessions that were idle too long, and forget those that ended a day ago."""
    idle = (stamp(now - IDLE),)
    with desk.together():
        desk.write(f"{ENDED} WHERE seen_at < ? AND user <> ''", idle)
        desk.write("DELETE FROM sessions WHERE seen_at < ?", idle)
        desk.write("DELETE FROM ended WHERE at < ?", (stamp(now - REMEMBERED),))


def whose(desk: Desk, key: str, token: str, now: datetime) -> str | None:
    """Whose form this is, sent from a session that is no more; None when nobody can tell.

    The key of the session and the token of the form must belong together, and the account must still be open.
    """
    for table, moment_of in (("sessions", "seen_at"), ("ended", "at")):
        row = desk.one(f"SELECT user, token, {moment_of} AS at FROM {table} WHERE digest = ?", (_digest(key),))  # noqa: S608
        if row is None or now - moment(row["at"]) > REMEMBERED:
            continue
        who = person(desk, row["user"]) if hmac.compare_digest(row["token"].encode(), token.encode()) else None
        if who is not None and who.active:
            return who.name
    return None


def speak(desk: Desk, session: Session, language: str) -> None:
    """Keep the language of a session."""
    desk.write("UPDATE sessions SET language = ? WHERE digest = ?", (language, session.digest))


@dataclass(frozen=True)
class Login:
    """What a try to log in came to: the new session's key, or how many tries are left (0: shut out)."""

    key: str | None
    left: int


def log_in(desk: Desk, session: Session, name: str, password: str, now: datetime) -> Login:
    """Check a password; five wrong ones shut out account and address for fifteen minutes, known or not.

    Every try costs the same time. The session's key changes.
    """
    subjects = (f"user:{name}", f"address:{session.address}")
    left = _try(desk, subjects, now)
    who = person(desk, name)
    right = fits(who.password if who and who.active else None, password)
    if left == 0:
        return Login(None, 0)
    if not right or who is None:
        return Login(None, left - 1)
    desk.write("DELETE FROM failures WHERE subject = ?", (subjects[0],))
    desk.write("DELETE FROM failures WHERE subject = ? AND at = ?", (subjects[1], stamp(now)))
    end(desk, session)
    return Login(begin(desk, session.address, who.language, now, who.name), TRIES)


def _try(desk: Desk, subjects: tuple[str, ...], now: datetime) -> int:
    """How many tries were left before this one, which is counted before the password is: many at once gain nothing."""
    with desk.together():
        left = min(tries_left(desk, subject, now) for subject in subjects)
        desk.write("DELETE FROM failures WHERE at < ?", (stamp(now - SHUT_FOR),))
        for subject in subjects if left else ():
            desk.write("INSERT INTO failures VALUES (?, ?)", (subject, stamp(now)))
    return left


def tries_left(desk: Desk, subject: str, now: datetime) -> int:
    """How many wrong passwords an account or address may still bring."""
    since = stamp(now - SHUT_FOR)
    row = desk.one("SELECT count(*) AS n FROM failures WHERE subject = ? AND at >= ?", (subject, since))
    return max(0, TRIES - (int(row["n"]) if row else 0))
