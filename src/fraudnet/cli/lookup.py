"""The command that looks up a list of numbers in a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import progress, say, show_json, show_table

SHOWN = 40


def lookup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, text or XLSX: an account, phone or identity number on each line.")],
    run: Annotated[Path, typer.Option("--run", help="A run folder, or the folder of runs for the newest.")] = Path(
        "runs"
    ),
    out: Annotated[Path | None, typer.Option("--out", help="Also write the answers as this .xlsx file.")] = None,
    drop: Annotated[
        list[Path] | None, typer.Option("--drop", help="Drop folders to read sources from; else the registered ones.")
    ] = None,
) -> None:
    """Say of up to 5,000 accounts, phones and ids, in any spelling, what is known; the look-up is recorded."""
    common: Common = context.obj
    from fraudnet import pipeline

    with progress(common.as_json) as report:
        found = pipeline.look_up(file, run, tuple(drop or ()), common.settings(), report)
    if out is not None:
        pipeline.looked_up(found, out)
    if common.as_json:
        return show_json(found.to_dicts())
    keys = ("asked", "state", "kind", "position", "grade", "case", "decision", "matches")
    show_table("Looked up", keys, found.select(keys).head(SHOWN).rows())
    if found.height > SHOWN:
        say("and {more:,} more lines", more=found.height - SHOWN)
    counts = found["state"].value_counts().sort("state").rows()
    say("{counts}", counts=", ".join(f"{state}: {n:,}" for state, n in counts))
    return say("written: {out}", out=out) if out is not None else say("add --out FILE.xlsx for all columns")
