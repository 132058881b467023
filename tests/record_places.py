"""Where the record of a test may lie: in a file, or on a PostgreSQL server that the tests start for themselves."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from fraudnet.store.postgres import PostgresEngine

OWNERS = ("postgres", "nobody")  # who runs the server where the tests run as root, which it refuses
GUARDS = ("events_stay", "events_last", "texts_stay", "texts_last")
_numbers = count(1)


def programs() -> Path | None:
    """The newest server that Debian or the path has."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).parent if found else None


@dataclass(frozen=True)
class Server:
    """A cluster of its own in a folder that is removed with it."""

    bin: Path
    folder: Path
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql://fraudnet@/postgres?host={self.folder}"

    def run(self, program: str, *words: str) -> None:
        who = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        told = subprocess.run([self.bin / program, *words], capture_output=True, text=True, cwd=self.folder,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}, **who)  # fmt: skip
        assert told.returncode == 0, told.stderr

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c max_connections=40 -c shared_buffers=16MB"
        self.run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")


def _roomy() -> str | None:
    """Memory, where there is enough of it: a cluster flushes some thousand files."""
    memory = Path("/dev/shm")
    free = shutil.disk_usage(memory).free if memory.is_dir() and os.access(memory, os.W_OK) else 0
    return str(memory) if free > 400 << 20 else None


@contextmanager
def server(bin_: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=_roomy()))
    user = None
    if os.geteuid() == 0:
        names = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
        user = next(name for name in OWNERS if name in names)
        shutil.chown(folder, user)
    made = Server(bin_, folder, user)
    try:
        made.run("initdb", "-D", str(folder / "data"), "-U", "fraudnet", "-A", "trust", "-E", "UTF8", "--locale=C",
                 "--no-sync", "--no-instructions")  # fmt: skip
        made.start()
        yield made
        made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Places:
    """Addresses of one kind for one test."""

    folder: Path
    server: Server | None

    def __call__(self, name: str = "store") -> Path | str:
        if self.server is None:
            return self.folder / f"{name}.db"
        return f"{self.server.url}&schema={name}_{os.getpid()}_{next(_numbers)}"

    def tamper(self, address: Path | str, *statements: str) -> None:
        """Change a record behind the program's back, as somebody with all rights could."""
        if isinstance(address, Path):
            database = sqlite3.connect(address, isolation_level=None)
            for statement in (*(f"DROP TRIGGER {name}" for name in GUARDS), "PRAGMA foreign_keys = OFF", *statements):
                database.execute(statement)
            return database.close()
        engine = PostgresEngine(address)
        for statement in ("SET session_replication_role TO replica", *statements):
            engine.execute(statement)
        return engine.close()
