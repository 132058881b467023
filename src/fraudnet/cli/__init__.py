"""The command line: one command per stage, no logic."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

from fraudnet.cli import memory
from fraudnet.errors import FraudnetError

USAGE, INTERNAL, INTERRUPTED = 2, 70, 130

# Before any thread pool or tracking library is loaded: idle workers must not spin, and nothing may call home.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
memory.give_back_at_once()
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"


def main() -> None:
    """Run one command; every failure is one sentence on stderr and an exit code, never a traceback."""
    from fraudnet.cli.app import app

    os.umask(0o077)
    sys.exit(guarded(app))


def guarded(app: object) -> int:
    """Run the application in the reader's language and turn every way it can end into an exit code."""
    from typer.exceptions import TyperException

    from fraudnet.cli.options import hoisted

    words = hoisted(sys.argv[1:]) or ["--help"]
    try:
        result = _in_language(app, words)(words, prog_name="fraudnet", standalone_mode=False)
    except FraudnetError as error:
        return _say(error.text, error.exit_code, **error.values)
    except TyperException as error:
        return _say("{error}; `fraudnet --help` lists what there is", USAGE, error=str(error) or "name a command")
    except (KeyboardInterrupt, EOFError):
        return _say("stopped; what was finished is kept, run the same command again to go on", INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        return _defect(error)
    asked = len(sys.argv) > 1  # else the help was shown, but nothing was done
    return (result if isinstance(result, int) else 0) if asked else USAGE


def _in_language(app: object, words: list[str]) -> Any:
    """The application in the language that the command line or the settings ask for."""
    from fraudnet.cli.options import language
    from fraudnet.cli.output import speak
    from fraudnet.messages.telling import SOURCE

    chosen = language(words)
    speak(chosen)
    if chosen == SOURCE:
        return app
    from typer.main import get_command

    from fraudnet.cli.helping import translated

    return translated(get_command(app), chosen)  # type: ignore[arg-type]  # any Typer application


def _defect(error: Exception) -> int:
    if isinstance(error, MemoryError):
        return _say("not enough memory for this drop; give the machine more, or fewer months at once", INTERNAL)
    # Only places in the code: the text of a foreign error may hold somebody's account number.
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f"{os.sep}fraudnet{os.sep}" in f.filename] or frames
    place = f"{own[-1].filename.rsplit(os.sep + 'fraudnet' + os.sep)[-1]}:{own[-1].lineno}" if own else "unknown place"
    return _say(
        "internal error ({kind} at {place}); this is a defect of fraudnet, please report that place",
        INTERNAL,
        kind=type(error).__name__,
        place=place,
    )


def _say(message: str, code: int, /, **values: object) -> int:
    from fraudnet.cli.output import spoken

    sys.stderr.write(f"fraudnet: {spoken(message, **values)}\n")
    return code
