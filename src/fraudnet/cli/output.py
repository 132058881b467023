"""How results and progress look: results on stdout, progress on stderr, JSON for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fraudnet.messages.telling import SOURCE, told

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from fraudnet.contracts.progress import Progress

NARROW = 110
SPOKEN = [SOURCE]  # the language of this process: one command line, one reader


def speak(language: str) -> None:
    """Say everything from here on in a language."""
    SPOKEN[0] = language


def spoken(text: str, /, **values: object) -> str:
    """A text in the reader's language, its named places filled in."""
    return told(text, SPOKEN[0], values)


class Steps:
    """Shows each step once: a bar on a terminal, a line at its end elsewhere."""

    def __init__(self, bars: Bars | None) -> None:
        self.bars = bars
        self.tasks: dict[str, TaskID] = {}
        self.begun: dict[str, float] = {}

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Report one step."""
        self.begun.setdefault(step, time.monotonic())
        if self.bars is not None:
            if step not in self.tasks:
                self.tasks[step] = self.bars.add_task(spoken(step), total=total)
            self.bars.update(self.tasks[step], completed=done, total=total)
        elif total is not None and done >= total:
            sys.stderr.write(f"{spoken(step)}: {time.monotonic() - self.begun[step]:.1f} s\n")
            del self.begun[step]


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """Progress on stderr while a command works."""
    if quiet:
        from fraudnet.contracts.progress import silent

        yield silent
    elif not sys.stderr.isatty():
        yield Steps(None)
    else:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Bars(*columns, console=Console(stderr=True)) as bars:
            yield Steps(bars)


def show_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def say(line: str = "", /, **values: object) -> None:
    """One line on stdout, in the reader's language: English with named places, and what fills them."""
    sys.stdout.write(spoken(line, **values) + "\n")


def say_facts(found: Mapping[str, object]) -> None:
    """What was found, a name and its value on each line; names in the reader's language where it knows them."""
    for name, value in found.items():
        say("{name}: {value}", name=spoken(name), value=value)


def show_table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout, title and heads in the reader's language; numbers stand right."""
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=NARROW, no_color=True)
    table = Table(title=spoken(title), title_justify="left", title_style="bold")
    for place, name in enumerate(head):
        numeric = bool(rows) and all(isinstance(r[place], int | float) or r[place] in ("", "-") for r in rows)
        table.add_column(spoken(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return spoken("yes" if value else "no")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3f}"
    if value is None:
        return "-"
    return spoken(value) if isinstance(value, str) and " " in value else str(value)
