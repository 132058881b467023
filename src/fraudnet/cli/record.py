"""Commands about the record of what was done: verify it, read it, copy it, go back to a copy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, show_json, show_table, spoken
from fraudnet.errors import IntegrityError

audit = typer.Typer(no_args_is_help=True, help="The record of what was done, each event chained to the one before.")
store = typer.Typer(no_args_is_help=True, help="Copies of the database, and going back to one.")

Witness = Annotated[
    list[Path] | None, typer.Option("--witness", help="header.json of a list that was sent earlier; several times.")
]


@audit.command("verify")
def verify(context: typer.Context, witness: Witness = None) -> None:
    """Say whether the record is still the one that was written, and name the first event that is not."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.verify_record(common.settings(), witness or [])
    if common.as_json:
        show_json(found)
    if not found["whole"]:
        raise IntegrityError(
            "the record does not hold: {reason}; go back to a backup and report it", reason=found["reason"]
        )
    if not common.as_json:
        say("{events} events hold; {reason}", events=found["events"], reason=found["reason"])
        say("head: {number} {digest}", number=found["head"]["number"], digest=found["head"]["digest"])


@audit.command("log")
def log(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option("--kind", help="Only events of this kind, e.g. list_published.")] = None,
) -> None:
    """List the recorded events."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.events_told(common.settings(), kind)
    if common.as_json:
        return show_json(found)
    return show_table("Events", ("number", "at", "kind", "actor"), [list(row.values())[:4] for row in found])


@store.command("backup")
def backup(context: typer.Context, to: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the database, checked, while others may go on working."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.save_record(common.settings(), to)
    if common.as_json:
        return show_json(found)
    return say(
        "{events} events copied to {file} in {seconds} s",
        events=found["events"],
        file=found["file"],
        seconds=found["seconds"],
    )


@store.command("restore")
def restore(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(help="A file made by backup.")],
    witness: Annotated[
        list[Path] | None,
        typer.Option("--witness", help="ack.json of an institution, which tells of a list; several times."),
    ] = None,
) -> None:
    """Go back to a copy; the database that stood there is set aside, and what is lost is counted and named."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.restore_record(common.settings(), backup, witness or [])
    if common.as_json:
        return show_json(found)
    lost = ", ".join(f"{count} {kind}" for kind, count in sorted(found["lost"].items())) or spoken("nothing")
    seconds = found["seconds"]
    say(
        "restored {events} events in {seconds} s; lost by it: {lost}",
        events=found["events"],
        seconds=seconds,
        lost=lost,
    )
    for row in found["lost_lists"]:
        say(
            "sent and lost: list {list_id}, number {sequence} of {institution}",
            list_id=row["list_id"],
            sequence=row["sequence"],
            institution=row["institution"],
        )
    for row in found["lost_decisions"]:
        say("lost decision: {facts}", facts=", ".join(f"{name} {value}" for name, value in row.items()))
    if found["blind"]:
        say("no record could be read that tells what came after the copy; numbers go on far behind it")
    return say("set aside: {set_aside}", set_aside=found["set_aside"]) if found["set_aside"] else None


@store.command("release")
def release(context: typer.Context) -> None:
    """Let lists leave again after a restore; somebody else than the restorer, who has looked at what was lost."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.release_restored(common.settings())
    return (
        show_json(found)
        if common.as_json
        else say("released: the restore of event {restored}", restored=found["restored"])
    )
