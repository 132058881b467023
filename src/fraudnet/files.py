"""Files that are whole or absent: written under a temporary name, flushed to disk, renamed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import MissingInputError, WriteFailedError

BLOCK = 1 << 20
# Written once and read several times: zstd makes files a sixth smaller, and takes a fifth longer to write and twice as
# long to read.
ENCODING: dict[str, Any] = {"compression": "lz4", "row_group_size": 1 << 17, "statistics": False}


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises MissingInputError when it is not there."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise MissingInputError(
            "{path}: cannot be read ({reason}); check the path and its rights", path=path, reason=error.strerror
        ) from None
    return digest.hexdigest()


def digest_of(value: object) -> str:
    """SHA-256 of a plain value in its canonical JSON form."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys and no free choice left, so that equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        advice = "free some space and run again" if error.errno == errno.ENOSPC else "nothing was changed; run again"
        raise WriteFailedError(
            "{path}: could not be written ({reason}); {advice}", path=path, reason=reason, advice=advice
        ) from None


def write_with(path: Path, write: Callable[[Path], object], *, lasting: bool = True) -> Path:
    """Let `write` fill a temporary file beside `path`, then flush it and give it its name.

    lasting: whether it must survive a power cut; what is checked by its digest and can be made again need not.
    Raises WriteFailedError; whatever stood at `path` before is then untouched.
    """
    # Two threads may make the same file of a cache at once: each has a temporary one of its own.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(temporary)
            temporary.chmod(0o600)  # personal data, whoever's umask it is
            if lasting:
                with temporary.open("rb") as stream:
                    os.fsync(stream.fileno())
            temporary.replace(path)
            if lasting:
                sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    return path


def write_bytes(path: Path, content: bytes, *, lasting: bool = True) -> Path:
    """Write bytes whole or not at all."""
    return write_with(path, lambda temporary: temporary.write_bytes(content), lasting=lasting)


def write_json(path: Path, value: Any, *, lasting: bool = True) -> Path:
    """Write a plain value as indented JSON, whole or not at all."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n"
    return write_bytes(path, text.encode(), lasting=lasting)


def publish_folder(partial: Path, final: Path) -> Path:
    """Give a finished folder its name in one rename; both stand in the same parent folder."""
    with _explained(final):
        sync_folder(partial)
        partial.rename(final)
        sync_folder(final.parent)
    return final


def write_parquet(path: Path, frame: pl.DataFrame | pl.LazyFrame, *, lasting: bool = True) -> Path:
    """Write a table as Parquet, whole or not at all; equal tables give equal bytes, and lazy ones are not held."""

    def write(temporary: Path) -> None:
        try:
            if isinstance(frame, pl.DataFrame):
                frame.rechunk().write_parquet(temporary, **ENCODING)
            else:
                frame.sink_parquet(temporary, **ENCODING)
        except pl.exceptions.PolarsError as error:
            raise OSError(errno.EIO, str(error).splitlines()[0]) from None

    return write_with(path, write, lasting=lasting)


def sink_parquet(path: Path, rows: pl.LazyFrame) -> Path:
    """Write a lazy table that can be made again as Parquet, whole or not at all, without holding it in memory."""

    def write(temporary: Path) -> None:
        try:
            rows.sink_parquet(temporary, compression="lz4", row_group_size=1 << 17)
        except pl.exceptions.PolarsError as error:
            raise OSError(errno.EIO, str(error).splitlines()[0]) from None

    return write_with(path, write, lasting=False)
