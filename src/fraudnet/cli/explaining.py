"""Commands that say why: explain one entity, compare two runs, ask what another line would mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, show_json, show_table, spoken

RUNS = Path("runs")
SHOWN = 20
Run = Annotated[Path, typer.Option("--run", help="A run folder, or the folder of runs for the newest one.")]


def explain(
    context: typer.Context,
    entity: Annotated[str, typer.Argument(help="An id as on the lists, or an account or phone number.")],
    run: Run = RUNS,
) -> None:
    """Say why an entity stands where it stands: score, grade, reasons for and against, what the flag rests on."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.explain_entity(entity, run)
    pipeline.note_opening(common.settings(), [found["entity_id"]], "explain")
    if common.as_json:
        return show_json(found)
    for line in pipeline.page_lines(found):
        say(line)
    return None


def diff(
    context: typer.Context,
    before: Annotated[Path, typer.Argument(help="The earlier run folder.")],
    after: Annotated[Path, typer.Argument(help="The later run folder.")],
) -> None:
    """Say why entries moved between two runs: data, list, model, threshold, settings, mapping or code."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.diff_runs(before, after)
    if common.as_json:
        return show_json(found)
    say("{before} to {after}", before=found["before"], after=found["after"])
    rows = [[cause, "; ".join(what)] for cause, what in found["changes"].items()]
    show_table("What differs between the runs", ("cause", "what"), rows)
    show_table("Entries that moved, by cause", ("cause", "entries"), list(found["by_cause"].items()))
    head, moves = ("entity", "what", "place", "grade", "why"), len(found["moves"])
    show_table(
        spoken("The first {shown} of {all} entries that moved", shown=min(SHOWN, moves), all=moves),
        head,
        [_move(row) for row in found["moves"][:SHOWN]],
    )
    for kind in found["kinds_in_one_run"]:
        say("{kind}: scored in one of the runs only", kind=kind)
    return None


def whatif(
    context: typer.Context,
    run: Run = RUNS,
    capacity: Annotated[float | None, typer.Option("--capacity", help="Share of each kind, e.g. 0.01.")] = None,
    threshold: Annotated[float | None, typer.Option("--threshold", help="Calibrated probability, e.g. 0.3.")] = None,
    precision: Annotated[float | None, typer.Option("--precision", help="Promised level: 0.2, 0.4 or 0.7.")] = None,
) -> None:
    """Say how long the lists would be at another line, and how many honest people would stand on them."""
    common: Common = context.obj
    from fraudnet import pipeline

    asked = any(value is not None for value in (capacity, threshold, precision))
    line = pipeline.Line(capacity, threshold, precision) if asked else None
    found = pipeline.what_if(run, line)
    if common.as_json:
        return show_json(found)
    say("{run}, data up to {as_of}", run=found["run"], as_of=found["as_of"])
    if line is None:
        return _figures("Choices", "line", found["choices"])
    _figures("By kind", "line", found["kinds"])
    _figures("By institution", "institution", found["institutions"])
    _figures("By province of the holder", "province", found["provinces"])
    for kind in found["not_promised"]:
        say("{kind}: its model does not promise this precision, so nobody comes on the list", kind=kind)
    return None


def _figures(title: str, what: str, rows: list[dict[str, Any]]) -> None:
    keys = ("kind", what, "entries", "people")
    head = ("kind", what, "entries", "people known", "expected honest")
    show_table(title, head, [[*(row[key] for key in keys), _honest(row)] for row in rows])


def _honest(row: dict[str, Any]) -> str:
    return "-" if row["expected_honest"] is None else f"{row['expected_honest']:,.1f}"


def _move(row: dict[str, Any]) -> list[object]:
    place, grade = ([_known(value) for value in row[key]] for key in ("position", "grade"))
    between = spoken(" to ")
    return [row["entity_id"], row["what"], between.join(place), between.join(grade), ", ".join(row["causes"])]


def _known(value: object) -> str:
    return "-" if value is None else str(value)
