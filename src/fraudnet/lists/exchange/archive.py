"""Reads the ZIP inside a package without trusting it: how many files, how large, which names, before any is written."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fraudnet.errors import TamperedError, UnsafePackageError

MEMBERS, WHOLE_BYTES, RATIO, SMALL_BYTES = 1_000, 2 << 30, 100, 64 << 20
SIGNED_BYTES = 16 << 20  # the longest manifest, list of checksums or signature that is read before its signature
BLOCK = 1 << 20
END = struct.Struct("<4s4H2LH")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")
_WINDOWS = re.compile(r"(?i)(con|prn|aux|nul|(com|lpt)[0-9])(\..*)?")


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, once its table of contents is known to be small and harmless.

    Raises UnsafePackageError for more than 1,000 files, 2 GiB or 100 times its size, or a name that could lead
    elsewhere; TamperedError when it is no archive or is cut.
    """
    _few(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _harmless(archive.infolist())
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise TamperedError("{name}: is cut or changed; ask the sender for the package again", name=path.name) from None


def _few(path: Path) -> None:
    """Look at the last bytes alone: a table of a million files would fill the memory when it is read."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - END.size, 0))
        last = stream.read()
    if len(last) < END.size or last[:4] != b"PK\x05\x06":
        raise TamperedError("{name}: holds no package; ask the sender for it again", name=path.name)
    _, _, _, _, members, table, _, _ = END.unpack(last)
    if members > MEMBERS or table > MEMBERS * 512:
        raise UnsafePackageError(
            "{name}: got {members} files, expected at most {most}; do not unpack it",
            name=path.name,
            members=members,
            most=MEMBERS,
        )


def _harmless(members: list[zipfile.ZipInfo]) -> None:
    for place, member in enumerate(members, 1):
        plain = _NAME.fullmatch(member.filename) and not _WINDOWS.fullmatch(member.filename)
        linked = (member.external_attr >> 16) & 0o170000 not in (0, 0o100000)
        if not plain or linked or member.filename.endswith("."):
            raise UnsafePackageError(
                "file {place}: got a name that could lead elsewhere; do not unpack the package", place=place
            )
        if member.file_size > SMALL_BYTES and member.file_size > RATIO * max(member.compress_size, 1):
            raise UnsafePackageError(
                "file {place}: would unpack to more than {most} times its size; do not unpack", place=place, most=RATIO
            )
    if max(Counter(member.filename.casefold() for member in members).values(), default=0) > 1:
        raise UnsafePackageError("two files of one name: got a package that hides a file; do not unpack it")
    if sum(member.file_size for member in members) > WHOLE_BYTES:
        raise UnsafePackageError("would unpack to more than {most} GiB; do not unpack it", most=WHOLE_BYTES >> 30)


def small(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The content of a file that is read before it can be trusted; None when it is not there.

    Raises UnsafePackageError when it is longer than any honest one.
    """
    if name not in archive.namelist():
        return None
    if archive.getinfo(name).file_size > SIGNED_BYTES:
        raise UnsafePackageError(
            "{name}: is longer than {most} MiB; do not unpack the package", name=name, most=SIGNED_BYTES >> 20
        )
    return archive.read(name)


def extracted(archive: zipfile.ZipFile, name: str, to: Path) -> tuple[int, str]:
    """Write one file block by block; returns its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # personal data, whoever's umask it is
    with archive.open(name) as source, os.fdopen(handle, "wb") as target:
        while block := source.read(BLOCK):
            size += len(block)
            digest.update(block)
            target.write(block)
    return size, digest.hexdigest()
