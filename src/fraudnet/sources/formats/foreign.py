"""Files that are something else than their name says."""

from __future__ import annotations

from pathlib import Path

LOCKED = "EncryptedPackage".encode("utf-16-le")  # how a workbook with a password names what it holds
SHOWN = 1 << 16
MARKS = ((b"<", "HTML or XML"), (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"), (b"%PDF", "a PDF"))
SEALED = "an Excel workbook with a password"


def foreign_kind(path: Path) -> str | None:
    """What a file is by its first bytes, when that is nothing that can be read; None otherwise."""
    with path.open("rb") as stream:
        start = stream.read(SHOWN)
    if start.startswith(MARKS[1][0]) and LOCKED in start:
        return SEALED
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((what for mark, what in MARKS if bare.startswith(mark)), None)
