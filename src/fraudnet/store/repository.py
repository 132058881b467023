"""Writing and reading events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from fraudnet.errors import IntegrityError
from fraudnet.files import canonical_json
from fraudnet.store.engine import Address, opened
from fraudnet.store.event import BEGINNING, RESTORED, Entry, Event, Head, Receipt
from fraudnet.store.seal import digest_of_seal, new_key, seal, unseal

COLUMNS = "number, at, kind, actor, key, body, sealed, before, digest"
NAME = "store.db"
# What a record is made of, in an order in which it can be copied row by row.
TABLES = {"events": COLUMNS, "keys": "key_id, record, key", "texts": "number, key_id, sealed"}


class Store:
    """The database of one unit: events are added at its end, and neither changed nor removed.

    It is a file, or lies on a PostgreSQL server (`postgresql://...`). Several processes may use it at once; each
    `append` is one transaction that is on disk when it returns.
    """

    def __init__(self, address: Address) -> None:
        self._database = opened(address)
        self.name = self._database.name

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
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
        with self._database.writing():
            return [self._once(entry, moment) for entry in entries]

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
        rows = self._database.rows
        row = next(rows("SELECT key_id, key FROM keys WHERE record = ?", (record,)), None)
        if row is not None:
            return int(str(row[0])), _bytes(row[1])
        key = new_key()
        (made,) = rows("INSERT INTO keys (record, key) VALUES (?, ?) RETURNING key_id", (record, key))
        return int(str(made[0])), key

    def head(self) -> Head:
        """The end of the chain."""
        row = next(self._database.rows("SELECT number, digest FROM events ORDER BY number DESC LIMIT 1"), None)
        return Head(0, BEGINNING) if row is None else Head(int(str(row[0])), str(row[1]))

    def events(self, kind: str | None = None, after: int = 0) -> Iterator[Event]:
        """Events in their order, of one kind when given, behind a place when given."""
        where, values = ("kind = ? AND ", (kind,)) if kind is not None else ("", ())
        query = f"SELECT {COLUMNS} FROM events WHERE {where}number > ? ORDER BY number"  # noqa: S608
        yield from map(_event, self._database.rows(query, (*values, after)))

    def _by_key(self, key: str) -> Event | None:
        row = next(self._database.rows(f"SELECT {COLUMNS} FROM events WHERE key = ?", (key,)), None)  # noqa: S608
        return None if row is None else _event(row)

    def texts(self, number: int) -> dict[str, str] | None:
        """What was written with an event; None when there is nothing or it was made unreadable."""
        query = "SELECT texts.sealed, keys.key FROM texts JOIN keys USING (key_id) WHERE number = ?"
        row = next(self._database.rows(query, (number,)), None)
        return None if row is None else unseal(_bytes(row[0]), _bytes(row[1]))

    def sealed_texts(self) -> dict[int, bytes]:
        """The sealed texts by number of their event."""
        rows = self._database.rows("SELECT number, sealed FROM texts")
        return {int(str(number)): _bytes(sealed) for number, sealed in rows}

    def forget(self, record: str, actor: str, reason: str) -> Receipt:
        """Make everything written about a record unreadable for good, and record that it was done.

        The chain stays whole: it holds digests of the sealed texts, and these stay. Source: Law 91/2025/QH15 (erasure).
        """
        with self._database.writing():
            held = self._database.execute("DELETE FROM keys WHERE record = ?", (record,))
            body = {"records": held, "reason": reason}
            event = self._write(
                Entry("forgotten", actor, body, f"forgotten:{self.head().number + 1}"), datetime.now(UTC)
            )
        return Receipt(event.number, event.digest, repeated=False)

    def copy_to(self, path: Path) -> None:
        """Write all that is committed now into a new file, while others go on writing."""
        with self._database.reading():
            self.copy_inside(path)

    def copy_inside(self, path: Path) -> None:
        """As `copy_to`, where a transaction is open already."""
        with Store(path) as target, target._database.writing():
            target._take_rows(self)

    def go_back_to(self, kept: Store, set_aside: Callable[[], None], said: Callable[[], Entry]) -> str | None:
        """Hold what another record holds, in one transaction that nobody writes beside.

        Whoever has this database open sees the old events or the new ones. said: the event by which it is recorded;
        set_aside: keeps a copy of the old events. Both are called inside, when nothing changes any more. Texts that
        were made unreadable since stay so. Returns where the database itself keeps the old events, if it does.
        """
        with self._database.writing():
            event = said()
            set_aside()
            destroyed = self._destroyed_since(kept)
            place = self._database.emptied()
            self._take_rows(kept)
            for key_id in destroyed:
                self._database.execute("DELETE FROM keys WHERE key_id = ?", (key_id,))
            self._write(event, datetime.now(UTC))
        return place

    def holds(self, head: Head) -> bool:
        """Whether this record goes on behind that end of a chain."""
        query = "SELECT 1 FROM events WHERE number = ? AND digest = ?"
        return next(self._database.rows(query, (head.number, head.digest)), None) is not None

    def _destroyed_since(self, kept: Store) -> list[int]:
        """The numbers of the keys that this record, which goes on behind the other, has no more."""
        if not self.holds(kept.head()):
            return []
        alive = {_bytes(key) for (key,) in self._database.rows("SELECT key FROM keys")}
        rows = kept._database.rows("SELECT key_id, key FROM keys ORDER BY 1")
        return [int(str(key_id)) for key_id, key in rows if _bytes(key) not in alive]

    def _take_rows(self, source: Store) -> None:
        for table, columns in TABLES.items():
            marks = ", ".join("?" * len(columns.split(",")))
            for row in source._database.rows(f"SELECT {columns} FROM {table} ORDER BY 1"):  # noqa: S608
                self._database.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608
        given = (next(self._database.rows(f"SELECT max(key_id) FROM {table}"))[0] for table in ("keys", "texts"))  # noqa: S608
        self._database.number_keys_after(max(int(str(number or 0)) for number in given))


def _bytes(value: object) -> bytes:
    """A sealed text or key; what somebody put there that is none becomes bytes that no digest fits."""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


def _event(row: tuple[object, ...]) -> Event:
    number, at, kind, actor, key, body, sealed, before, digest = row
    try:
        moment, said = datetime.fromisoformat(str(at)), json.loads(str(body))
    except ValueError:
        raise IntegrityError(
            "event {number} was changed: it cannot be read; go back to a backup", number=number
        ) from None
    return Event(int(str(number)), moment, str(kind), str(actor), str(key), said, str(sealed), str(before), str(digest))
