"""Arguments and options that several commands share, and how they become Settings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraudnet.errors import ConfigurationError

if TYPE_CHECKING:
    from fraudnet.settings import Settings

Drops = Annotated[list[Path], typer.Argument(help="One or more drop folders, read as one history.")]
DropsOrRegistered = Annotated[
    list[Path] | None,
    typer.Argument(help="Drop folders, read as one history; without any, all that `fraudnet add` has registered."),
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="Mapping file; without it each drop's own mapping.toml.")
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Cut-off, e.g. 2026-10-01: nothing at or after it matters.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="account, sim or identity; may be given several times.")
]
Without = Annotated[str | None, typer.Option("--without", help="Leave out a group of features: graph.")]

AllowGap = Annotated[bool, typer.Option("--allow-gap", help="Go on when a source lacks the last days before --as-of.")]

AcceptSynthetic = Annotated[
    bool,
    typer.Option("--accept-synthetic-model", help="Let a model that knows only a synthetic world judge a real drop."),
]

FIRST_YEAR, LAST_YEAR = 1900, 2100
# Options that mean the same for every command may stand anywhere on the line: name -> whether a value follows.
EVERYWHERE = {"--json": False, "--home": True, "--settings": True, "--seed": True, "--lang": True}


@dataclass(frozen=True)
class Common:
    """What the options that every command knows were set to."""

    as_json: bool = False
    home: Path | None = None
    settings_file: Path | None = None
    seed: int | None = None
    lang: str | None = None

    def settings(self, **arguments: object) -> Settings:
        """Settings from these options, the command's own, the environment and a file."""
        from fraudnet.settings import load_settings

        given = {"home": self.home, "seed": self.seed, **arguments}
        settings = load_settings(self.settings_file, **{k: v for k, v in given.items() if v is not None})
        # Compiled kernels lie beside the package, once for all data directories, unless nobody can write there.
        if not os.access(Path(__file__).parent, os.W_OK):
            os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.home.resolve() / "cache" / "numba"))
        return settings


def hoisted(arguments: list[str]) -> list[str]:
    """The command line with the options of EVERYWHERE moved to its front; nothing behind `--` is touched."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    front, rest, place = [], [], 0
    while place < end:
        word = arguments[place]
        name = word.split("=", 1)[0]
        if name not in EVERYWHERE:
            rest.append(word)
        else:
            follows = EVERYWHERE[name] and "=" not in word and place + 1 < end
            front.extend(arguments[place : place + 1 + follows])
            place += follows
        place += 1
    return front + rest + arguments[end:]


def language(arguments: list[str]) -> str:
    """The language of a hoisted command line: its --lang, else the setting `commands_language`.

    Raises ConfigurationError for a language that there is not.
    """
    from fraudnet.messages import LANGUAGES

    asked, file = _given(arguments, "--lang"), _given(arguments, "--settings")
    if asked is not None:
        if asked not in LANGUAGES:
            raise ConfigurationError("--lang: got {lang!r}, expected {known}", lang=asked, known=", ".join(LANGUAGES))
        return asked
    if file is None and "FRAUDNET_COMMANDS_LANGUAGE" not in os.environ:
        return "en"  # the setting's default, without loading what settings need: help stays quick
    from fraudnet.settings import load_settings

    try:
        return load_settings(Path(file) if file is not None else None).commands_language
    except ConfigurationError:  # a command that needs these settings says what is wrong with them
        said = os.environ.get("FRAUDNET_COMMANDS_LANGUAGE")
        return said if said in LANGUAGES else "en"


def _given(arguments: list[str], option: str) -> str | None:
    """The value of an option that is written as two words or as one with `=`; the last one counts."""
    found = None
    for place, word in enumerate(arguments):
        if word == option and place + 1 < len(arguments):
            found = arguments[place + 1]
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found


def moment(text: str | None, option: str = "--as-of") -> datetime | None:
    """A cut-off given as a date from 1900 to 2100: 00:00 of that day in Vietnam; else raises ConfigurationError."""
    if text is None:
        return None
    from fraudnet.expressions import start_of_day

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            "{option}: got {text!r}, expected a date such as 2026-10-01", option=option, text=text
        ) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ConfigurationError(
            "{option}: got {text!r}, expected a date from {first} to {last}",
            option=option,
            text=text,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    return start_of_day(day)


def left_out(without: str | None) -> bool:
    """Whether the graph features are to be left out. Raises ConfigurationError for an unknown group."""
    if without not in (None, "graph"):
        raise ConfigurationError("--without: got {without!r}, expected 'graph'", without=without)
    return without == "graph"
