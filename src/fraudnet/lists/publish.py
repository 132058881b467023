"""Writes every institution's list into its own folder: all of them or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import dataframely as dy
import polars as pl

from fraudnet.contracts.parties import INSTITUTION_KINDS
from fraudnet.contracts.results import ListEntry
from fraudnet.errors import ListRefusedError
from fraudnet.files import sha256, write_bytes, write_json
from fraudnet.lists.cells import clean_text
from fraudnet.lists.contract import contract_problems
from fraudnet.lists.folder import SUMS, folder_names, replacing
from fraudnet.lists.format import UNKNOWN_KIND, ListFormat, Problem
from fraudnet.lists.formats import FORMATS, list_formats
from fraudnet.lists.header import Recipient, header_of, honest_expected
from fraudnet.lists.verify import numbers_of, telling, written_problems

HEADER = "header.json"
ROWS_NAMED = 5
PUBLISHED = {
    "institution": pl.String, "format": pl.String, "file": pl.String,
    "entries": pl.Int64, "bytes": pl.Int64, "sha256": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Manner:
    """In which language lists are written, and the end of the chain of events that their headers carry."""

    language: str = "vi"
    audit: tuple[int, str] | None = None


@dataclass(frozen=True)
class _Edition:
    """What is the same for every recipient of one publication."""

    entries: pl.DataFrame
    forms: tuple[ListFormat, ...]
    list_date: date
    manner: Manner


@dataclass(frozen=True)
class _Written:
    """The files of one format for one recipient."""

    recipient: Recipient
    form: ListFormat
    files: tuple[Path, ...]


def publish(
    entries: dy.DataFrame[ListEntry],
    institutions: pl.DataFrame,
    folder: Path,
    list_date: date,
    formats: tuple[str, ...] | None = None,
    manner: Manner = Manner(),
) -> pl.DataFrame:
    """Write `<folder>/<institution>/...`, to each institution its own entries only, and name the files.

    `institutions` has institution, kind and, where known, name; an institution it does not name gets the formats that
    everybody gets. Every file is read again and checked before `folder` takes its name in one step; a folder that
    stood there is replaced. Returns institution, format, file (below `folder`), entries, bytes, sha256.
    Raises ListRefusedError naming every problem, or WriteFailedError; `folder` is then as it was.
    """
    frame = entries.lazy().sort("institution", "kind", "position", "entity_id").collect()
    _refuse(folder, entry_problems(frame, institutions))
    recipients = tuple(_recipients(frame, institutions))
    edition = _Edition(frame, list_formats(FORMATS if formats is None else formats), list_date, manner)
    names = folder_names(who.institution for who in recipients)
    with replacing(folder) as partial:
        folders = {key: partial / name for key, name in names.items()}
        written = [part for who in recipients for part in _package(edition, who, folders[who.institution])]
        _refuse(folder, _all_problems(edition, written))
        for package in folders.values():
            _sums(package)
        return _files(written, folders)


def summary(entries: dy.DataFrame[ListEntry]) -> pl.DataFrame:
    """institution, kind, entries, expected_honest: how long each list is and how many honest people stand on it."""
    grouped = entries.lazy().group_by("institution", "kind")
    counted = grouped.agg(entries=pl.len().cast(pl.Int64), expected_honest=honest_expected())
    return counted.sort("institution", "kind").collect()


def entry_problems(entries: pl.DataFrame, institutions: pl.DataFrame) -> tuple[Problem, ...]:
    """What forbids a publication before anything is written."""
    found = list(contract_problems(entries, "entries"))
    twice = entries.filter(pl.struct("institution", "entity_id").is_duplicated()).height
    if twice:
        found.append(
            Problem("entries", None, "entity_id", f"{twice} rows that share theirs", "one row per institution")
        )
    return (*found, *_kind_problems(institutions))


def _kind_problems(institutions: pl.DataFrame) -> list[Problem]:
    """An institution is one thing, and one of those that formats are made for."""
    kinds = institutions.select("institution", pl.col("kind").cast(pl.String)).unique()
    double = kinds.filter(pl.col("institution").is_duplicated())["institution"].unique().sort()
    strange = kinds.filter(~pl.col("kind").is_in(INSTITUTION_KINDS).fill_null(False))["institution"].sort()
    twice = [Problem("institutions", None, "kind", f"two kinds for {clean_text(key)}", "one kind") for key in double]
    known = ", ".join(INSTITUTION_KINDS)
    return twice + [Problem("institutions", None, "kind", f"another for {clean_text(key)}", known) for key in strange]


def _recipients(entries: pl.DataFrame, institutions: pl.DataFrame) -> Iterator[Recipient]:
    named = pl.col("name") if "name" in institutions.columns else pl.lit(None, pl.String)
    known = institutions.select("institution", pl.col("kind").cast(pl.String), name=named)
    known = known.sort("institution", "kind", "name", nulls_last=True).unique("institution", keep="first")
    asked = entries.select("institution").unique().drop_nulls().sort("institution")
    for key, kind, name in asked.join(known, on="institution", how="left", maintain_order="left").iter_rows():
        yield Recipient(key, kind or UNKNOWN_KIND, name)


def _package(edition: _Edition, recipient: Recipient, folder: Path) -> list[_Written]:
    """One institution's own entries in every format that its kind gets."""
    own = edition.entries.filter(pl.col("institution") == recipient.institution)
    contracted = ListEntry.validate(own, cast=True)
    header = header_of(contracted, recipient, edition.list_date, edition.manner.language)
    header = replace(header, audit=edition.manner.audit)
    folder.mkdir(parents=True)
    written = []
    for form in edition.forms:
        if recipient.kind in form.kinds:
            written.append(_Written(recipient, form, form.write(contracted, folder / form.file, header)))
    write_json(folder / HEADER, header.plain())
    return written


