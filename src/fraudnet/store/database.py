"""Opening the database file: whole after a crash, readable by its owner alone, never on a network share."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fraudnet.errors import ConfigurationError, IntegrityError, WriteFailedError

WAIT_S, PAUSE_S = 30.0, 0.01
# File systems over a network keep neither locks nor flushes as a database needs them.
NETWORK = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "davfs", "fuse.rclone"))

# What keeps events and their texts as they are.
GUARDS = {
    "events_stay": "CREATE TRIGGER events_stay BEFORE UPDATE ON events "
    "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    "events_last": "CREATE TRIGGER events_last BEFORE DELETE ON events "
    "BEGIN SELECT RAISE(ABORT, 'events are never removed'); END",
    "texts_stay": "CREATE TRIGGER texts_stay BEFORE UPDATE ON texts "
    "BEGIN SELECT RAISE(ABORT, 'texts are never changed'); END",
    "texts_last": "CREATE TRIGGER texts_last BEFORE DELETE ON texts "
    "BEGIN SELECT RAISE(ABORT, 'texts are never removed'); END",
}

# Each step brings a database from its place in this list to the next; steps are only ever added.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE events (
        number INTEGER PRIMARY KEY CHECK (number > 0), at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,
        key TEXT NOT NULL UNIQUE, body TEXT NOT NULL, sealed TEXT NOT NULL, before TEXT NOT NULL, digest TEXT NOT NULL
    );
    CREATE INDEX events_by_kind ON events (kind, number);
    CREATE TABLE texts (
        number INTEGER PRIMARY KEY REFERENCES events (number), key_id INTEGER NOT NULL, sealed BLOB NOT NULL
    );
    CREATE TABLE keys (key_id INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL UNIQUE, key BLOB NOT NULL);
    """
    + "".join(f"{statement};\n" for statement in GUARDS.values()),
)


def connect(path: Path, steps: tuple[str, ...] = MIGRATIONS) -> sqlite3.Connection:
    """Open the database at `path`, made or brought to this version when needed; flushed at every commit.

    steps: what makes its tables, one script per version; those of the record unless said.

    Raises ConfigurationError on a network share or for a database of a newer version, IntegrityError when it is none,
    WriteFailedError when it cannot be opened.
    """
    refuse_share(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        database = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
        _write_ahead(database)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            database.execute(f"PRAGMA {pragma}")
        _migrate(database, path, steps)
    except sqlite3.OperationalError as error:
        raise WriteFailedError(
            "{path}: the database cannot be opened ({error}); check its rights and the disk", path=path, error=error
        ) from None
    except sqlite3.DatabaseError:
        raise IntegrityError("{path}: is no database of fraudnet, or is damaged; restore a backup", path=path) from None
    except OSError as error:
        raise WriteFailedError(
            "{path}: the database cannot be opened ({reason}); check its rights", path=path, reason=error.strerror
        ) from None
    return database


def _write_ahead(database: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. SQLite does not wait here when several open a new file at once, so we do."""
    until = time.monotonic() + WAIT_S
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(PAUSE_S)
        else:
            return


def _migrate(database: sqlite3.Connection, path: Path, steps: tuple[str, ...]) -> None:
    with writing(database):
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version > len(steps):
            raise ConfigurationError(
                "{path}: was made by a newer fraudnet (version {version} of the database, expected at most "
                "{known}); install that one",
                path=path,
                version=version,
                known=len(steps),
            )
        for step in steps[version:]:
            for statement in _statements(step):
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(steps)}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, so that they share one transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def writing(database: sqlite3.Connection) -> Iterator[None]:
    """One transaction that nobody else writes beside; on any error nothing of it remains."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def refuse_share(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise ConfigurationError when the file would lie on a network share."""
    kind = file_system(path.parent.resolve(), mounts)
    if kind in NETWORK:
        raise ConfigurationError(
            "{path}: lies on a network share ({kind}), where a database loses writes; name a folder on a local disk",
            path=path,
            kind=kind,
        )


def file_system(folder: Path, mounts: Path) -> str:
    """The kind of file system that a folder lies on; empty where the system does not tell."""
    try:
        lines = [line.split(" ")[1:3] for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    holding = [(place, kind) for place, kind in lines if folder.is_relative_to(place.replace("\\040", " "))]
    return max(holding, key=lambda each: len(each[0]))[1] if holding else ""
