"""Commands about rings and money: the cases of a run, one case, the trail of what a victim paid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fraudnet.cli.options import AsOf, Common, Drops, MappingFile, moment
from fraudnet.cli.output import progress, say, show_json, show_table, spoken
from fraudnet.errors import ConfigurationError

RUNS = Path("runs")
RULES = ("fifo", "lifo", "proportional", "lowest", "floor")
SHOWN, LEAST = 20, 100_000
Run = Annotated[Path, typer.Option("--run", help="A run folder, or the folder of runs for the newest one.")]
ENDS = {"held": "still there", "cash": "left as cash", "crypto": "left to a crypto desk", "abroad": "left abroad",
        "seller": "a seller in good faith", "beyond": "beyond our data"}  # fmt: skip


def cases(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(help="A run folder, or the folder of runs for the newest one.")] = RUNS,
) -> None:
    """List the cases of a run: flagged entities that belong together, the most money at risk first."""
    common: Common = context.obj
    from fraudnet import pipeline
    from fraudnet.expressions import local_day

    found = pipeline.known_cases(run)
    if common.as_json:
        return show_json(found)
    head = ("case", "members", "flagged", "victims", "lost", "still there", "to hold", "found")
    rows = [
        [row["case_id"], row["members"], row["flagged"], row["victims"], row["lost"], row["still_there"],
         row["to_hold"], str(local_day(row["found_at"]))]
        for row in found[:SHOWN]
    ]  # fmt: skip
    show_table(spoken("The first {shown} of {all} cases", shown=min(SHOWN, len(found)), all=len(found)), head, rows)
    return say("next: fraudnet case KEY")


def case(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Key of the case, V- and six letters.")],
    run: Run = RUNS,
    out: Annotated[Path | None, typer.Option("--out", help="Also write picture, GraphML and CSV here.")] = None,
    dossier: Annotated[Path | None, typer.Option("--dossier", help="Also write the dossier for court here.")] = None,
    bundle: Annotated[Path | None, typer.Option("--bundle", help="Also write it for another unit into here.")] = None,
    recipient: Annotated[str, typer.Option("--for", help="That unit: the owner of keys that are trusted here.")] = "",
) -> None:
    """Tell one case: members and roles, the links that explain it, where the money is; export it."""
    common: Common = context.obj
    from fraudnet import pipeline

    settings = common.settings()
    if (bundle is None) != (not recipient):
        raise ConfigurationError("--bundle and --for: got one of the two, expected both")
    found = pipeline.tell_case(key, run, settings)
    files = pipeline.export_case(key, run, out, settings) if out is not None else []
    if dossier is not None:
        pipeline.case_dossier(key, run, dossier, settings)
    sent = pipeline.bundle_case(key, run, recipient, bundle, settings) if bundle is not None else None
    if common.as_json:
        return show_json({**found, "bundle": sent})
    _members(found)
    if sent is not None:
        say("for {unit}: {file}", unit=recipient, file=sent["file"])
    for name in files:
        say("{out}/{name}", out=out, name=name)
    return say("dossier: {dossier}", dossier=dossier) if dossier is not None else None


def _members(found: dict[str, Any]) -> None:
    shown = [row for row in found["member_rows"] if row["kind"] not in ("device", "exit") and row["part"] != "victim"]
    rows = [
        [row["entity_id"], row["part"], row["role"] or "-", "; ".join(row["why"]) or "-", row["pieces"]]
        for row in sorted(shown, key=lambda one: (-one["received"], one["entity_id"]))
    ]
    title = spoken("{case}: {members} members", case=found["case_id"], members=found["members"])
    show_table(title, ("member", "part", "role", "why", "pieces left"), rows)
    links = [
        [row["source"], row["kind"], row["target"], row["amount"], _days(row)]
        for row in found["case_links"] if row["explains"]
    ]  # fmt: skip
    show_table("Links that explain it", ("from", "link", "to", "amount", "days"), links)
    holds = [
        [row["entity_id"], row["fifo"], row["lifo"], row["proportional"], row["lowest"], row["floor"], row["hold"]]
        for row in sorted(found["case_holds"], key=lambda one: (-one["hold"], -one["floor"], one["entity_id"]))[:SHOWN]
    ]
    head = ("account", "FIFO", "LIFO", "in proportion", "lowest balance", "every rule", "to hold")
    show_table("Victims' money that is still there", head, holds)


def _days(row: dict[str, Any]) -> str:
    first, last = row["first_at"] or row["valid_from"], row["last_at"] or row["valid_to"]
    from fraudnet.expressions import local_day

    return spoken(" to ").join(str(local_day(one)) for one in (first, last) if one is not None)


def trace(
    context: typer.Context,
    drops: Drops,
    account: Annotated[list[str], typer.Option("--account", help="Account paid into, or the victim's own; repeat.")],
    at: Annotated[list[str], typer.Option("--at", help="When, by Vietnam's clock: '2026-09-21 08:31'; repeat.")],
    amount: Annotated[list[str], typer.Option("--amount", help="How much, in đồng; repeat.")],
    until: AsOf = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write tables, letters and lists here.")] = None,
    mapping: MappingFile = None,
) -> None:
    """Follow a victim's money through accounts and banks: where it is, what to hold, whom to ask."""
    common: Common = context.obj
    from fraudnet import pipeline

    if not len(account) == len(at) == len(amount):
        raise ConfigurationError("each report needs --account, --at and --amount, in the same order")
    reports = [pipeline.report(*typed) for typed in zip(account, at, amount, strict=True)]
    request = pipeline.Request(tuple(drops), mapping, moment(until))
    with progress(common.as_json) as told:
        found = pipeline.trace_money(request, reports, out, common.settings(), told)
    shown = {row["account"] for row in (*found["reports"], *found["accounts"])}
    people = sorted(account for account in shown if account.startswith("account:"))
    pipeline.note_opening(common.settings(), people, "trace")
    if common.as_json:
        return show_json(found)
    return _trail(found, out)


