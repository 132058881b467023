"""The whole main job on a synthetic world, with one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import progress, say, show_json, show_table


def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="Folder for everything the demo makes.")] = Path("var/demo"),
    people: Annotated[int, typer.Option(min=1000, max=200_000, help="How many people live in it.")] = 20_000,
    months: Annotated[int, typer.Option(min=9, max=36, help="How many months it lasts.")] = 12,
) -> None:
    """Make a world, check it, link it, train, evaluate, register, score the next month, write the lists."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings(home=common.home or out / "home")
    with progress(common.as_json) as report:
        found = pipeline.run_demo(out, {"people": people, "months": months}, chosen, report)
    if common.as_json:
        return show_json(found)
    for table in found["tables"]:
        show_table(table["title"], table["head"], table["rows"])
    say("Where to look")
    for what, where in found["where"].items():
        say("  {what:<24} {where}", what=what, where=where)
    for line in found["remark"].splitlines():
        say(line)
    return None
