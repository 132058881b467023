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
    size: Annotated[str, typer.Option(help="demo, figures, size or speed; what is named beside it differs.")] = "demo",
    people: Annotated[int | None, typer.Option(min=50, max=2_000_000, help="How many people live in it.")] = None,
    months: Annotated[int | None, typer.Option(min=3, max=36, help="How many months it lasts.")] = None,
    days: Annotated[int | None, typer.Option(min=30, max=1_100, help="How many days it lasts, not months.")] = None,
    share: Annotated[float | None, typer.Option(min=0.001, max=0.2, help="Share of accounts used for fraud.")] = None,
    habits: Annotated[str, typer.Option(help="How its groups behave: a (until 2025) or b (after enforcement).")] = "a",
) -> None:
    """Write a synthetic world: a drop as institutions would deliver it, and the truth apart."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    with progress(common.as_json) as report:
        given = {"people": people, "months": months, "days": days, "share": share}
        world = pipeline.make_world(folder, {**pipeline.world_size(size, **given), "habits": habits}, chosen, report)
    if common.as_json:
        return show_json(world)
    show_table("Synthetic world", ("table", "rows"), list(world["rows"].items()))
    return say("drop:  {drop}\ntruth: {truth} (never part of a drop)", drop=world["drop"], truth=world["truth"])


def check(
    context: typer.Context,
    drops: Drops,
    mapping: MappingFile = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write quality.html and quality.json there.")] = None,
    before: Annotated[Path | None, typer.Option("--before", help="An earlier quality.json to compare with.")] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Read only the first rows of each file.")
    ] = None,
) -> None:
    """Read drops under their contracts; say what is good and what is not, rank the sources by six criteria."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings(language=common.lang)
    asked = pipeline.Check(tuple(drops), mapping, before=before, out=out, rows=sample)
    with progress(common.as_json) as report:
        ahead = pipeline.foresee(asked.drops, mapping, chosen, whole=sample is None)
        if ahead is not None and not common.as_json:
            say(ahead.line())
        found = pipeline.check_drops(asked, chosen, report)
    if common.as_json:
        show_json(found.figures)
    else:
        for part in found.tables:
            show_table(part["title"], part["head"], part["rows"])
        for line in found.lines:
            say(line)
    pipeline.hold_expectations(found)
