"""The commands and what they are called; each lives in the file of its group."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import fraudnet
from fraudnet.cli import (
    answers,
    campaign,
    case_import,
    cases,
    data,
    demo,
    drops,
    explaining,
    keys,
    lookup,
    model,
    monitor,
    promotion,
    record,
    redress,
    run,
)
from fraudnet.cli import console as console_command
from fraudnet.cli import lists as lists_group
from fraudnet.cli import mapping as mapping_command
from fraudnet.cli.options import Common

app = typer.Typer(
    name="fraudnet",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Link SIM cards, bank accounts and identities, rank them for a review, write each institution its own list.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fraudnet {fraudnet.__version__}")
        raise typer.Exit


@app.callback(epilog="These options may stand before or behind a command.")
def root(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON for machines.")] = False,
    home: Annotated[Path | None, typer.Option("--home", help="Data directory: cache, models, MLflow store.")] = None,
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings in TOML (docs/settings.md).")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of every random choice.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Language of texts and errors: vi, en or fr.")] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Keep the options that every command knows."""
    context.obj = Common(as_json, home, settings, seed, lang)


EPILOG = "Also: --json, --home DIR, --settings FILE, --seed N, --lang L; `fraudnet --help` explains them."

app.command("demo", epilog=EPILOG)(demo.demo)
app.command("synth", epilog=EPILOG)(data.synth)
app.command("map", epilog=EPILOG)(mapping_command.map_files)
app.command("check", epilog=EPILOG)(data.check)
app.command("add", epilog=EPILOG)(drops.add)
app.command("drops", epilog=EPILOG)(drops.drops)
app.command("lookup", epilog=EPILOG)(lookup.lookup)
app.command("train", epilog=EPILOG)(model.train)
app.command("evaluate", epilog=EPILOG)(model.evaluate)
app.command("models", epilog=EPILOG)(model.models)
app.command("ui", epilog=EPILOG)(model.ui)
app.command("promote", epilog=EPILOG)(promotion.promote)
app.command("score", epilog=EPILOG)(run.score)
app.command("console", epilog=EPILOG)(console_command.console)
app.add_typer(lists_group.lists, name="lists", epilog=EPILOG)
app.add_typer(keys.keys, name="keys")
app.command("receive", epilog=EPILOG)(answers.receive)
app.command("recalls", epilog=EPILOG)(answers.recalls)
app.add_typer(redress.contest, name="contest")
app.command("harm", epilog=EPILOG)(redress.harm)
app.command("dossier", epilog=EPILOG)(redress.dossier)
app.command("runs", epilog=EPILOG)(run.runs)
app.command("monitor", epilog=EPILOG)(monitor.monitor)
app.command("cases", epilog=EPILOG)(cases.cases)
app.command("case", epilog=EPILOG)(cases.case)
app.command("import", epilog=EPILOG)(case_import.take)
app.command("trace", epilog=EPILOG)(cases.trace)
app.command("report", epilog=EPILOG)(campaign.report)
app.command("explain", epilog=EPILOG)(explaining.explain)
app.command("diff", epilog=EPILOG)(explaining.diff)
app.command("whatif", epilog=EPILOG)(explaining.whatif)
app.add_typer(record.audit, name="audit")
app.add_typer(record.store, name="store")