def _all_problems(edition: _Edition, written: list[_Written]) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for part in written:
        mine = pl.col("institution") == part.recipient.institution
        own, theirs = edition.entries.filter(mine), edition.entries.filter(~mine)
        others = telling(numbers_of(theirs), numbers_of(own))
        problems = written_problems(part.form, part.files, own, others)
        found += [
            replace(problem, file=f"{clean_text(part.recipient.institution)}/{problem.file}") for problem in problems
        ]
    return tuple(found)


def _sums(folder: Path) -> None:
    """SHA256SUMS as `sha256sum -c` reads it."""
    names = sorted(path.name for path in folder.iterdir())
    lines = [f"{sha256(folder / name)}  {name}\n" for name in names]
    write_bytes(folder / SUMS, "".join(lines).encode())


def _files(written: list[_Written], folders: Mapping[str, Path]) -> pl.DataFrame:
    """Every file of every package; `format` is empty for the header and the checksums."""
    entries = {file: (part.form.name, part.form.read(file).height) for part in written for file in part.files}
    rows = [
        (key, *entries.get(file, (None, None)), f"{folder.name}/{file.name}", file.stat().st_size, sha256(file))
        for key, folder in folders.items()
        for file in sorted(folder.iterdir())
    ]
    schema = {name: PUBLISHED[name] for name in ("institution", "format", "entries", "file", "bytes", "sha256")}
    return pl.DataFrame(rows, schema=schema, orient="row").select(*PUBLISHED)


def _refuse(folder: Path, problems: tuple[Problem, ...]) -> None:
    if problems:
        raise ListRefusedError(
            "{folder}: nothing was published, {count} problems: {told}",
            folder=folder,
            count=len(problems),
            told=told(problems),
        )


def told(problems: tuple[Problem, ...]) -> str:
    """Every problem in one text; rows that break the same rule are told together."""
    rows: dict[Problem, list[int]] = {}
    for problem in problems:
        rows.setdefault(replace(problem, row=None), []).extend([problem.row] if problem.row is not None else [])
    return "; ".join(f"{problem}{_rows(places)}" for problem, places in rows.items())


def _rows(places: list[int]) -> str:
    if not places:
        return ""
    more = f" and {len(places) - ROWS_NAMED} more" if len(places) > ROWS_NAMED else ""
    return f" (row {', '.join(map(str, places[:ROWS_NAMED]))}{more})"
