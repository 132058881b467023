"""Commands about lists: write them, pack them for institutions, open, check and fill a package, acknowledge it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fraudnet.cli.options import Common, moment
from fraudnet.cli.output import progress, say, show_json, show_table, spoken
from fraudnet.errors import ListRefusedError, WriteFailedError

DEFAULT = "write"
RUN = typer.Argument(help="A run folder, or the folder of runs for the newest one.")
On = Annotated[str | None, typer.Option("--on", help="Day of the list, e.g. 2026-10-05; today otherwise.")]


class Lists(TyperGroup):
    """`fraudnet lists RUN` writes the lists of a run; every other word is a command."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put the usual command in where none is named."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


lists = typer.Typer(cls=Lists, no_args_is_help=True, help="Lists for institutions: `fraudnet lists RUN` writes them.")


@lists.command(DEFAULT)
def write(
    context: typer.Context,
    run: Annotated[Path, RUN],
    out: Annotated[Path | None, typer.Option("--out", help="Where to write; lists/ beside the run otherwise.")] = None,
) -> None:
    """Write each institution's flagged list from a run: every format, checked, all or nothing."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    with progress(common.as_json) as report:
        found = pipeline.publish_lists(run, out, chosen, report)
    if common.as_json:
        return show_json(found)
    _changed(found["changed"])
    head = ("institution", "kind", "entries", "expected honest")
    keys = ("institution", "kind", "entries", "expected_honest")
    show_table("Lists by institution", head, [[row[key] for key in keys] for row in found["summary"]])
    return say("lists: {folder}", folder=found["folder"])


@lists.command("pack")
def pack(
    context: typer.Context,
    authority: Annotated[Path, typer.Option("--authority", help="TOML file: who asks, by which document.")],
    run: Annotated[Path | None, RUN] = None,
    on: On = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to copy the packages to.")] = None,
) -> None:
    """Sign and encrypt to each institution what has changed; without a run only what was cleared, has gone, expired."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    order = pipeline.Order(pipeline.read_authority(authority), _now(on), pipeline.newest(run) if run else None)
    if out is not None:
        _copied([], out)  # a folder that cannot be made is said before anything is packed
    with progress(common.as_json) as report:
        found = pipeline.pack_lists(order, chosen, report)
    if out is not None:
        _copied([row["file"] for row in found["packages"]], out)
    if common.as_json:
        return show_json(found)
    _changed(found["changed"])
    keys = ("institution", "sequence", "add", "update", "suspend", "resume", "withdraw", "live")
    show_table("Packages", keys, [[row[key] for key in keys] for row in found["packages"]])
    for row in found["held"]:
        say(
            "held back: {entries} entries of {institution}: {reason}",
            entries=row["entries"],
            institution=row["institution"],
            reason=row["reason"],
        )
    return say("packages: {where}", where=out or found["folder"] or "nothing has changed")


def _changed(changes: list[dict[str, Any]]) -> None:
    for change in changes:
        say(
            "changed since the last lists: {key}: {old} -> {new} (by {who})",
            key=change["key"],
            old=change["old"],
            new=change["new"],
            who=change["who"],
        )


@lists.command("approve")
def approve(
    context: typer.Context,
    proposal: Annotated[int | None, typer.Argument(help="Its number; without one, what waits is shown.")] = None,
) -> None:
    """Sign changed settings or a changed mapping as the second person, so that lists can leave."""
    common: Common = context.obj
    from fraudnet import pipeline

    if proposal is None:
        waiting = pipeline.waiting_terms(common.settings())
        if common.as_json:
            return show_json(waiting)
        head = ("proposal", "key", "old", "new", "who")
        return show_table("Waiting for a second signature", head, [[row[k] for k in head] for row in waiting])
    found = pipeline.approve_terms(common.settings(), proposal)
    if common.as_json:
        return show_json(found)
    return say(
        "proposal {proposal} of {by} signed by {signed_by}",
        proposal=found["proposal"],
        by=found["by"],
        signed_by=found["signed_by"],
    )


def _copied(files: list[str], out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, out)
    except OSError as error:
        left = "; nothing was packed"
        if files:
            left = spoken("; the packages lie in {folder}", folder=Path(files[0]).parent)
        raise WriteFailedError(
            "{out}: could not be written ({reason}){left}", out=out, reason=error.strerror, left=left
        ) from None


def _now(on: str | None) -> datetime:
    """Now, or the noon of another day that is named."""
    from datetime import timedelta

    day, now = moment(on, "--on"), datetime.now(UTC)
    return now if day is None or day <= now < day + timedelta(days=1) else day + timedelta(hours=12)


