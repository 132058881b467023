"""Answers and column choices kept from month to month, per institution and shape of file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fraudnet.errors import InputError
from fraudnet.files import digest_of, write_json
from fraudnet.messages.telling import Joined
from fraudnet.sources.near import near
from fraudnet.sources.propose.draft import Draft
from fraudnet.sources.propose.looks import Profile, profile

FOLDER = "mappings"


@dataclass(frozen=True)
class Kept:
    """What an earlier mapping of files like these said.

    columns: per file, the heading of each column of the contract, what it held, and its place from 1 (0: not known).
    """

    answers: dict[str, str]
    columns: dict[str, dict[str, tuple[str, str, int]]]


def look_of(seen: Profile | None) -> str:
    """What a column held, in one word: date, number, phone, text or nothing."""
    if seen is None or not seen.seen:
        return "nothing"
    if seen.date_forms:
        return "date"
    if max(seen.money.values()) >= 0.9:
        return "number"
    return "text"


def remember(home: Path, drop: str, drafts: Sequence[Draft], answers: dict[str, str]) -> Path:
    """Keep what was decided about files of these names; digits in names do not count. Holds headings, never values."""
    said = dict(answers)
    for each in drafts:
        said[f"{each.label}:table"] = each.table
        said.update({f"{each.label}:{choice.name}": str(choice.heading) for choice in each.choices})
    columns = {
        each.label: {c.name: (str(c.heading), look_of(c.seen), _place(each, str(c.heading))) for c in each.choices}
        for each in drafts
    }
    place = home / FOLDER / f"{_key(drop)}.json"
    write_json(place, {"answers": said, "columns": columns})
    return place


def recall(home: Path, drop: str) -> Kept | None:
    """What was kept for drops of this name, digits left out."""
    place = home / FOLDER / f"{_key(drop)}.json"
    if not place.is_file():
        return None
    said = json.loads(place.read_text(encoding="utf-8"))
    columns = {
        file: {name: (held[0], held[1], held[2] if len(held) > 2 else 0) for name, held in found.items()}
        for file, found in said["columns"].items()
    }
    return Kept(said["answers"], columns)


def compare(kept: Kept, drafts: Sequence[Draft]) -> None:
    """Raise InputError naming every column that is gone, has moved or holds something else since the kept mapping."""
    faults = [
        fault for each in drafts if each.label in kept.columns for fault in _faults(kept.columns[each.label], each)
    ]
    if faults:
        raise InputError("{faults}; correct the files, or add --new to map them afresh", faults=Joined("; ", faults))


def _faults(before: dict[str, tuple[str, str, int]], now: Draft) -> list[str]:
    file, faults = now.head.file, []
    for name, (heading, look, stood) in before.items():
        if heading not in now.head.headings:
            faults.append(f"{file}: column {heading!r} ({name}) is gone{near(heading, now.head.headings)}")
            continue
        held = look_of(profile(now.head.values(now.head.headings.index(heading))))
        if "nothing" not in (look, held) and held != look:
            faults.append(f"{file}: column {heading!r} ({name}) held a {look} before and holds a {held} now")
        stands = _place(now, heading)
        if stood and stands != stood:
            faults.append(f"{file}: column {heading!r} ({name}) was column {stood} before and is column {stands} now")
    return faults


def _place(draft: Draft, heading: str) -> int:
    """The place of a heading from 1; 0 where it is none of the file's."""
    return draft.head.headings.index(heading) + 1 if heading in draft.head.headings else 0


def _key(drop: str) -> str:
    return digest_of(["".join(letter for letter in drop.lower() if not letter.isdigit())])[:16]
