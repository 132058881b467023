"""Commands about keys: make, rotate and revoke the own ones, take in and confirm those of institutions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fraudnet.cli.options import Common
from fraudnet.cli.output import say_facts, show_json, show_table

keys = typer.Typer(no_args_is_help=True, help="Keys to sign and encrypt lists and models with.")
Fingerprint = Annotated[str, typer.Argument(help="Fingerprint as `fraudnet keys list` shows it.")]


def _told(common: Common, found: dict[str, Any]) -> None:
    if common.as_json:
        return show_json(found)
    return say_facts(found)


@keys.command("make")
def make(context: typer.Context, name: Annotated[str, typer.Argument(help="Own name, e.g. unit_hanoi.")]) -> None:
    """Make the own keys; give others the public.json, and read them the fingerprint on the telephone."""
    from fraudnet import pipeline

    _told(context.obj, pipeline.make_own_keys(context.obj.settings(), name))


@keys.command("rotate")
def rotate(context: typer.Context) -> None:
    """Make new own keys and a rotation.json that the old ones signed, for everybody who trusts the old ones."""
    from fraudnet import pipeline

    _told(context.obj, pipeline.rotate_own_keys(context.obj.settings()))


@keys.command("add")
def add(context: typer.Context, file: Annotated[Path, typer.Argument(help="public.json or rotation.json.")]) -> None:
    """Take in an institution's keys; two people must confirm them, unless its old keys signed them."""
    from fraudnet import pipeline

    _told(context.obj, pipeline.offer_keys(context.obj.settings(), file))


@keys.command("confirm")
def confirm(context: typer.Context, fingerprint: Fingerprint) -> None:
    """Say that you compared this fingerprint with its owner by another way than mail."""
    from fraudnet import pipeline

    _told(context.obj, pipeline.confirm_keys(context.obj.settings(), fingerprint))


@keys.command("revoke")
def revoke(
    context: typer.Context,
    fingerprint: Fingerprint,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a word or by a document's number.")],
) -> None:
    """Never use these keys again."""
    from fraudnet import pipeline

    _told(context.obj, pipeline.revoke_keys(context.obj.settings(), fingerprint, reason))


@keys.command("sign")
def sign(context: typer.Context, folder: Annotated[Path, typer.Argument(help="Exported model folder.")]) -> None:
    """Vouch for a model from elsewhere or from before models were signed, so that it may score here; recorded."""
    from fraudnet import pipeline

    _told(context.obj, pipeline.sign_brought(folder, context.obj.settings()))


@keys.command("list")
def show(context: typer.Context) -> None:
    """Show every key and whether it is used."""
    from fraudnet import pipeline

    found = pipeline.known_keys(context.obj.settings())
    if context.obj.as_json:
        return show_json(found)
    return show_table("Keys", ("owner", "fingerprint", "state"), [list(row.values()) for row in found])
