"""The command that writes the campaign report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, show_json
from fraudnet.errors import ConfigurationError


def report(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(help="A run folder, or the folder of runs for the newest one.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the page and the workbook.")] = Path("reports"),
    wave: Annotated[Path | None, typer.Option("--wave", help="The wave in TOML: days, units, capacity.")] = None,
    quality: Annotated[Path | None, typer.Option("--quality", help="quality.json of `fraudnet check --out`.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="Day of the report, today unless said.")] = None,
) -> None:
    """Write the campaign report: progress, precision, money, misses, harm, data quality, what changed."""
    common: Common = context.obj
    from fraudnet import pipeline

    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        raise ConfigurationError("--on: got {on!r}, expected a date such as 2026-10-01", on=on) from None
    found = pipeline.campaign_report(pipeline.Ask(run, out, wave, quality, day), common.settings())
    if common.as_json:
        return show_json(found)
    whole = found["whole"]
    counts = {name: whole[name] for name in ("done", "items", "overdue", "right", "wrong")}
    say(
        "{wave}: {done:,} of {items:,} items looked at, {overdue:,} overdue, {right:,} right, {wrong:,} wrong",
        wave=found["wave"],
        **counts,
    )
    for file in found["files"]:
        say(file)
    return None
