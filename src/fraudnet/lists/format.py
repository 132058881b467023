"""The shape of a list format, and of what its check finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dataframely as dy
import polars as pl

from fraudnet.contracts.parties import INSTITUTION_KINDS
from fraudnet.contracts.results import ListEntry
from fraudnet.lists.header import ListHeader

# What an institution is when no `institutions` table says so: it gets the formats that everybody gets.
UNKNOWN_KIND = "unknown"
EVERYBODY = (*INSTITUTION_KINDS, UNKNOWN_KIND)


@dataclass(frozen=True)
class Problem:
    """One field of a list that breaks a rule; `got` describes the value and never repeats it."""

    file: str
    row: int | None
    field: str
    got: str
    expected: str

    def __str__(self) -> str:
        """The problem on one line."""
        where = self.file if self.row is None else f"{self.file}, row {self.row}"
        return f"{where}, {self.field}: got {self.got}, expected {self.expected}"


@dataclass(frozen=True)
class ListFormat:
    """One way to write an institution's list.

    `write` gets the entries, `<folder>/<stem><suffix>` and the header, and returns the files of entries it wrote, whole
    or not at all (a format in batches names them `<stem>-0001<suffix>`). `read` gives a file's rows back as
    text, the account or phone number in the column `number`. `check` names everything wrong with a file. `takes` says
    which entries the format holds.
    """

    name: str
    stem: str
    suffix: str
    kinds: tuple[str, ...]
    write: Callable[[dy.DataFrame[ListEntry], Path, ListHeader], tuple[Path, ...]]
    read: Callable[[Path], pl.DataFrame]
    check: Callable[[Path], tuple[Problem, ...]]
    takes: pl.Expr

    @property
    def file(self) -> str:
        """The name of the format's file."""
        return f"{self.stem}{self.suffix}"


EVERY_ENTRY = pl.lit(True)
