"""The command that tells what has moved since a model was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, show_json, show_table, spoken
from fraudnet.errors import AttentionError
from fraudnet.messages.telling import Joined

SHOWN = 15


def monitor(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(help="A run folder, or the folder of runs for the newest one.")],
    against: Annotated[str, typer.Option("--against", help="An earlier run's folder, or card.")] = "card",
    html: Annotated[Path | None, typer.Option("--html", help="Also write the report as one page, here.")] = None,
) -> None:
    """Hold a run against its models' cards or an earlier run: columns, scores, labels, outcomes; code 16 at alarm."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.monitor_run(run, against, common.settings())
    if html is not None:
        pipeline.monitor_page(found, html)
    if common.as_json:
        show_json(found)
    else:
        _show(found)
    if found["level"] == "alarm":
        raise AttentionError(
            "{run} against {against}: alarm for {alarms}",
            run=found["run"],
            against=found["against"],
            alarms=Joined(", ", _alarms(found)),
        )


def _alarms(found: dict[str, Any]) -> list[str]:
    """What stands at alarm, in a few words."""
    told = []
    for kind in found["kinds"]:
        if kind["counts"]["alarm"]:
            told.append(f"{kind['counts']['alarm']} columns of {kind['kind']}")
        if kind["outcome"] and kind["outcome"]["level"] == "alarm":
            told.append(f"the outcome of {kind['kind']}")
    return told + [f"confirmations of {row['kind']}" for row in found["labels"] if row["level"] == "alarm"]


def _show(found: dict[str, Any]) -> None:
    for kind in found["kinds"]:
        moved = [row for row in kind["columns"] if row["level"] in ("alarm", "watch")]
        rows = [
            (row["name"], row["level"], row["psi"], _chance(row["p"]), _share(row["gain"]), _unknown(row))
            for row in moved[:SHOWN]
        ]
        title = spoken(
            "{kind}: {moved} of {all} columns moved since {since}",
            kind=kind["kind"],
            moved=len(moved),
            all=len(kind["columns"]),
            since=kind["since"],
        )
        show_table(title, ("column", "level", "PSI", "p, adjusted", "gain", "unknown"), rows)
        if len(moved) > SHOWN:
            say("  and {more} more; --json names all", more=len(moved) - SHOWN)
        if kind["counts"]["expected"]:
            say(
                "  {expected} more moved as expected: they grow by themselves, or a rule moves them",
                expected=kind["counts"]["expected"],
            )
        for one in kind["regimes"]:
            say("  rule in between, {on}: {what} ({source})", on=one["on"], what=one["what"], source=one["source"])
        if kind["outcome"]:
            _outcome(kind["outcome"])
    head = ("kind", "month", "confirmed", "mean of the months before", "p, adjusted", "level")
    told = [(r["kind"], r["month"], r["last"], r["before"], _chance(r["p"]), r["level"]) for r in found["labels"]]
    show_table("Confirmations", head, told)
    say("{run} against {against}: {level}", run=found["run"], against=found["against"], level=found["level"])


def _outcome(told: dict[str, Any]) -> None:
    months = ", ".join(f"{one['month'][:7]} {one['confirmed']}" for one in told["by_month"]) or spoken("none")
    say(
        "  outcome of the earlier run: {level}; confirmed {confirmed} of {flagged} flagged, {expected:.1f} expected; "
        "by month: {months}",
        months=months,
        **{name: told[name] for name in ("level", "confirmed", "flagged", "expected")},
    )


def _chance(p: float | None) -> str:
    return "-" if p is None else ("< 0.001" if p < 0.001 else f"{p:.3f}")


def _unknown(row: dict[str, Any]) -> str:
    """The share of unknown values before and now."""
    return spoken("{before:.0%} to {now:.0%}", before=row["unknown_before"], now=row["unknown_now"])


def _share(gain: float | None) -> str:
    """How much of the model's gain a column has; the score itself has none."""
    return "-" if gain is None else f"{gain:.1%}"
