"""A run in the making: stages with digests in a hidden folder, published by one rename."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl

from fraudnet.errors import BusyError, IntegrityError, WriteFailedError
from fraudnet.files import digest_of, publish_folder, sha256, write_json, write_parquet
from fraudnet.runs.manifest import MANIFEST, verify, write_manifest

STAGES, SCRATCH = ".stages.json", ".scratch"
SHORT = 10


@dataclass(frozen=True)
class Workbench:
    """The folder of one run: `partial` while it is made, `final` once it is whole.

    The name ends in a digest of everything that may change the result, so the same inputs, settings, model and code
    lead to the same folder with the same bytes.
    """

    partial: Path
    final: Path
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)  # stages may be made side by side

    @property
    def scratch(self) -> Path:
        """Where lies what is not held in memory while the run is made; it goes before the run is published."""
        return self.partial / SCRATCH

    def finished(self) -> bool:
        """Whether the run was published before and its bytes still are the ones it was published with.

        A run whose bytes have changed is put aside as `.damaged-<name>` and made again.
        """
        if not (self.final / MANIFEST).exists():
            return False
        try:
            verify(self.final)
        except IntegrityError:
            aside = self.final.with_name(f".damaged-{self.final.name}")
            shutil.rmtree(aside, ignore_errors=True)
            publish_folder(self.final, aside)
            return False
        return True

    def table(self, name: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """A stage's table: taken from an interrupted run when its digest still matches, else made and kept."""
        path = self.partial / f"{name}.parquet"
        if self._kept(path):
            return pl.read_parquet(path)
        frame = make()
        write_parquet(path, frame)
        self._keep(path)
        return frame

    def file(self, name: str, make: Callable[[], pl.DataFrame | pl.LazyFrame]) -> Path:
        """As `table`, for one that nobody needs in memory, and that may be lazy: where it lies."""
        path = self.partial / f"{name}.parquet"
        if not self._kept(path):
            write_parquet(path, make())
            self._keep(path)
        return path

    def has(self, name: str) -> bool:
        """Whether an interrupted run left this file whole."""
        return self._kept(self.partial / name)

    def document(self, name: str, make: Callable[[], Any]) -> Any:
        """A stage's JSON document, kept like a table."""
        path = self.partial / f"{name}.json"
        if self._kept(path):
            return json.loads(path.read_text(encoding="utf-8"))
        value = make()
        write_json(path, value)
        self._keep(path)
        return value

    def publish(self, facts: dict[str, Any]) -> Path:
        """Write the manifest last and give the folder its name in one rename."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        write_manifest(self.partial, facts, self._stages())
        (self.partial / STAGES).unlink(missing_ok=True)
        return publish_folder(self.partial, self.final)

    def _stages(self) -> dict[str, str]:
        try:
            found = json.loads((self.partial / STAGES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _kept(self, path: Path) -> bool:
        return path.is_file() and self._stages().get(path.name) == sha256(path)

    def _keep(self, path: Path) -> None:
        digest = sha256(path)
        with self._lock:
            write_json(self.partial / STAGES, {**self._stages(), path.name: digest})


def run_name(label: str, identity: dict[str, Any]) -> str:
    """`<as_of>-<short id>`: the id is a digest of inputs, settings, model and code."""
    return f"{label}-{digest_of(identity)[:SHORT]}"


@contextmanager
def workbench(out: Path, label: str, identity: dict[str, Any]) -> Iterator[Workbench]:
    """Open the run of this identity below `out`, for one process at a time.

    Raises BusyError when another process makes it, WriteFailedError when the folder cannot be made.
    """
    name = run_name(label, identity)
    bench = Workbench(out / f".partial-{name}", out / name)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / f".lock-{name}").open("w")
    except OSError as error:
        raise WriteFailedError(
            "{out}: cannot be written ({reason}); name another folder with --out", out=out, reason=error.strerror
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                "{final}: another process is making this run; wait for it to end", final=bench.final
            ) from None
        try:
            clear_leftovers(bench)
            yield bench
        finally:
            if bench.partial.is_dir() and not any(bench.partial.iterdir()):  # the run was whole before
                bench.partial.rmdir()
            (out / f".lock-{name}").unlink(missing_ok=True)


def clear_leftovers(bench: Workbench) -> None:
    """Remove what a killed process left half-written, and a final folder that never got its manifest."""
    if bench.final.exists() and not (bench.final / MANIFEST).exists():
        shutil.rmtree(bench.final)
    bench.partial.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(bench.scratch, ignore_errors=True)
    for path in bench.partial.rglob(".*.tmp"):
        path.unlink()


def list_runs(out: Path) -> list[Path]:
    """The finished runs below a folder, oldest cut-off first."""
    if not out.is_dir():
        return []
    return sorted(p for p in out.iterdir() if not p.name.startswith(".") and (p / MANIFEST).is_file())