def _bounds(row: dict[str, Any]) -> str:
    """What an unknown opening balance leaves possible; nothing where it is known or the money only ends there."""
    if row["certain"] or row["state"] != "held":
        return ""
    return spoken("{least:,} to {most:,}", least=row["fifo_least"], most=row["fifo_most"])


def _trail(found: dict[str, Any], out: Path | None) -> None:
    for one in found["reports"]:
        say(
            "{account}: {amount:,} {known}",
            account=one["account"],
            amount=one["amount"],
            known="found in the data" if one["found"] else "typed, no row fits",
        )
    large = [row for row in found["accounts"] if max(row[rule] for rule in RULES) >= LEAST]
    rows = [
        [row["account"], ENDS[row["state"]], *(row[rule] for rule in RULES), _bounds(row)]
        for row in sorted(large, key=lambda one: (-one["floor"], -one["fifo"], -one["lifo"], one["account"]))[:SHOWN]
    ]
    rest = len(found["accounts"]) - len(rows)
    if rest:
        shown = {row[0] for row in rows}
        small = [row for row in found["accounts"] if row["account"] not in shown]
        sums = [sum(row[rule] for row in small) for rule in RULES]
        rows.append([spoken("{count} more, smaller", count=rest), "", *sums, ""])
    head = ("account", "where", "FIFO", "LIFO", "in proportion", "lowest balance", "every rule", "FIFO, bounds")
    title = spoken("Where {total:,} is, {count} accounts", total=found["total"], count=len(found["accounts"]))
    show_table(title, head, rows)
    show_table("Smallest amount to hold", ("account", "amount", "stops", "others it touches"),
               [[row["account"], row["amount"], row["stops"], row["touches"]] for row in found["hold"]])  # fmt: skip
    if found["beyond"]:
        asked = [
            [row["name"], row["account"], str(row["arrived"]), row["victims_money"]] for row in found["beyond"][:SHOWN]
        ]
        show_table("Beyond our data", ("institution", "account", "arrived (UTC)", "victims' money at most"), asked)
    for name in found["files"]:
        say("{out}/{name}", out=out, name=name)
