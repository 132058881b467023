"""Commands about data: make a synthetic world, check a drop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common, Drops, MappingFile
from fraudnet.cli.output import progress, say, show_json, show_table


def synth(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write: FOLDER/drop and, apart, FOLDER/truth.")],
    people: Annotated[int, typer.Option(min=50, max=2_000_000, help="How many people live in it.")] = 20_000,
    months: Annotated[int, typer.Option(min=3, max=36, help="How many months it lasts.")] = 12,
    share: Annotated[float, typer.Option(min=0.001, max=0.2, help="Share of accounts used for fraud.")] = 0.01,
) -> None:
    """Write a synthetic world: a drop as institutions would deliver it, and the truth apart."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    with progress(common.as_json) as report:
        size = {"people": people, "months": months, "share": share}
        world = pipeline.make_world(folder, size, chosen, report)
    if common.as_json:
        return show_json(world)
    show_table("Synthetic world", ("table", "rows"), list(world["rows"].items()))
    return say(f"drop:  {world['drop']}\ntruth: {world['truth']} (never part of a drop)")


def check(
    context: typer.Context,
    drops: Drops,
    mapping: MappingFile = None,
) -> None:
    """Read drops under their contracts and say what is good, what is quarantined and why."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    with progress(common.as_json) as report:
        found = pipeline.check_drops(drops, mapping, chosen, report)
    if common.as_json:
        return show_json(found)
    head = ("table", "files", "rows in", "good", "quarantined", "not selected")
    keys = ("table", "files", "rows_in", "good", "quarantined", "not_selected")
    show_table("Rows", head, [[row[key] for key in keys] for row in found["tables"]])
    if found["rules"]:
        show_table("Quarantined, by rule", ("table", "rule", "rows"), [list(r.values()) for r in found["rules"]])
        say(f"quarantine ledger: {found['ledger']}")
    if found["identifiers"]:
        rows = [list(r.values()) for r in found["identifiers"]]
        show_table("Identifiers that are well formed", ("table", "source", "what", "stated", "share"), rows)
    return None
