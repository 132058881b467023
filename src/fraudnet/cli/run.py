"""Commands about runs: score a drop, write the lists, list the runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import AcceptSynthetic, AllowGap, AsOf, Common, DropsOrRegistered, MappingFile, moment
from fraudnet.cli.output import progress, say, show_json, show_table, spoken

RUNS = Path("runs")


def score(
    context: typer.Context,
    drops: DropsOrRegistered = None,
    as_of: AsOf = None,
    out: Annotated[Path, typer.Option("--out", help="Folder that the run folder is made in.")] = RUNS,
    mapping: MappingFile = None,
    model: Annotated[
        list[Path] | None, typer.Option("--model", help="Exported model folders to use in place of the champions.")
    ] = None,
    allow_gap: AllowGap = False,
    accept_synthetic: AcceptSynthetic = False,
) -> None:
    """Score every account, SIM and identity of the drops as of a day; the analyst's main job."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    request = pipeline.Request(
        tuple(drops or ()), mapping, moment(as_of), allow_gap=allow_gap, accept_synthetic=accept_synthetic
    )
    with progress(common.as_json) as report:
        run = pipeline.score_drops(request, chosen, out, tuple(model or ()), report)
    if common.as_json:
        return show_json(run)
    head = ("kind", "scored", "flagged", "expected at fault", "expected honest")
    keys = ("kind", "scored", "flagged", "expected_at_fault", "expected_honest")
    title = spoken("Scored as of {as_of}", as_of=run["as_of"])
    show_table(title, head, [[row[key] for key in keys] for row in run["kinds"]])
    for note in run["notes"]:
        say(note)
    say("run: {folder}", folder=run["folder"])
    return say("next: fraudnet lists {folder}", folder=run["folder"])


def runs(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(help="Folder of runs.")] = RUNS,
) -> None:
    """List the finished runs and whether their bytes are still the ones they were published with."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.known_runs(out)
    if common.as_json:
        return show_json(found)
    head = ("run", "as of", "model", "flagged", "state")
    return show_table("Runs", head, [[row[k] for k in ("run", "as_of", "models", "flagged", "state")] for row in found])
