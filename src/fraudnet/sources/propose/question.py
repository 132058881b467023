"""What has to be asked, and what was answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NONE = "-"  # the answer that a column or a table is not there


@dataclass(frozen=True)
class Question:
    """One thing that the files do not say by themselves: its key for `--set`, the words, what may be answered."""

    key: str
    text: str
    options: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass
class Asking:
    """Answers given so far, and the questions that are still open."""

    answers: Mapping[str, str]
    open: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> str | None:
        """The answer, or None with the question kept; an answer that is no option asks again."""
        given = self.answers.get(question.key)
        if given is not None and (not question.options or given in question.options):
            return given
        if question not in self.open:
            self.open.append(question)
        return None


def label(file: str, sheet: str | None) -> str:
    """What a file is called from month to month: digits are left out of its name."""
    name = re.sub(r"[0-9]+", "#", file)
    return f"{name}[{sheet}]" if sheet else name
