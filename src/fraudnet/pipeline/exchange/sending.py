"""Writes packages: one after the other, or where there are many entries in several processes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.files import write_bytes
from fraudnet.lists.exchange.contents import Edition, Part, write_contents
from fraudnet.lists.exchange.keys import PrivateKeys, PublicKeys
from fraudnet.lists.exchange.manifest import Manifest
from fraudnet.lists.exchange.package import complete, package_name, seal
from fraudnet.lists.verify import numbers_of
from fraudnet.pipeline.exchange.outbox import CHANGES, MANIFESTS, PACKAGES

CONTENTS = "contents"  # where files lie before they are sealed
MANY = 5_000  # entries from which further processes pay for their start


@dataclass(frozen=True)
class Letter:
    """One package to write: its contents, manifest, whose keys sign and open it, and the folder it is made in."""

    part: Part
    manifest: Manifest
    keys: PrivateKeys
    to: PublicKeys
    edition: Edition
    ready: Path


def written(letters: Sequence[Letter]) -> Iterator[dict[str, Any]]:
    """Write the packages; yields the facts of each in their order. What fails in one fails in all."""
    cores = min(len(letters), os.cpu_count() or 1)
    if cores < 2 or sum(letter.part.changes.height for letter in letters) < MANY:
        yield from map(write_letter, letters)
        return
    # Threads of this process must not be copied into the others, so they start afresh.
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(write_letter, letters)


def write_letter(letter: Letter) -> dict[str, Any]:
    """Write, sign and encrypt one package; returns what is recorded of it."""
    recipient, ready = letter.part.recipient, letter.ready
    folder = ready / CONTENTS / recipient.institution
    write_contents(letter.part, letter.edition, _others(ready, recipient.institution), folder)
    whole = complete(folder, letter.manifest, letter.keys)
    file = ready / PACKAGES / package_name(whole)
    inner = seal(folder, whole, letter.to, file)
    write_bytes(ready / MANIFESTS / f"{recipient.institution}.json", whole.content())
    shutil.rmtree(folder)
    return {
        "institution": recipient.institution, "kind": recipient.kind, "name": recipient.name,
        "list_id": whole.list_id, "sequence": whole.sequence, "manifest": whole.digest, "inner": inner,
        "statement": letter.part.statement is not None, "file": file.name, "keys": letter.to.fingerprint,
        "totals": dict(whole.totals),
    }  # fmt: skip


def _others(ready: Path, institution: str) -> pl.Series:
    """The numbers of all other institutions' entries of this day: none may stand in a text."""
    return numbers_of(_numbers(ready).filter(pl.col("institution") != institution))


@lru_cache(maxsize=1)
def _numbers(ready: Path) -> pl.DataFrame:
    return pl.read_parquet(ready / CHANGES, columns=["institution", "number"])
