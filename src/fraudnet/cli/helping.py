"""The help of commands in Vietnamese and French; English help is written where the command is."""

from __future__ import annotations

from typing import Any

from fraudnet.messages.telling import told

SHOWN = ("Usage", "Arguments", "Options", "Commands")


def translated(command: Any, language: str) -> Any:
    """A command with everything under it: its texts, those of its options and the headings between, in a language."""
    command.context_class = _context(command.context_class, language)
    for name in ("help", "short_help", "epilog"):
        if getattr(command, name, None):
            setattr(command, name, told(_one_line(getattr(command, name)), language))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = told(_one_line(parameter.help), language)
    for one in getattr(command, "commands", {}).values():
        translated(one, language)
    return command


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _context(base: Any, language: str) -> Any:
    """A context whose help stands under headings in the language."""

    class Formatter(base.formatter_class):  # type: ignore[misc]  # the class that typer brings
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or f"{told('Usage', language)}: ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(told(heading, language))

        def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
            super().write_dl([(name, _cell(text, language)) for name, text in rows], col_max, col_spacing)

    return type("Context", (base,), {"formatter_class": Formatter})


def _cell(text: str, language: str) -> str:
    """What stands behind an option: its text, and in brackets its default, its range, whether it must be there."""
    said, bracket, extra = text.rpartition("[")
    if not bracket or not extra.endswith("]"):
        return told(text, language)
    parts = [told(part, language) for part in extra[:-1].split("; ")]
    return f"{told(said.rstrip(), language)}  [{'; '.join(parts)}]"
