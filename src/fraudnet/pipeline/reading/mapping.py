"""From a folder of unknown files to its mapping file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fraudnet.errors import ConfigurationError, InputError
from fraudnet.files import write_bytes
from fraudnet.messages.telling import Joined
from fraudnet.settings import Settings
from fraudnet.sources.mapping_file import NAME, load_mapping
from fraudnet.sources.near import near
from fraudnet.sources.propose.keep import compare, recall, remember
from fraudnet.sources.propose.proposal import Proposal, propose
from fraudnet.sources.propose.question import Question

Ask = Callable[[Question], str | None]


def map_drop(
    folder: Path, answers: Mapping[str, str], settings: Settings, ask: Ask | None, *, afresh: bool = False
) -> dict[str, Any]:
    """Propose the mapping of a folder, ask what is open, write `mapping.toml` into it and keep it for next month.

    Without `ask` open questions end in ConfigurationError naming each of them. A folder whose name, digits left out,
    was mapped before is mapped alike; a column that is gone or means something else then ends in InputError, unless
    `afresh`. A mapping file that is there already is never overwritten.
    """
    if (folder / NAME).exists():
        raise ConfigurationError(
            "{path}: is there already; read it with `fraudnet check`, or move it away first", path=folder / NAME
        )
    kept = None if afresh else recall(settings.home, folder.resolve().name)
    known = {**(kept.answers if kept else {}), **answers}
    found = propose(folder, known)
    check_answers(found, answers)
    if kept is not None:
        compare(kept, found.drafts)
    found = _asked(found, folder, known, ask)
    write_bytes(folder / NAME, found.toml.encode())
    try:
        load_mapping(folder / NAME)
    except ConfigurationError:
        (folder / NAME).unlink()
        raise
    remember(settings.home, folder.resolve().name, found.drafts, known)
    left_out, notes = ([list(each) for each in part] for part in (found.left_out, found.notes))
    return {"mapping": str(folder / NAME), "tables": told(found), "left_out": left_out, "notes": notes}


def check_answers(found: Proposal, answers: Mapping[str, str]) -> None:
    """Raise ConfigurationError naming every answer that belongs to no file of the folder."""
    files = {*found.labels, "institution"}
    strange = [key for key in answers if key not in files and not any(key.startswith(f"{file}:") for file in files)]
    if strange:
        raise ConfigurationError(
            "--set {strange}: no such file{near}; digits of a name are written '#'",
            strange=strange[0],
            near=near(strange[0].split(":")[0], files),
        )


def _asked(found: Proposal, folder: Path, known: dict[str, str], ask: Ask | None) -> Proposal:
    """The proposal once every question is answered; answers are added to `known`."""
    while found.questions:
        if ask is None:
            listed = Joined("; ", (f"{q.text} (--set {q.key!r}=...)" for q in found.questions))
            raise ConfigurationError("{folder}: not everything is certain: {listed}", folder=folder, listed=listed)
        for question in found.questions:
            answer = ask(question)
            if answer is None:
                raise ConfigurationError("{folder}: stopped at a question; nothing was written", folder=folder)
            known[question.key] = answer
        found = propose(folder, known)
    if not found.drafts:
        raise InputError(
            "{folder}: no file of it is a table that is known; write the mapping by hand (docs/mapping.md)",
            folder=folder,
        )
    return found


def told(found: Proposal) -> list[dict[str, Any]]:
    """Every table with its columns: the contract's name, the file's heading, three values."""
    return [
        {
            "file": each.pattern,
            "sheet": each.head.sheet,
            "table": each.table,
            "columns": [{"column": c.name, "heading": c.heading, "values": list(c.examples)} for c in each.choices],
            "unused": each.unused(),
        }
        for each in found.drafts
    ]
