"""One file as one table of a mapping: which table, which columns, and what is not certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fraudnet.contracts.drop import RECORDS
from fraudnet.sources.propose.head import Head
from fraudnet.sources.propose.looks import profile
from fraudnet.sources.propose.match import Choice, Match, matches
from fraudnet.sources.propose.question import NONE, Asking, Question, label

CLEAR = 0.12  # how far the likeliest table must be ahead
WORTH_ASKING = 0.6
TABLE_SURE = 0.45


@dataclass(frozen=True)
class Draft:
    """A file (or the files like it) as a table: its columns under their contract names."""

    head: Head
    pattern: str
    table: str
    choices: tuple[Choice, ...]

    @property
    def label(self) -> str:
        """The file's name without digits."""
        return label(self.head.file, self.head.sheet)

    def column(self, name: str) -> Choice | None:
        """What a contract column was found to be."""
        return next((choice for choice in self.choices if choice.name == name), None)

    def unused(self) -> list[str]:
        """Headings that no contract column took."""
        used = {choice.heading for choice in self.choices}
        return [heading for heading in self.head.headings if heading not in used]


def draft(head: Head, pattern: str, asking: Asking) -> Draft | None:
    """The table that a file is; None while that is open, or when it is none."""
    found = matches(head)
    table = _table(head, found, asking)
    if table is None or table == NONE:
        return None
    match = next(each for each in found if each.kind.table == table)
    choices = [_settled(match, choice, asking) for choice in match.choices]
    choices += [_needed(match, name, asking) for name in match.missing()]
    choices += [_told(match, name, asking) for name in _more(match, asking)]
    return Draft(head, pattern, table, tuple(choice for choice in choices if choice is not None))


def _table(head: Head, found: Sequence[Match], asking: Asking) -> str | None:
    name = label(head.file, head.sheet)
    ranked = sorted(found, key=lambda match: -match.score)
    options = tuple(match.kind.table for match in ranked)
    if f"{name}:table" not in asking.answers and ranked and _clear(ranked):
        return options[0]
    told = ", ".join(head.headings[:8])
    return asking.ask(Question(f"{name}:table", f"{head.file}: what is one row of it? ({told})", (*options, NONE)))


def _clear(ranked: Sequence[Match]) -> bool:
    best = ranked[0]
    ahead = best.score - (ranked[1].score if len(ranked) > 1 else 0)
    return not best.missing() and best.score >= TABLE_SURE and ahead >= CLEAR


def _settled(match: Match, choice: Choice, asking: Asking) -> Choice | None:
    """A choice as it stands, as it was answered, or nothing while it is open or not worth a question."""
    needed = choice.name in match.kind.needs
    key = f"{label(match.head.file, match.head.sheet)}:{choice.name}"
    if key not in asking.answers:
        if choice.sure:
            return choice
        if not needed and choice.score < WORTH_ASKING:
            return None
    first = tuple(dict.fromkeys((str(choice.heading), *choice.others)))
    rest = tuple(heading for heading in match.head.headings if heading not in first)
    text = f"{match.head.file}: which column is {choice.name!r} of {match.kind.table}?"
    given = asking.ask(Question(key, text, (*first, NONE, *rest), choice.examples))
    return _taken(match, choice.name, given)


def _needed(match: Match, name: str, asking: Asking) -> Choice | None:
    key = f"{label(match.head.file, match.head.sheet)}:{name}"
    text = f"{match.head.file}: which column is {name!r}? {match.kind.table} cannot do without"
    return _taken(match, name, asking.ask(Question(key, text, match.head.headings)))


def _more(match: Match, asking: Asking) -> list[str]:
    """Contract columns that nothing in the file suggested but an answer names."""
    found = {choice.name for choice in match.choices} | set(match.missing())
    front = f"{label(match.head.file, match.head.sheet)}:"
    named = [key.removeprefix(front) for key in asking.answers if key.startswith(front)]
    return sorted(name for name in named if name in RECORDS[match.kind.table].columns() and name not in found)


def _told(match: Match, name: str, asking: Asking) -> Choice | None:
    given = asking.answers[f"{label(match.head.file, match.head.sheet)}:{name}"]
    return _taken(match, name, given if given in match.head.headings else None)


def _taken(match: Match, name: str, given: str | None) -> Choice | None:
    if given is None or given == NONE:
        return None
    place = match.head.headings.index(given)
    values = match.head.values(place)
    told = tuple(dict.fromkeys(value.strip() for value in values if value and value.strip()))[:3]
    return replace(Choice(name, given, 1.0), examples=told, seen=profile(values))
