"""Writing and reading events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from fraudnet.errors import IntegrityError, WriteFailedError
from fraudnet.files import canonical_json
from fraudnet.store.database import connect, writing
from fraudnet.store.event import BEGINNING, RESTORED, Entry, Event, Head, Receipt
from fraudnet.store.seal import digest_of_seal, new_key, seal, unseal

COLUMNS = "number, at, kind, actor, key, body, sealed, before, digest"
NAME = "store.db"


class Store:
    """The database of one unit: events are added at its end, and neither changed nor removed.

    Several processes may use it at once; each `append` is one transaction that is on disk when it returns.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = connect(path)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def append(self, entry: Entry, at: datetime | None = None) -> Receipt:
        """Record an event; one whose key is there already changes nothing and gets the first receipt.

        `at` is now unless said; the order of events is their number, never the clock. Raises WriteFailedError, and then
        nothing of the event was kept.
        """
        return self.append_all([entry], at)[0]

    def append_all(self, entries: Sequence[Entry], at: datetime | None = None) -> list[Receipt]:
        """As `append`, several events together: all of them are kept, or none."""
        moment = (at or datetime.now(UTC)).astimezone(UTC)
        try:
            with writing(self._database):
                return [self._once(entry, moment) for entry in entries]
        except sqlite3.OperationalError as error:
            raise WriteFailedError(
                f"{self.path}: the event was not recorded ({error}); run the command again"
            ) from None

    def _once(self, entry: Entry, at: datetime) -> Receipt:
        known = self._by_key(entry.key)
        event = known or self._write(entry, at)
        return Receipt(event.number, event.digest, repeated=known is not None)

    def _write(self, entry: Entry, at: datetime) -> Event:
        head = self.head()
        number = (max(head.number, entry.body["highest"]) if entry.kind == RESTORED else head.number) + 1
        key_id, key = self._key_for(entry.record or entry.key) if entry.texts else (0, b"")
        sealed = seal(entry.texts, key) if entry.texts else None
        body = json.loads(canonical_json(dict(entry.body)))
        event = Event(
            number, at, entry.kind, entry.actor, entry.key, body, digest_of_seal(sealed), head.digest, BEGINNING
        )
        digest = event.expected()
        row = (number, at.isoformat(), event.kind, event.actor, event.key, canonical_json(body).decode(), event.sealed)
        marks = ", ".join("?" * 9)
        self._database.execute(f"INSERT INTO events ({COLUMNS}) VALUES ({marks})", (*row, event.before, digest))  # noqa: S608
        if sealed is not None:
            texts = (number, key_id, sealed)
            self._database.execute("INSERT INTO texts (number, key_id, sealed) VALUES (?, ?, ?)", texts)
        return Event(number, at, event.kind, event.actor, event.key, body, event.sealed, event.before, digest)

    def _key_for(self, record: str) -> tuple[int, bytes]:
        """The key of a record, made when it has none, with its number: one that was destroyed never comes back."""
        row = self._database.execute("SELECT key_id, key FROM keys WHERE record = ?", (record,)).fetchone()
        if row is not None:
            return int(row[0]), bytes(row[1])
        key = new_key()
        made = self._database.execute("INSERT INTO keys (record, key) VALUES (?, ?)", (record, key))
        return int(made.lastrowid or 0), key

    def head(self) -> Head:
        """The end of the chain."""
        row = next(self._rows("SELECT number, digest FROM events ORDER BY number DESC LIMIT 1"), None)
        return Head(0, BEGINNING) if row is None else Head(int(str(row[0])), str(row[1]))

    def events(self, kind: str | None = None, after: int = 0) -> Iterator[Event]:
        """Events in their order, of one kind when given, behind a place when given."""
        where, values = ("kind = ? AND ", (kind,)) if kind is not None else ("", ())
        query = f"SELECT {COLUMNS} FROM events WHERE {where}number > ? ORDER BY number"  # noqa: S608
        yield from map(_event, self._rows(query, (*values, after)))

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
        """The rows of a query. Raises IntegrityError where the file is damaged."""
        try:
            yield from self._database.execute(query, values)
        except sqlite3.OperationalError as error:
            raise WriteFailedError(f"{self.path}: cannot be read now ({error}); run the command again") from None
        except sqlite3.DatabaseError:
            raise IntegrityError(f"{self.path}: is damaged and cannot be read; restore a backup") from None

    def _by_key(self, key: str) -> Event | None:
        row = next(self._rows(f"SELECT {COLUMNS} FROM events WHERE key = ?", (key,)), None)  # noqa: S608
        return None if row is None else _event(row)

    def texts(self, number: int) -> dict[str, str] | None:
        """What was written with an event; None when there is nothing or it was made unreadable."""
        row = self._database.execute(
            "SELECT texts.sealed, keys.key FROM texts JOIN keys USING (key_id) WHERE number = ?", (number,)
        ).fetchone()
        return None if row is None else unseal(bytes(row[0]), bytes(row[1]))

    def sealed_texts(self) -> dict[int, bytes]:
        """The sealed texts by number of their event."""
        rows = self._rows("SELECT number, sealed FROM texts")
        return {int(str(number)): sealed for number, sealed in rows if isinstance(sealed, bytes)}

    def forget(self, record: str, actor: str, reason: str) -> Receipt:
        """Make everything written about a record unreadable for good, and record that it was done.

        The chain stays whole: it holds digests of the sealed texts, and these stay. Source: Law 91/2025/QH15 (erasure).
        """
        with writing(self._database):
            held = self._database.execute("DELETE FROM keys WHERE record = ?", (record,)).rowcount
            body = {"records": held, "reason": reason}
            event = self._write(
                Entry("forgotten", actor, body, f"forgotten:{self.head().number + 1}"), datetime.now(UTC)
            )
        return Receipt(event.number, event.digest, repeated=False)

    def copy_to(self, path: Path) -> None:
        """Write all that is committed now into another file, while others go on writing."""
        target = sqlite3.connect(path)
        try:
            self._database.backup(target)
        finally:
            target.close()


def _event(row: tuple[object, ...]) -> Event:
    number, at, kind, actor, key, body, sealed, before, digest = row
    try:
        moment, said = datetime.fromisoformat(str(at)), json.loads(str(body))
    except ValueError:
        raise IntegrityError(f"event {number} was changed: it cannot be read; go back to a backup") from None
    return Event(int(str(number)), moment, str(kind), str(actor), str(key), said, str(sealed), str(before), str(digest))
