"""Commands about models: train, evaluate, list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fraudnet.cli.options import (
    AllowGap,
    AsOf,
    Common,
    Drops,
    DropsOrRegistered,
    Kinds,
    MappingFile,
    Without,
    left_out,
    moment,
)
from fraudnet.cli.output import progress, say, show_json, show_table, spoken


def train(
    context: typer.Context,
    drops: DropsOrRegistered = None,
    as_of: AsOf = None,
    mapping: MappingFile = None,
    kind: Kinds = None,
    without: Without = None,
    allow_gap: AllowGap = False,
    view: Annotated[
        str, typer.Option("--view", help="Train one view: both, bank or telco; else every one the drop feeds.")
    ] = "",
    tune: Annotated[
        int | None, typer.Option("--tune", min=0, max=1000, help="Settings to search beyond the grid, with Optuna.")
    ] = None,
) -> None:
    """Train a model per kind on what was known before the cut-off, measure it forward in time, register it."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings(tune=tune)
    kinds, graphless = tuple(kind or ()), left_out(without)
    request = pipeline.Request(tuple(drops or ()), mapping, moment(as_of), kinds, graphless, allow_gap, view=view)
    with progress(common.as_json) as report:
        found = pipeline.train_models(request, chosen, report)
    _show(found, common.as_json)
    if not common.as_json:
        for model in found["models"]:
            say(
                "registered {name} version {version} as {alias}: {folder}",
                name=model["name"],
                version=model["version"],
                alias=model["alias"],
                folder=model["folder"],
            )
        if any(model["alias"] == "challenger" for model in found["models"]):
            say("next: fraudnet promote")


def evaluate(
    context: typer.Context,
    drops: Drops,
    as_of: AsOf = None,
    mapping: MappingFile = None,
    kind: Kinds = None,
    without: Without = None,
    folds: Annotated[int, typer.Option("--folds", min=1, max=24, help="Tests forward in time, at most.")] = 4,
    html: Annotated[Path | None, typer.Option("--html", help="Also write the report as one page, here.")] = None,
) -> None:
    """Measure the training recipe on entities it has not seen, forward in time where the drop has dates."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    request = pipeline.Request(tuple(drops), mapping, moment(as_of), tuple(kind or ()), left_out(without))
    with progress(common.as_json) as report:
        found = pipeline.evaluate_models(request, chosen, report, pipeline.Wanted(folds, html))
    _show(found, common.as_json)
    if html is not None and not common.as_json:
        if found.get("page"):
            say("report: {page}", page=found["page"])
        else:
            say("no report: it needs a drop with dates")


def models(context: typer.Context) -> None:
    """List the registered models and which of them is the champion."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    found = pipeline.registered_models(chosen)
    if common.as_json:
        return show_json(found)
    head = ("model", "version", "alias", "trained until", "average precision")
    keys = ("name", "version", "alias", "as_of", "average_precision")
    return show_table("Models", head, [[row.get(key) for key in keys] for row in found])


def ui(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on this machine.")] = 5000,
) -> None:
    """Open MLflow's pages over the registered runs and models, on this machine only."""
    common: Common = context.obj
    from fraudnet import pipeline

    say("open http://127.0.0.1:{port} in a browser; Ctrl+C ends", port=port)
    pipeline.show_register(common.settings(), port)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        return show_json(found)
    for part in found["evaluations"]:
        show_table(part["title"], ("measure", "value", "95 % interval"), [_measure(row) for row in part["measures"]])
        for note in part["notes"]:
            say("  {note}", note=note)
    for note in found.get("notes", ()):
        say(note)
    return None


def _measure(row: dict[str, Any]) -> tuple[object, ...]:
    low, high = row.get("low"), row.get("high")
    interval = "" if low is None or high is None else spoken("{low:.3f} to {high:.3f}", low=low, high=high)
    return row["name"], row["value"], interval
