"""Values that are no plain cell: said once by a title or the file's name, found in a text, or a bank by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TypeVar

import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.aliases import bank_codes
from fraudnet.sources.formats.raw import Batch, Raw
from fraudnet.sources.mapping import KIND_PARTS, Part, Reference, Table, Value
from fraudnet.sources.values import text_of

P = TypeVar("P", bound=Part)
ONCE = ("title", "path", "pattern")


@dataclass
class _Unfolding:
    """What one file says once, and the columns that have to be made of its cells."""

    raw: Raw
    file: str
    where: str
    made: dict[str, pl.Expr] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)

    def plain(self, part: P) -> P:
        """The same part as a constant or as a column, made where it has to be."""
        if not part.derived:
            return part
        blank: dict[str, object] = {**dict.fromkeys(ONCE), "bank": False}
        if part.column is None:
            found = self._once(part) if part.constant is None else str(part.constant)
            told = bank_codes(pl.Series([found]))[0] if part.bank else found
            return part.model_copy(update={**blank, "constant": told})
        name = f"__{len(self.made)}_{part.column}"
        cell = text_of(pl.col(part.column), self.raw.schema[part.column])
        value = cell if part.pattern is None else cell.str.extract(part.pattern, 1)
        self.made[name] = value.map_batches(bank_codes, return_dtype=pl.String) if part.bank else value
        self.needs[name] = part.column
        return part.model_copy(update={**blank, "column": name})

    def _once(self, part: Part) -> str:
        name = (PurePath(self.file).name,)
        texts, pattern = (self.raw.titles, part.title) if part.title is not None else (name, part.path)
        for text in texts:
            match = re.search(pattern or "", text)
            if match and match[1].strip():
                return match[1].strip()
        place = "line above the headings" if part.title is not None else "file name"
        raise InputError(
            "{where}: no {place} fits {pattern!r} of the mapping; correct it or complete the file",
            where=self.where,
            place=place,
            pattern=pattern,
        )


def unfolded(table: Table, raw: Raw, file: str, where: str) -> tuple[Table, Raw]:
    """The table with plain columns and constants alone, and the file with the columns that this takes.

    Raises InputError when a title or the file's name does not say what the mapping looks for there.
    """
    if not any(part.derived for part in table.parts()):
        return table, raw
    wanting = [part.column for part in table.parts() if part.derived and part.column not in (None, *raw.schema)]
    if wanting:
        raise InputError(
            "{where}: the mapping names columns that the file lacks: {column!r}; correct one of them",
            where=where,
            column=wanting[0],
        )
    work = _Unfolding(raw, file, where)
    columns = {name: _said(said, work) for name, said in table.columns.items()}
    source = work.plain(table.source) if table.source else None
    # A text that a part was taken from is somebody's words: it is no attribute beside it.
    read = tuple(dict.fromkeys(name for name in work.needs.values()))
    changed = table.model_copy(update={"columns": columns, "source": source})
    kept = set(changed.used())
    silent = tuple(name for name in read if name not in kept and name not in table.ignore)
    changed = changed.model_copy(update={"ignore": (*table.ignore, *silent)})
    return changed, _widened(raw, work)


def _said(said: Value | Reference, work: _Unfolding) -> Value | Reference:
    if isinstance(said, Value):
        return work.plain(said)
    parts = {name: part for name in KIND_PARTS[said.kind] if (part := said.part(name)) is not None}
    return said.model_copy(update={name: work.plain(part) for name, part in parts.items()})


def _widened(raw: Raw, work: _Unfolding) -> Raw:
    def batches(wanted: Sequence[str]) -> Iterator[Batch]:
        under = list(dict.fromkeys(work.needs.get(name, name) for name in wanted))
        for batch in raw.batches(under):
            made = [work.made[name].alias(name) for name in wanted if name in work.made]
            yield Batch(batch.rows.with_columns(made), batch.broken)

    schema = {**raw.schema, **{name: pl.String() for name in work.made}}
    return replace(raw, schema=schema, batches=batches)
