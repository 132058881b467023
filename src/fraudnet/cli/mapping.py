"""The command that finds out what the files of a folder are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, show_json, show_table, spoken
from fraudnet.errors import ConfigurationError

if TYPE_CHECKING:
    from fraudnet.sources.propose.question import Question

Answers = Annotated[
    list[str] | None, typer.Option("--set", help="An answer as KEY=VALUE; the question says its KEY. Several times.")
]


def map_files(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder of files as they came; mapping.toml is written into it.")],
    answers: Answers = None,
    new: Annotated[bool, typer.Option("--new", help="Forget what was decided about such files before.")] = False,
) -> None:
    """Find out what the files of a folder are, ask only what they do not say, and write its mapping.toml."""
    common: Common = context.obj
    from fraudnet import pipeline

    ask = _ask if sys.stdin.isatty() and not common.as_json else None
    found = pipeline.map_drop(folder, _pairs(answers or []), common.settings(), ask, afresh=new)
    if common.as_json:
        return show_json(found)
    for table in found["tables"]:
        show_table(_title(table), ("column", "heading in the file", "values"), _rows(table))
    for file, why in found["left_out"]:
        say("left out: {file}: {why}", file=file, why=why)
    for file, note in found["notes"]:
        say("note: {file}: {note}", file=file, note=note)
    return say("mapping: {mapping}\nnext:    fraudnet check {folder}", mapping=found["mapping"], folder=folder)


def _pairs(answers: list[str]) -> dict[str, str]:
    pairs = {}
    for answer in answers:
        key, sign, value = answer.rpartition("=")
        if not sign or not key or not value:
            raise ConfigurationError("--set: got {answer!r}, expected KEY=VALUE", answer=answer)
        pairs[key] = value
    return pairs


def _title(table: dict[str, Any]) -> str:
    sheet = f" [{table['sheet']}]" if table["sheet"] else ""
    return f"{table['file']}{sheet}: {table['table']}"


def _rows(table: dict[str, Any]) -> list[list[str]]:
    rows = [[c["column"], c["heading"], " | ".join(c["values"])] for c in table["columns"]]
    return [*rows, *([spoken("(extra attribute)"), heading, ""] for heading in table["unused"])]


def _ask(question: Question) -> str | None:
    """Put a question on the terminal; nothing is taken for granted when the line stays empty."""
    say(question.text)
    if question.examples:
        say("  such as: {examples}", examples=" | ".join(question.examples))
    for place, option in enumerate(question.options, 1):
        say("  {place}  {option}", place=place, option=option)
    given = str(typer.prompt(spoken("answer"), default="", show_default=False)).strip()
    if given.isdigit() and question.options and 1 <= int(given) <= len(question.options):
        return question.options[int(given) - 1]
    return given or None
