"""Checks a list file from anywhere: every wrong field, with its row, what it got and what was expected."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

from fraudnet.errors import MissingInputError
from fraudnet.lists.format import Problem
from fraudnet.lists.simo import BATCH, Level, account_field, record_findings, shape


def check_file(path: Path, level: Level = "ready") -> tuple[Problem, ...]:
    """Everything wrong with a list file; empty when it may be used.

    A `.json` file is read as SIMO message 002 or 003 at `level`: `draft` lets the bank's own fields be empty, `ready`
    is what may be sent. A file of any other known suffix is checked as the list format that writes it.
    Raises MissingInputError when there is no such file.
    """
    from fraudnet.lists.formats import list_formats

    if not path.is_file() or not os.access(path, os.R_OK):
        raise MissingInputError("{path}: no such file, or no right to read it; name a list file to check", path=path)
    if path.suffix == ".json":
        return check_simo(path, level)
    for form in list_formats():
        if form.suffix == path.suffix:
            return form.check(path)
    known = ", ".join(sorted({form.suffix for form in list_formats()}))
    return (Problem(path.name, None, "file", "another kind of file", f"one of {known}"),)


def check_simo(path: Path, level: Level) -> tuple[Problem, ...]:
    """Everything wrong with a SIMO file of message 002 or 003."""
    name = path.name
    try:
        records = json.loads(path.read_bytes().decode("utf-8"), object_pairs_hook=_Pairs)
    except (UnicodeDecodeError, ValueError, RecursionError):
        return (Problem(name, None, "file", "something that is not JSON in UTF-8", "a JSON array"),)
    if not isinstance(records, list):
        return (Problem(name, None, "file", shape(_plain(records)), "a JSON array"),)
    found = [Problem(name, None, "file", f"{len(records)} records", f"at most {BATCH}")] if len(records) > BATCH else []
    for row, record in enumerate(records, 1):
        found += [Problem(name, row, *finding) for finding in _findings(record, level)]
    return tuple(found + _repeated(records, name))


class _Pairs(tuple[tuple[str, object], ...]):
    """An object as its pairs, so that a field written twice is seen."""


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, _Pairs) else value


def _findings(record: object, level: Level) -> list[tuple[str, str, str]]:
    if not isinstance(record, _Pairs):
        return [("record", shape(record), "an object")]
    twice = sorted(name for name, times in Counter(name for name, _ in record).items() if times > 1)
    found = [("record", f"{len(twice)} fields written twice", "every field once")] if twice else []
    plain = {name: _plain(value) for name, value in record}
    return found + sorted(record_findings(plain, level))


def _repeated(records: list[object], name: str) -> list[Problem]:
    seen: set[object] = set()
    found = []
    for row, record in enumerate(records, 1):
        plain = dict(record) if isinstance(record, _Pairs) else {}
        field = account_field(plain)
        number = plain.get(field)
        if isinstance(number, str) and number and number in seen:
            found.append(Problem(name, row, field, "an account of an earlier row", "every account once"))
        seen.add(number if isinstance(number, str) else None)
    return found
