"""Commands about the people on lists: their contests, what lists did to the innocent, the data-protection paper."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, say_facts, show_json, show_table

contest = typer.Typer(no_args_is_help=True, help="Entries that somebody says are wrong: deadlines, reviewers, answers.")
Number = Annotated[int, typer.Argument(help="Number of the contest.")]
Document = Annotated[str, typer.Option("--document", help="Number of the paper that it rests on.")]


def _told(common: Common, found: dict[str, object]) -> None:
    if common.as_json:
        return show_json(found)
    return say_facts(found)


@contest.command("open")
def open_one(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="Key of the entry, from answers.csv or changes.jsonl.")],
    document: Document,
    reviewer: Annotated[list[str], typer.Option("--reviewer", help="Who may review it; several times.")],
    kind: Annotated[str, typer.Option("--kind", help="held_amount (12 hours) or other (3 working days).")] = "other",
    note: Annotated[str, typer.Option("--note", help="What the person says; kept sealed.")] = "",
) -> None:
    """Open a contest: sets its deadline, picks a reviewer, pauses the entry in the next package."""
    from fraudnet import pipeline

    said = pipeline.Complaint(entry, kind, document, tuple(reviewer))
    _told(context.obj, pipeline.open_contest(said, context.obj.settings(), datetime.now(UTC), note))


@contest.command("paused")
def paused(context: typer.Context, number: Number) -> None:
    """Note that the institution has paused its strongest action."""
    from fraudnet import pipeline

    _told(context.obj, pipeline.contest_paused(number, context.obj.settings(), datetime.now(UTC)))


@contest.command("decide")
def decide(
    context: typer.Context,
    number: Number,
    outcome: Annotated[str, typer.Argument(help="cleared or upheld.")],
    document: Document,
) -> None:
    """Answer a contest as its reviewer; `cleared` takes the entry off, and what rests on it."""
    from fraudnet import pipeline

    chosen = context.obj.settings()
    _told(context.obj, pipeline.decide_contest(number, outcome, document, chosen, datetime.now(UTC)))


@contest.command("list")
def show(context: typer.Context) -> None:
    """List the contests, what was asked and done, and which are overdue."""
    from fraudnet import pipeline

    found = pipeline.contests_told(context.obj.settings(), datetime.now(UTC))
    if context.obj.as_json:
        return show_json(found)
    head = ("contest", "institution", "kind", "deadline", "reviewer", "pause", "outcome", "overdue")
    return show_table("Contests", head, [[row[name] for name in head] for row in found])


@contest.command("page")
def page(
    context: typer.Context,
    number: Number,
    out: Annotated[Path, typer.Option("--out", help="The HTML file.")] = Path("contest.html"),
) -> None:
    """Write the page that the person can be given; it tells nothing about others."""
    from fraudnet import pipeline

    say(str(pipeline.write_contest_page(number, out, context.obj.settings(), datetime.now(UTC))))


def harm(context: typer.Context) -> None:
    """Say how many honest people were listed, how long, and how much of their money was held, by group."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.harm_told(common.settings(), datetime.now(UTC))
    if common.as_json:
        return show_json(found)
    head = ("listed", "judged", "wrong", "low", "high", "days_to_clear", "held_people", "held_amount", "days_held")
    show_table("All", head, [[found["overall"][name] for name in head]])
    rows = [[row["column"], row["value"], *(row[name] for name in head[:6])] for row in found["groups"]]
    show_table("By group (95 % intervals)", ("by", "group", *head[:6]), rows)
    return say("no list is published when the interval of wrong flags reaches above {bound:.0%}", bound=found["bound"])


def dossier(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(help="A run folder, or the folder of runs for the newest one.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for dossier.md and dossier.html.")] = Path("dossier"),
) -> None:
    """Write from a run what the data-protection law asks for: purposes, fields, recipients, retention, measures."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.write_dossier(run, out, common.settings())
    if common.as_json:
        return show_json(found)
    return say("\n".join(found["files"]))
