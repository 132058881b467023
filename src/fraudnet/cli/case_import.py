"""The command that takes in a case of another unit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, show_json


def take(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="What another unit's `fraudnet case --bundle` wrote.")],
) -> None:
    """Take in a case of another unit, verified and decrypted; its decisions count once two people have."""
    common: Common = context.obj
    from datetime import UTC, datetime

    from fraudnet import pipeline
    from fraudnet.expressions import local_day

    found = pipeline.import_case(package, common.settings(), local_day(datetime.now(UTC)))
    if common.as_json:
        return show_json(found)
    if not found["new"]:
        say("case {case} of {sender}: was imported before", case=found["case"], sender=found["sender"])
    say(
        "case {case} of {sender}, as of {as_of}: {members} members, {new} of {decisions} decisions are new",
        case=found["case"],
        sender=found["sender"],
        as_of=local_day(datetime.fromisoformat(found["as_of"])),
        members=found["members"],
        new=found["new_decisions"],
        decisions=found["decisions"],
    )
    if found["waiting"]:
        say("{waiting} decisions wait: they count once a second person has imported the case", waiting=found["waiting"])
    return say("files: {folder}", folder=found["folder"])