@lists.command("open")
def open_one(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="A package, e.g. bank_north-000001.age.")],
    keys: Annotated[Path, typer.Option("--keys", help="Folder of the own keys.")],
    sender: Annotated[list[Path], typer.Option("--sender", help="public.json of a trusted sender; several times.")],
    into: Annotated[Path, typer.Option("--into", help="Folder that lists are unpacked in.")] = Path("lists-in"),
    on: On = None,
) -> None:
    """What an institution runs: verify, decrypt and unpack a package, and show what it asks for."""
    common: Common = context.obj
    from fraudnet import pipeline
    from fraudnet.expressions import local_day

    found = pipeline.open_list(package, keys, tuple(sender), into, local_day(_now(on)))
    if common.as_json:
        return show_json(found)
    say(
        "list {list_id}, number {sequence} of {sender}, made {created}",
        list_id=found["list_id"],
        sequence=found["sequence"],
        sender=found["sender"],
        created=found["created"],
    )
    if found["missing"]:
        say(
            "missing: {missing} packages before it were not opened here; ask for them, or for all that stands",
            missing=found["missing"],
        )
    say(
        "asked by {unit}, document {document}",
        unit=found["authority"].get("unit", ""),
        document=found["authority"].get("document", ""),
    )
    names = ("add", "update", "suspend", "resume", "withdraw", "live")
    say("{totals}", totals=", ".join(f"{spoken(name)} {found['totals'][name]}" for name in names))
    if found["standing"] == "differs":
        say("what stands after it differs from the sender's control totals; ask for all that stands")
    say("unpacked: {folder}", folder=found["folder"])
    return say("send back: {acknowledgement} and its signature", acknowledgement=found["acknowledgement"])


@lists.command("ack")
def ack(context: typer.Context, file: Annotated[Path, typer.Argument(help="ack.json of an institution.")]) -> None:
    """Record an institution's acknowledgement, verified by the signature beside it."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.record_acknowledgement(file, common.settings())
    if common.as_json:
        return show_json(found)
    for row in found["rejected"]:
        say("rejected: entry {entry}, {field}: {code}", entry=row["entry"], field=row["field"], code=row["code"])
    return say(
        "list {list_id}: {accepted} accepted, {rejected} rejected",
        list_id=found["list_id"],
        accepted=found["accepted"],
        rejected=len(found["rejected"]),
    )


@lists.command("check")
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A list file from anywhere.")],
    level: Annotated[
        str, typer.Option("--level", help="draft, or ready: what may be sent to the State Bank.")
    ] = "ready",
) -> None:
    """Name every wrong field of a list file."""
    common: Common = context.obj
    from fraudnet import pipeline

    problems = pipeline.check_list_file(file, level)
    if common.as_json:
        show_json(problems)
    for line in [] if common.as_json else problems:
        say(line)
    if problems:
        raise ListRefusedError("{file}: {count} problems at level {level}", file=file, count=len(problems), level=level)
    if not common.as_json:
        say("{file}: nothing is wrong at level {level}", file=file, level=level)


@lists.command("fill")
def fill(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="An unpacked list with SIMO drafts.")],
    filled: Annotated[Path, typer.Argument(help="Its to_fill.csv with the column `value` filled in.")],
    out: Annotated[Path, typer.Option("--out", help="Where the reports that may be sent are written.")],
) -> None:
    """Join what only the bank knows into its drafts; writes them only when they may be sent."""
    common: Common = context.obj
    from fraudnet import pipeline

    written = [str(path) for path in pipeline.fill(folder, filled, out)]
    if common.as_json:
        return show_json(written)
    return say("\n".join(["ready to send:", *written]))


@lists.command("sample")
def sample(context: typer.Context, to: Annotated[Path, typer.Argument(help="A new folder.")], on: On = None) -> None:
    """Make an invented package with the keys to open it, to try your own side with."""
    common: Common = context.obj
    from fraudnet import pipeline
    from fraudnet.expressions import local_day

    found = pipeline.sample_package(to, local_day(_now(on)), common.settings())
    if common.as_json:
        return show_json(found)
    return say(
        "try: fraudnet lists open {package} --keys {keys} --sender {sender}",
        package=found["package"],
        keys=found["keys"],
        sender=found["sender"],
    )


@lists.command("rebuild")
def rebuild(
    context: typer.Context,
    institution: Annotated[str, typer.Argument(help="Recipient of the list.")],
    list_id: Annotated[str, typer.Argument(help="Number of the list, e.g. 20261005-0123456789ab.")],
    to: Annotated[Path, typer.Option("--out", help="Folder for the package.")] = Path(),
) -> None:
    """Make a package again whose file was lost, equal to the byte inside its envelope."""
    common: Common = context.obj
    from fraudnet import pipeline

    found = pipeline.rebuild_list(institution, list_id, common.settings(), to)
    return show_json(found) if common.as_json else say(found["file"])
