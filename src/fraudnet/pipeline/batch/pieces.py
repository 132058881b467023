"""Tables kept under what they were made of and the digest of their bytes: used while both hold, else made anew."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import FraudnetError, IntegrityError
from fraudnet.files import canonical_json, digest_of, sha256, write_bytes, write_parquet


class Pieces:
    """The pieces of a folder: `<name>.parquet`, and in `<name>.json` what it was made of and its digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self, name: str) -> dict[str, Any]:
        """What was noted when a piece was kept: key, sha256, and what its maker added; empty where a byte differs."""
        try:
            note: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            whole = note.pop("whole") == digest_of(note) and sha256(self._file(name)) == note["sha256"]
            return note if whole else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, FraudnetError):
            return {}

    def has(self, name: str, key: str) -> bool:
        """Whether a piece is there, was made of just this, and has its bytes."""
        return self.note(name).get("key") == key

    def keep(self, name: str, key: str, table: pl.DataFrame, **more: object) -> dict[str, Any]:
        """Keep a table in place of the one of this name, and give its note; more: what else the note says."""
        write_parquet(self._file(name), table, lasting=False)
        note = {**more, "key": key, "sha256": sha256(self._file(name))}
        whole = {**note, "whole": digest_of(note)}
        # Compact: thousands of columns with an indent took longer than their table.
        write_bytes(self.folder / f"{name}.json", canonical_json(whole), lasting=False)
        return note

    def read(self, name: str, digest: str, columns: list[str] | None = None) -> pl.DataFrame:
        """A piece of which these are the bytes, or some columns of it.

        Raises IntegrityError where they are others: what is looked at is what is read, whoever writes beside it.
        """
        return pl.read_parquet(opened(self._file(name), digest), columns=columns)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


def opened(path: Path, digest: str) -> bytes:
    """The bytes of a file that must have this digest. Raises IntegrityError where it has not, or cannot be read."""
    try:
        found = path.read_bytes()
    except OSError:
        found = b""
    if hashlib.sha256(found).hexdigest() != digest:
        raise IntegrityError("{path}: its bytes have changed; delete the folder and make it again", path=path)
    return found
