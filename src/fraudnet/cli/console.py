"""The command that opens the review console."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import progress, say

RUNS = Path("runs")


def console(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(help="A run folder, or the folder of runs for the newest one.")] = RUNS,
    drop: Annotated[
        list[Path] | None, typer.Option("--drop", help="Drops of the run: movements, calls, names; several times.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="Mapping file of the drops.")] = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to serve; off this machine only over TLS.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8000,
    certificate: Annotated[Path | None, typer.Option("--certificate", help="PEM file for TLS.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="PEM file with its private key.")] = None,
    names: Annotated[
        list[str] | None, typer.Option("--name", help="A name browsers may call this machine by; several times.")
    ] = None,
    report: Annotated[
        list[Path] | None, typer.Option("--report", help="A file of the campaign report to offer; several times.")
    ] = None,
    per_day: Annotated[
        int, typer.Option("--per-day", min=1, help="How many items the team can look at in a day.")
    ] = 60,
    prepare: Annotated[bool, typer.Option("--prepare", help="Make everything ready and stop.")] = False,
) -> None:
    """Open the review console: queue, items, cases, decisions; on this machine, or on the unit's network over TLS."""
    common: Common = context.obj
    from fraudnet import pipeline
    from fraudnet.console.house import House
    from fraudnet.console.serve import Place, checked, first_admin, serve

    settings = common.settings()
    place = checked(Place(host, port, certificate, key))
    request = pipeline.Request(tuple(drop or ()), mapping)
    with progress(common.as_json) as told:
        board = pipeline.prepare_review(run, request, settings, told, per_day)
    callable_by = ("127.0.0.1", "localhost", host, *(names or ()))
    house = House(board, settings.home / "store", place.secure, callable_by, reports=tuple(report or ()))
    password = first_admin(house)
    if password is not None:
        say(f"first account: admin, one-time password {password}")
    waiting = board.queue.height
    say(f"{board.facts.run}: {waiting} items in the queue")
    if prepare:
        return
    say(f"open {place.address} in a browser; Ctrl+C ends")
    serve(house, place)
