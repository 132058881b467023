"""The command that opens the review console."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import progress, say

RUNS = Path("runs")
Run = Annotated[Path, typer.Argument(help="A run folder, or the folder of runs for the newest one.")]
Drop = Annotated[list[Path] | None, typer.Option("--drop", help="Drops of the run; without any, those registered.")]
Mapping = Annotated[Path | None, typer.Option("--mapping", help="Mapping file of the drops.")]
Host = Annotated[str, typer.Option("--host", help="Address to serve; off this machine only over TLS.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535)]
Certificate = Annotated[Path | None, typer.Option("--certificate", help="PEM file for TLS.")]
Key = Annotated[Path | None, typer.Option("--key", help="PEM file with its private key.")]
Names = Annotated[
    list[str] | None, typer.Option("--name", help="A name browsers may call this machine by; several times.")
]
Report = Annotated[
    list[Path] | None, typer.Option("--report", help="A file of the campaign report to offer; several times.")
]
PerDay = Annotated[int, typer.Option("--per-day", min=1, help="How many items the team can look at in a day.")]
Prepare = Annotated[bool, typer.Option("--prepare", help="Make everything ready and stop.")]


def console(
    context: typer.Context,
    run: Run = RUNS,
    drop: Drop = None,
    mapping: Mapping = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    certificate: Certificate = None,
    key: Key = None,
    names: Names = None,
    report: Report = None,
    per_day: PerDay = 60,
    prepare: Prepare = False,
) -> None:
    """Open the review console: queue, items, cases, decisions; on this machine, or on the unit's network over TLS."""
    common: Common = context.obj
    from fraudnet import pipeline
    from fraudnet.console.house import House
    from fraudnet.console.serve import Place, checked, first_accounts, serve

    settings = common.settings()
    place = checked(Place(host, port, certificate, key))
    with progress(common.as_json) as told:
        board = pipeline.prepare_review(run, pipeline.Request(tuple(drop or ()), mapping), settings, told, per_day)
    hosts = ("127.0.0.1", "localhost", host, *(names or ()))
    house = House(board, settings.home / "store", place.secure, hosts, reports=tuple(report or ()),
                  figures=pipeline.newest_figures(settings),
                  record=None if settings.store == "file" else settings.store)  # fmt: skip
    for name, password in first_accounts(house).items():
        say("first account: {name}, one-time password {password}", name=name, password=password)
    say("{run}: {items} items in the queue", run=board.facts.run, items=board.queue.height)
    if not prepare:
        say("open {address} in a browser; Ctrl+C ends", address=place.address)
        serve(house, place)
