"""What has been read of a large drop so far, file by file: a reading that was stopped goes on with the next file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from fraudnet.files import sha256, write_json, write_with
from fraudnet.sources.balances import BROKEN
from fraudnet.sources.cache import JOURNAL
from fraudnet.sources.ingest import Ingest, Written

LARGE = 1 << 28  # bytes of a drop under which reading it again is quicker than keeping notes


class Journal:
    """One note behind each file that was read, and the hashes of the keys it brought.

    A note counts when it is of these very inputs and every file that it names still has its digest; so the one of a
    file at which the reading was stopped does not exist.
    """

    def __init__(self, ingest: Ingest, key: str) -> None:
        self._ingest, self._key = ingest, key
        self._folder = ingest.into / JOURNAL
        self._before = _lengths(ingest)

    def resume(self) -> int:
        """Take over what earlier readings finished; returns how many files that is."""
        number = 0
        while self._taken(number):
            number += 1
        self._before = _lengths(self._ingest)
        self._sweep()
        return number

    def note(self, number: int) -> None:
        """Keep what the file of this number brought."""
        ingest, before = self._ingest, self._before
        now = self._before = _lengths(ingest)
        new = ingest.written[before["written"] :]
        known = {self._name(one.path): one.sha256 for one in new}
        parts = [
            {"table": one.table, "file": self._name(one.path), "numbers": dict(one.numbers), "rows": one.rows}
            for one in new
        ]
        ledgers = [self._name(path) for path in ingest.ledgers[before["ledgers"] :]]
        sieves = self._folder / f"{number:05d}.npz"
        hashes = {
            f"{table}/{place}/{side}": hashed
            for table, seen in ingest.sieves().items()
            for place, pair in enumerate(seen.pieces(before.get(table, 0)))
            for side, hashed in zip(("first", "second"), pair, strict=True)
        }
        copies = ingest.copied(table := ingest.counts[-1][0])
        if copies is not None:  # the next section may read the same file as the same table
            hashes |= {f"{table}/{place}/met": piece for place, piece in enumerate(copies.counted)}
        write_with(sieves, lambda temporary: _saved(temporary, hashes), lasting=False)
        files = [*(str(part["file"]) for part in parts), *ledgers, self._name(sieves)]
        note = {
            "key": self._key,
            "parts": parts,
            "ledgers": ledgers,
            "counts": ingest.counts[before["counts"] : now["counts"]],
            "last": [table, copies.file if copies is not None else ""],
            "breaks": [frame.to_dicts() for frame in ingest.breaks[before["breaks"] :]],
            "outcome": {table: sorted(names) for table, names in ingest.outcome.items()},
            "allowed": ingest.allowed,
            "files": {name: known.get(name) or sha256(ingest.into / name) for name in files},
        }
        write_json(self._folder / f"{number:05d}.json", note, lasting=False)

    def _taken(self, number: int) -> bool:
        try:
            note = json.loads((self._folder / f"{number:05d}.json").read_text(encoding="utf-8"))
            into = self._ingest.into
            if note["key"] != self._key or any(sha256(into / name) != was for name, was in note["files"].items()):
                return False
        except (OSError, ValueError, KeyError, TypeError):
            return False
        self._restore(note, self._folder / f"{number:05d}.npz")
        return True

    def _restore(self, note: dict[str, Any], sieves: Path) -> None:
        ingest = self._ingest
        ingest.written += [
            Written(p["table"], ingest.into / p["file"], p["numbers"], note["files"][p["file"]], p["rows"])
            for p in note["parts"]
        ]
        ingest.ledgers += [ingest.into / name for name in note["ledgers"]]
        ingest.counts += [(t, f, a, b, c, d) for t, f, a, b, c, d in note["counts"]]
        ingest.breaks += [pl.DataFrame(rows, schema=BROKEN) for rows in note["breaks"]]
        ingest.outcome.update({table: set(names) for table, names in note["outcome"].items()})
        ingest.allowed.update(note["allowed"])
        (last, file), met = note["last"], []
        with np.load(sieves, allow_pickle=False) as hashes:
            for name in hashes.files:
                table, place, side = name.split("/")
                if side == "first":
                    ingest.sieve(table).remember(hashes[name], hashes[f"{table}/{place}/second"])
                elif side == "met":
                    met.append(hashes[name])
        if (copies := ingest.copied(last)) is not None:
            copies.file, copies.counted = file, met

    def _sweep(self) -> None:
        """Remove what the file at which the reading was stopped had written."""
        kept = {one.path for one in self._ingest.written} | set(self._ingest.ledgers)
        for path in self._ingest.into.glob("*/*.parquet"):
            if path not in kept:
                path.unlink()

    def _name(self, path: Path) -> str:
        return path.relative_to(self._ingest.into).as_posix()


def _lengths(ingest: Ingest) -> dict[str, int]:
    """How much there is of everything that a file adds to."""
    names = ("written", "ledgers", "counts", "breaks")
    held = {name: len(getattr(ingest, name)) for name in names}
    return held | {table: len(seen.pieces()) for table, seen in ingest.sieves().items()}


def _saved(path: Path, hashes: dict[str, Any]) -> None:
    with path.open("wb") as stream:
        np.savez(stream, **hashes)
