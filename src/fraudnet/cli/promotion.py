"""The command that lets a challenger take the champion's place, or the champion of before come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say, show_json, show_table, spoken
from fraudnet.errors import GateRefusedError
from fraudnet.messages.telling import Joined

SHOWN = 15

if TYPE_CHECKING:
    from fraudnet.settings import Settings


def promote(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Model, e.g. account-both; all that wait when left out.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "",
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Who decides; two people may let a model pass that is not worse.")
    ] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Make the champion of before champion again.")] = False,
) -> None:
    """Put challengers to the gate and make those champion that pass it; say why, and who falls out of the top."""
    common: Common = context.obj
    from fraudnet import pipeline

    chosen = common.settings()
    if rollback:
        return _back(pipeline.roll_back_models(name, reason, by or (), chosen), common.as_json)
    found = pipeline.promote_models(name, reason, by or (), chosen)
    if common.as_json:
        show_json(found)
    elif not found:
        say("no challenger waits; `fraudnet train` makes one when it has learned something else than the champion")
    else:
        for one in found:
            _show(one, chosen)
    _refuse([one for one in found if not one["promoted"]])
    return None


def _show(one: dict[str, Any], settings: Settings) -> None:
    rows = [(c["name"], c["found"], c["bound"], _passes(c)) for c in one["checks"]]
    model = {"name": one["name"], "version": one["version"]}
    if one["replaces"]:
        title = spoken("{name} version {version} against version {before}", before=one["replaces"], **model)
    else:
        title = spoken("{name} version {version} with no champion before", **model)
    show_table(title, ("gate", "found", "asked", "passes"), rows)
    if one["fallen"]:
        head = ("by", "whose or what", "in the top", "fell out", "cleared", "p", "in doubt")
        keys = ("by", "name", "top", "fell", "cleared", "p", "doubted")
        fallen = [[_plain(row[key]) for key in keys] for row in one["fallen"][:SHOWN]]
        show_table(spoken("Who falls out of the first {share:.1%}", share=settings.capacity), head, fallen)
    if one["promoted"]:
        say("{name} version {version} is champion now: {why}", why=one["why"], **model)
    else:
        say("{name} version {version} was not promoted: {why}", why=one["why"], **model)


def _passes(check: dict[str, Any]) -> str:
    if check["passed"]:
        return spoken("yes")
    return spoken("NO") if check["stops"] else spoken("no, told only")


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  # NaN is not itself


def _back(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        return show_json(found)
    for one in found:
        say(
            "{name}: version {champion} is champion again, version {left} is not any more",
            name=one["name"],
            champion=one["champion"],
            left=one["left"],
        )
    return None


def _refuse(stopped: list[dict[str, Any]]) -> None:
    if stopped:
        told = Joined("; ", (f"{one['name']} version {one['version']}: {one['why']}" for one in stopped))
        raise GateRefusedError("{count} challenger(s) did not pass the gate: {told}", count=len(stopped), told=told)
