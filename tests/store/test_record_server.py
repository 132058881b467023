"""What only a server can do wrong: its URL, its settings, its end, and who may listen on the way."""

from __future__ import annotations

import multiprocessing
import os
import time

import pytest

from fraudnet.errors import ConfigurationError, FraudnetError, IntegrityError, WriteFailedError
from fraudnet.store.audit import verify
from fraudnet.store.event import Entry
from fraudnet.store.postgres import MIGRATIONS, PostgresEngine
from fraudnet.store.repository import Store
from fraudnet.store.server_address import server_address


def entry(n: int) -> Entry:
    return Entry("decision", "a", {"n": n}, f"d{n}", {"note": "x"})


@pytest.mark.parametrize(
    "url",
    ["postgresql://host/base", "mysql://u@h/b", "postgresql://u@h", "postgresql://u@h:port/b",
     "postgresql://u@h/b?schema=x;drop", "postgresql://u@h/b?schema=public", "postgresql://u@h/b?schema=pg_x",
     "postgresql://u:s3@cr/et@h/b", "postgresql://u@h/b?sslmod=off", "postgresql://u@h/b?host=elsewhere"],
)  # fmt: skip
def test_a_url_that_says_something_else_is_refused(url):
    with pytest.raises(ConfigurationError, match="store: ") as refused:
        server_address(url)
    assert "et@h" not in str(refused.value)


def test_other_machines_are_only_spoken_to_over_tls_and_a_password_is_never_shown():
    far = server_address("postgresql://unit:s3cr%40t@db.example:6432/base?schema=unit_a")
    assert (far.password, far.port, far.encrypted, far.schema) == ("s3cr@t", 6432, True, "unit_a")
    assert "s3cr" not in far.shown and far.shown == "postgresql://unit@db.example:6432/base (unit_a)"
    assert not server_address("postgresql://unit@db.example/base?sslmode=disable").encrypted
    assert not server_address("postgresql://unit@localhost/base").encrypted
    assert server_address("postgresql://unit@localhost/base?sslmode=verify-full").encrypted
    with pytest.raises(ConfigurationError, match="sslrootcert"):
        Store("postgresql://unit@db.example/base?sslrootcert=/nowhere/root.pem")
    with pytest.raises(WriteFailedError) as refused:
        Store("postgresql://unit:s3cret@127.0.0.1:1/base")
    assert "cannot be reached" in str(refused.value) and "s3cret" not in str(refused.value)


def test_a_writer_that_never_ends_is_not_waited_for_without_end(places_on_server):
    path = places_on_server()
    with Store(path) as store:
        store.append(entry(1))
    slow, quick = PostgresEngine(path), PostgresEngine(path)
    quick.execute("SET lock_timeout TO 50")
    with slow.writing(), pytest.raises(WriteFailedError, match="55P03"), quick.writing():
        quick.execute("INSERT INTO version (number) VALUES (99)")
    assert next(slow.rows("SHOW lock_timeout"))[0] == "30s"
    with quick.writing():
        assert quick.execute("DELETE FROM version WHERE number = 99") == 0
    slow.close()
    quick.close()


def _until_it_ends(address, pipe) -> None:
    try:
        with Store(address) as store:
            for n in range(100_000):
                os.write(pipe, f"{store.append(entry(n)).number}\n".encode())
    except FraudnetError:
        os._exit(7)


def test_a_server_that_crashes_keeps_what_it_acknowledged_and_the_writer_is_told(record_server, places_on_server):
    path = places_on_server()
    reader, writer = os.pipe()
    child = multiprocessing.get_context("fork").Process(target=_until_it_ends, args=(path, writer))
    child.start()
    os.close(writer)
    os.read(reader, 1)
    time.sleep(0.1)
    with Store(path) as left_behind:
        record_server.stop("immediate")
        child.join()
        with pytest.raises(WriteFailedError, match="connection lost"):
            left_behind.append(entry(-2))
    with os.fdopen(reader, "rb") as told:
        last = max(int(line) for line in (b"1" + told.read()).split(b"\n")[:-1] if line)
    record_server.start()
    assert child.exitcode == 7
    with Store(path) as store:
        assert last <= store.head().number <= last + 1
        assert verify(store).whole
        assert store.append(entry(0)).repeated


def test_a_careless_server_a_newer_record_and_a_damaged_one_are_refused(record_server, places_on_server):
    path = places_on_server()
    with Store(path) as store:
        store.append(entry(1))
    engine = PostgresEngine(path)
    engine.execute("INSERT INTO version (number) VALUES (?)", (len(MIGRATIONS) + 1,))
    with pytest.raises(ConfigurationError, match="newer fraudnet"):
        Store(path)
    engine.execute("DELETE FROM version WHERE number = ?", (len(MIGRATIONS) + 1,))
    engine.execute("ALTER TABLE events RENAME TO elsewhere")
    with pytest.raises(IntegrityError, match="damaged"), Store(path) as store:
        verify(store)
    engine.execute("ALTER SYSTEM SET fsync TO off")
    engine.execute("SELECT pg_reload_conf()")
    for _ in range(100):
        if next(engine.rows("SHOW fsync"))[0] == "off":
            break
        time.sleep(0.02)
    with pytest.raises(ConfigurationError, match="fsync = off"):
        Store(path)
    engine.execute("ALTER SYSTEM RESET fsync")
    engine.execute("SELECT pg_reload_conf()")
    engine.close()
