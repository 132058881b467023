"""Commands about what institutions answer: take answers in, confirm or undo them, rule on what falls by them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say_facts, show_json, show_table
from fraudnet.errors import AttentionError, ConfigurationError

Document = Annotated[str, typer.Option("--document", help="Number of the paper that it rests on.")]


def receive(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A file of answers: CSV, XLSX, or either encrypted (.age).")
    ] = None,
    institution: Annotated[str | None, typer.Option("--from", help="Which institution it is of.")] = None,
    signature: Annotated[
        Path | None, typer.Option("--signature", help="Detached signature; FILE.sig otherwise.")
    ] = None,
    wording: Annotated[Path | None, typer.Option("--wording", help="TOML: what the file calls our columns.")] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Where rows that cannot be used are listed.")
    ] = None,
    confirm: Annotated[
        str | None, typer.Option("--confirm", help="Vouch for an unsigned delivery of somebody else.")
    ] = None,
    undo: Annotated[str | None, typer.Option("--undo", help="Take back what a delivery decided.")] = None,
    document: Document = "",
) -> None:
    """Take in an institution's answers; without a file, list the deliveries. Unsigned ones wait for a second person."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen, now = common.settings(), datetime.now(UTC)
    if confirm is not None:
        return _told(common, pipeline.confirm_answers(confirm, document, chosen, now))
    if undo is not None:
        return _told(common, pipeline.undo_answers(undo, document, chosen, now))
    if file is None:
        return _listed(common, pipeline.known_deliveries(chosen))
    if institution is None:
        raise ConfigurationError("--from: got nothing, expected the institution that the answers are of")
    delivery = pipeline.Delivery(file, institution, signature, wording)
    target = rejects or file.with_name(f"{file.stem}.rejects.csv")
    return _told(common, pipeline.receive_answers(delivery, chosen, now, target))


def _listed(common: Common, found: list[dict[str, Any]]) -> None:
    if common.as_json:
        return show_json(found)
    head = ("delivery", "institution", "state", "answers", "rejected")
    return show_table("Deliveries", head, [[row["delivery"][:12], *(row[k] for k in head[1:])] for row in found])


def _told(common: Common, found: dict[str, Any]) -> None:
    if common.as_json:
        show_json(found)
    else:
        say_facts({name: value for name, value in found.items() if name != "alarm"})
    alarm = found.get("alarm")
    if alarm:
        raise AttentionError(
            "{institution} cleared {cleared} of {judged} judged entries; by their scores the chance of "
            "so many is {chance:.1g}: look before anybody rules on them",
            institution=alarm["institution"],
            cleared=alarm["cleared"],
            judged=alarm["judged"],
            chance=alarm["chance"],
        )


def recalls(
    context: typer.Context,
    decision: Annotated[int | None, typer.Argument(help="Number of a clearing to rule on.")] = None,
    ruling: Annotated[str | None, typer.Option("--ruling", help="confirmed or denied, by a lead.")] = None,
    document: Document = "",
) -> None:
    """Show what was recalled and what waits for a lead's word; with a decision and --ruling, give it."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen, now = common.settings(), datetime.now(UTC)
    if decision is not None:
        _told(common, pipeline.rule_on(decision, ruling or "", document, chosen, now))
        return
    found = pipeline.recalls_told(chosen, now)
    if common.as_json:
        show_json(found)
    else:
        head = ("institution", "reason", "entries", "days_median", "days_most")
        show_table("Recalled", head, [[row[k] for k in head] for row in found["recalls"]])
        columns = ("decision", "institution", "since", "resting", "institutions", "overdue")
        show_table("Waiting for a lead", columns, [[row[k] for k in columns] for row in found["waiting"]])
    if found["overdue"]:
        raise AttentionError(
            "{overdue} clearings wait for a lead's word since more than 24 hours", overdue=found["overdue"]
        )
