"""Events are added once, in order, and stay; what a person wrote can be made unreadable."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import stat
import time
from datetime import UTC, datetime

import pytest

from fraudnet.errors import ConfigurationError, FraudnetError, IntegrityError, WriteFailedError
from fraudnet.store.audit import verify
from fraudnet.store.database import MIGRATIONS, file_system, refuse_share
from fraudnet.store.event import BEGINNING, Entry, Head
from fraudnet.store.repository import Store


def entry(n: int, **more) -> Entry:
    return Entry("decision", "analyst-1", {"entity": n, "outcome": "confirmed"}, f"decision:{n}", **more)


def test_events_come_back_in_order_and_carry_their_bodies(places):
    at = datetime(2026, 2, 28, 17, tzinfo=UTC)
    with Store(places()) as store:
        assert store.head() == Head(0, BEGINNING)
        receipts = [store.append(entry(n), at) for n in range(5)]
        store.append(Entry("list_published", "lead", {"run": "r"}, "list:r"))
        assert [r.number for r in receipts] == [1, 2, 3, 4, 5]
        assert [e.body["entity"] for e in store.events("decision")] == [0, 1, 2, 3, 4]
        assert [e.number for e in store.events(after=4)] == [5, 6]
        assert next(store.events()).at == at
        assert store.head().number == 6
        assert verify(store).whole


def test_the_same_delivery_ten_times_has_one_effect_and_gets_the_first_receipt(places):
    with Store(places()) as store:
        first = store.append(entry(1))
        store.append(entry(2))
        again = [store.append(entry(1)) for _ in range(9)]
        assert {(r.number, r.digest, r.repeated) for r in again} == {(first.number, first.digest, True)}
        assert store.head().number == 2


def test_files_are_for_their_owner_alone_whatever_the_umask(tmp_path):
    old = os.umask(0)
    try:
        with Store(tmp_path / "deep" / "store.db") as store:
            store.append(entry(1))
            files = [tmp_path / "deep", *(tmp_path / "deep").iterdir()]
            assert [f.name for f in files if f.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)] == []
    finally:
        os.umask(old)


def test_events_can_be_neither_changed_nor_removed_through_the_database(places):
    with Store(places()) as store:
        store.append(entry(1, texts={"note": "a"}))
        before = store.head()
        for change in (
            "UPDATE events SET actor = 'x'",
            "DELETE FROM events",
            "DELETE FROM texts",
            "UPDATE texts SET key_id = 7",
        ):
            with pytest.raises(FraudnetError):
                store._database.execute(change)
        assert store.head() == before and verify(store).whole


def test_a_text_is_sealed_readable_until_forgotten_and_the_chain_stays_whole(places):
    path = places()
    with Store(path) as store:
        first = store.append(entry(1, texts={"note": "Nguyễn Thị Bình đã nhận tiền"}, record="account-7"))
        other = store.append(entry(2, texts={"note": "khác"}, record="account-8"))
        assert store.texts(first.number) == {"note": "Nguyễn Thị Bình đã nhận tiền"}
        store.forget("account-7", "lead-1", "erasure")
        assert store.texts(first.number) is None
        assert store.texts(other.number) == {"note": "khác"}
        found = verify(store)
        assert (found.whole, found.events) == (True, 3)
        late = store.append(entry(3, texts={"note": "neu"}, record="account-7"))
        assert store.texts(late.number) == {"note": "neu"}
        assert store.texts(first.number) is None
    row = next(store_rows(path, "SELECT texts.sealed, events.body FROM texts JOIN events USING (number)"))
    assert "Bình".encode() not in b"".join(str(part).encode() for part in row)


def store_rows(address, query):
    with Store(address) as store:
        yield from list(store._database.rows(query))


def _append(path, worker: int, count: int) -> None:
    with Store(path) as store:
        for n in range(count):
            store.append(entry(worker * 1000 + n))


def test_eight_writers_at_once_lose_nothing(places):
    path = places()
    with Store(path) as store:
        spawn = multiprocessing.get_context("fork")
        workers = [spawn.Process(target=_append, args=(path, w, 12)) for w in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [w.exitcode for w in workers] == [0] * 8
        assert sorted(e.body["entity"] for e in store.events()) == sorted(
            w * 1000 + n for w in range(8) for n in range(12)
        )
        assert verify(store).whole


def _acknowledged(path, attempt: int, pipe) -> None:
    with Store(path) as store:
        for n in range(100_000):
            receipt = store.append(entry(attempt * 100_000 + n, texts={"note": "x"}))
            os.write(pipe, f"{receipt.number}\n".encode())


def writer_killed(path, attempt: int, after: float) -> int:
    """The last number that was acknowledged to a writer that dies at some moment."""
    reader, writer = os.pipe()
    child = multiprocessing.get_context("fork").Process(target=_acknowledged, args=(path, attempt, writer))
    child.start()
    os.close(writer)
    os.read(reader, 1)
    time.sleep(after)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    with os.fdopen(reader, "rb") as told:
        acknowledged = b"1" + told.read()
    lines = acknowledged.split(b"\n")[1 if attempt else 0 : -1]  # the first digit of the first number was read before
    return max((int(line) for line in lines if line), default=0)


def test_what_was_acknowledged_is_there_after_forty_kills(places):
    path, draw = places(), random.Random(2)
    for attempt in range(40 if places.server is None else 10):
        last = writer_killed(path, attempt, draw.random() * 0.02)
        with Store(path) as store:
            assert store.head().number >= last
    with Store(path) as store:
        assert verify(store).whole and store.head().number >= 10
        assert not store.append(entry(-1)).repeated


def test_a_failing_disk_leaves_the_chain_as_it_was(tmp_path):
    path = tmp_path / "store.db"
    with Store(path) as store:
        store.append(entry(1))
        store._database.execute("PRAGMA max_page_count = 1")
        with pytest.raises(WriteFailedError, match="was not recorded"):
            for n in range(2, 2000):
                store.append(entry(n, texts={"note": "x" * 2000}))
        assert verify(store).whole


def test_a_newer_database_a_foreign_file_and_a_share_are_refused(tmp_path):
    with Store(tmp_path / "store.db"):
        pass
    database = sqlite3.connect(tmp_path / "store.db")
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(ConfigurationError, match="newer fraudnet"):
        Store(tmp_path / "store.db")
    (tmp_path / "text.db").write_bytes(b"no database at all, only text" * 100)
    with pytest.raises(IntegrityError, match="no database of fraudnet"):
        Store(tmp_path / "text.db")
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert file_system(tmp_path / "deep", mounts) == "nfs4"
    assert file_system(tmp_path.parent, mounts) == "ext4"
    with pytest.raises(ConfigurationError, match=r"network share \(nfs4\)"):
        refuse_share(tmp_path / "store.db", mounts)
