"""Commands about what has been delivered: register a drop, and see what is there and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import progress, say, show_json, show_table, spoken

SHOWN_HOLES, SHOWN_ROWS = 4, 5


def add(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A drop folder with its mapping.toml; it stays where it is.")],
) -> None:
    """Register a drop: commands without folders read all registered ones; a corrected file replaces its predecessor."""
    common: Common = context.obj
    from fraudnet import pipeline

    with progress(common.as_json) as report:
        found = pipeline.add_drop(folder, common.settings(), report)
    if common.as_json:
        return show_json(found)
    if found["added"]:
        say("{folder}: {rows:,} good rows", folder=found["folder"], rows=found["rows"])
    else:
        say("{folder}: is registered already", folder=folder)
    for one in found["supersedes"]:
        rows = ", ".join(one["rows"][:SHOWN_ROWS]) + (spoken(" and more") if len(one["rows"]) > SHOWN_ROWS else "")
        say(
            "{by} replaces {file} ({table}): {changed:,} rows changed, {removed:,} gone, {added:,} new: {rows}",
            by=one["by"],
            file=one["file"],
            table=one["table"],
            changed=one["changed"],
            removed=one["removed"],
            added=one["added"],
            rows=rows,
        )
    return say("next: fraudnet drops")


def drops(context: typer.Context) -> None:
    """Show the registered drops, and of each source the days it has rows for and the holes in between."""
    common: Common = context.obj
    from fraudnet import pipeline

    with progress(common.as_json) as report:
        found = pipeline.drops_told(common.settings(), report)
    if common.as_json:
        return show_json(found)
    replaced = [len(each["supersedes"]) for each in found["drops"]]
    rows = [
        [place, each["folder"], each["added_at"], each["rows"], corrected]
        for place, (each, corrected) in enumerate(zip(found["drops"], replaced, strict=True), 1)
    ]
    show_table("Registered drops", ("", "folder", "added", "rows", "files replaced"), rows)
    head = ("table", "source", "first", "last", "days", "holes")
    return show_table(
        "Days with rows", head, [[*(one[k] for k in head[:-1]), _holes(one["holes"])] for one in found["sources"]]
    )


def _holes(holes: list[str]) -> str:
    more = spoken(" and {count} more", count=len(holes) - SHOWN_HOLES) if len(holes) > SHOWN_HOLES else ""
    return ", ".join(holes[:SHOWN_HOLES]) + more
