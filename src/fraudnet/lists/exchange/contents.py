"""The files of one package: what people work on, what machines read, what the bank fills in, what it answers with."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from fraudnet.contracts.results import ListEntry
from fraudnet.errors import ListRefusedError
from fraudnet.files import write_bytes, write_json
from fraudnet.lists import simo_003
from fraudnet.lists.authority import Authority
from fraudnet.lists.filling import drafts, write_to_fill
from fraudnet.lists.format import ListFormat, Problem
from fraudnet.lists.formats import list_formats
from fraudnet.lists.header import ListHeader, Recipient, header_of
from fraudnet.lists.live import Change
from fraudnet.lists.publish import told
from fraudnet.lists.tables import write_table
from fraudnet.lists.verify import numbers_of, telling, written_problems
from fraudnet.messages import text

CHANGES, STATEMENT, ANSWERS, AUTHORITY, HEADER = (
    "changes.jsonl", "statement.jsonl", "answers.csv", "authority.json", "header.json",
)  # fmt: skip
ANSWER_COLUMNS = (
    "entry", "number", "outcome", "role", "basis", "reason", "amount", "until", "activity_from", "activity_to",
    "decided_at", "note",
)  # fmt: skip
OURS = ("evidence", "flag_id", "turn", "entity_id")  # what never leaves: it would tell of other institutions
RECALLS = "recalls.csv"
# What a holder may be told, and how many days after the list: a warning before the review would warn a ring too.
DISCLOSURE = {
    "E": ("nothing", 0),
    "D": ("reviewed", 3),
    "C": ("reviewed", 3),
    "B": ("amount_held", 0),
    "A": ("ordered", 0),
}


@dataclass(frozen=True)
class Edition:
    """What is the same in every package of one day."""

    day: date
    language: str
    authority: Authority
    audit: tuple[int, str]


@dataclass(frozen=True)
class Part:
    """What one institution gets: its changes (contract Change), and weekly all that stands (contract LiveEntry)."""

    recipient: Recipient
    list_id: str
    changes: pl.DataFrame
    statement: pl.DataFrame | None = None


def write_contents(part: Part, edition: Edition, others: pl.Series, folder: Path) -> ListHeader:
    """Fill a new folder with the files of one package, each read again and checked; returns the header.

    others: numbers of all entries of this day, so that none of another institution can stand in a text. Raises
    ListRefusedError naming every problem.
    """
    folder.mkdir(mode=0o700, parents=True)
    operation = pl.col("operation").cast(pl.String)
    shown = part.changes.filter(operation.is_in(("add", "update"))).sort("kind", "position", "entity_id")
    entries = ListEntry.validate(shown.select(ListEntry.column_names()), cast=True)
    header = header_of(entries, part.recipient, edition.day, edition.language)
    header = replace(header, list_id=part.list_id, audit=edition.audit)
    problems: list[Problem] = []
    for form in _forms(part.recipient, entries.height):
        files = form.write(entries, folder / form.file, header)
        problems += written_problems(form, files, entries, telling(others, numbers_of(entries)))
    if part.recipient.kind == "bank":
        problems += [p for file in simo_003.write(part.changes, folder, header) for p in simo_003.check(file)]
        if drafts(folder):
            write_to_fill(folder)
    if problems:
        raise ListRefusedError(
            "list {list_id}: nothing was packed, {count} problems: {told}",
            list_id=part.list_id,
            count=len(problems),
            told=told(tuple(problems)),
        )
    _plain_files(part, edition, header, folder)
    return header


def _forms(recipient: Recipient, entries: int) -> tuple[ListFormat, ...]:
    return tuple(form for form in list_formats() if recipient.kind in form.kinds) if entries else ()


def _plain_files(part: Part, edition: Edition, header: ListHeader, folder: Path) -> None:
    write_bytes(folder / CHANGES, _lines(told_rows(part.changes)))
    if part.statement is not None:
        write_bytes(folder / STATEMENT, _lines(told_rows(part.statement)))
    undone = recalled(part.changes, edition.language)
    if undone.height:
        write_table(folder / RECALLS, undone)
    write_json(folder / AUTHORITY, edition.authority.plain())
    write_json(folder / HEADER, header.plain())
    asked = part.changes.filter(pl.col("operation").cast(pl.String).is_in(("add", "update"))).sort(
        "position", "entry_id"
    )
    empty = [pl.lit("").alias(name) for name in ANSWER_COLUMNS if name not in ("entry", "number")]
    write_table(
        folder / ANSWERS, asked.select(pl.col("entry_id").alias("entry"), "number", *empty).select(ANSWER_COLUMNS)
    )


def recalled(changes: pl.DataFrame, language: str) -> pl.DataFrame:
    """What people have to pause, take up again or undo: entry, number, operation, reason in words."""
    operation = pl.col("operation").cast(pl.String)
    undone = changes.filter(operation.is_in(("suspend", "resume", "withdraw"))).sort("operation", "number", "entry_id")
    reasons = {
        name: text(f"lists.reason.{name}", language) for name in undone["reason"].cast(pl.String).unique().sort()
    }
    told = pl.col("reason").cast(pl.String).replace(reasons)
    return undone.select(pl.col("entry_id").alias("entry"), "number", operation.alias("operation"), reason=told)


def told_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Changes or entries as machines get them: with the action asked for, and what the holder may be told from when.

    The references of what a flag rests on stay with us; only their kinds go out.
    """
    grade = pl.col("grade").cast(pl.String)
    kinds = pl.col("evidence").list.eval(pl.element().str.split(":").list.first()).list.unique().list.sort()
    days = {name: days for name, (_, days) in DISCLOSURE.items()}
    names = [name for name in rows.columns if name in Change.column_names() and name not in OURS]
    return rows.sort("entry_id").select(
        *names,
        rests_on=kinds,
        requested=pl.col("action").cast(pl.String),
        disclose=grade.replace_strict({name: what for name, (what, _) in DISCLOSURE.items()}),
        disclose_from=pl.col("listed_on") + pl.duration(days=grade.replace_strict(days, return_dtype=pl.Int64)),
    )


def _lines(table: pl.DataFrame) -> bytes:
    """One JSON object a line, names in order, days as text."""
    whole = table.with_columns(
        pl.col(pl.Date).dt.strftime("%Y-%m-%d"), pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for row in whole.to_dicts())
    return "".join(f"{line}\n" for line in lines).encode()
