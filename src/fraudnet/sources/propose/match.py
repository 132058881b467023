"""Which table a file is, and which of its columns is which of the contract's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import linear_sum_assignment

from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.head import Head
from fraudnet.sources.propose.looks import Profile, fits, profile
from fraudnet.sources.propose.vocabulary import Kind, Wanted, kinds, likeness

POSSIBLE = 0.4  # below this a heading says nothing about a column
SURE = 0.75  # from here on nobody is asked, unless another column is nearly as likely
APART = 0.12
EXAMPLES = 3
UNIQUE, REPEATED = (
    0.95,
    0.3,
)  # a list of things names each of them once; else it is about something that happens to them
NEEDS_WEIGHT = 3.0


@dataclass(frozen=True)
class Choice:
    """One contract column: the file's column that seems to be it, how likely, what else it could be, three values."""

    name: str
    heading: str | None
    score: float
    others: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    seen: Profile | None = None

    @property
    def sure(self) -> bool:
        """Whether nobody needs to be asked."""
        return self.heading is not None and self.score >= SURE and not self.others


@dataclass(frozen=True)
class Match:
    """One file as one table."""

    head: Head
    kind: Kind
    choices: tuple[Choice, ...]
    score: float

    def choice(self, name: str) -> Choice | None:
        """What was found for a contract column."""
        return next((choice for choice in self.choices if choice.name == name), None)

    def missing(self) -> tuple[str, ...]:
        """Columns that the table cannot do without and that no column of the file seems to be."""
        found = {choice.name for choice in self.choices}
        return tuple(name for name in self.kind.needs if name not in found)


def matches(head: Head) -> list[Match]:
    """Every table that a file could be, the likeliest first; those that lack nothing come before the others."""
    profiles = [profile(head.values(place)) for place in range(len(head.headings))]
    found = [_match(head, profiles, kind) for kind in kinds()]
    possible = [match for match in found if match.choices]
    return sorted(possible, key=lambda match: (len(match.missing()) > 0, -match.score))


def _match(head: Head, profiles: list[Profile], kind: Kind) -> Match:
    scores = np.array(
        [[_score(h, want, seen) for want in kind.columns] for h, seen in zip(head.headings, profiles, strict=True)]
    )
    rows, columns = linear_sum_assignment(scores, maximize=True)
    choices = []
    for row, column in zip(rows, columns, strict=True):
        if scores[row, column] >= POSSIBLE:
            choices.append(_choice(head, profiles, (scores, int(row), int(column)), kind.columns[column]))
    total = sum(c.score * (NEEDS_WEIGHT if c.name in kind.needs else 1.0) for c in choices)
    if not _told_apart(kind, choices) or _foreign(head, kind):
        total *= REPEATED
    most = NEEDS_WEIGHT * len(kind.needs) + max(len(head.headings) - len(kind.needs), 0)
    return Match(head, kind, tuple(choices), total / max(most, 1) + _named(head, kind))


def _told_apart(kind: Kind, choices: list[Choice]) -> bool:
    key = next((choice.seen for choice in choices if choice.name == kind.unique), None)
    return key is None or key.distinct >= UNIQUE * key.seen


def _foreign(head: Head, kind: Kind) -> bool:
    """Whether a heading says that the file tells of events or decisions."""
    return any(f" {word} " in f" {fold(heading)} " for heading in head.headings for word in kind.foreign)


def _choice(head: Head, profiles: list[Profile], at: tuple[np.ndarray, int, int], want: Wanted) -> Choice:
    scores, row, column = at
    rivals = [place for place in range(len(head.headings)) if place != row and _rival(scores, (row, place), column)]
    told = [value.strip() for value in head.values(row) if value and value.strip()]
    return Choice(
        want.name,
        head.headings[row],
        float(scores[row, column]),
        tuple(head.headings[place] for place in rivals),
        tuple(dict.fromkeys(told))[:EXAMPLES],
        profiles[row],
    )


def _rival(scores: np.ndarray, pair: tuple[int, int], column: int) -> bool:
    """Whether another column of the file could be meant as well, and fits nothing else better."""
    mine, theirs = scores[pair[0], column], scores[pair[1], column]
    return bool(theirs >= POSSIBLE and theirs > mine - APART and theirs >= scores[pair[1]].max())


def _score(heading: str, want: Wanted, seen: Profile) -> float:
    return _likeness(fold(heading), want) * fits(want.looks, seen)


@cache
def _likeness(folded: str, want: Wanted) -> float:
    return likeness(folded, want.words)


HINTS = {
    "transfers": ("transfer", "transaction", "giao dich", "chuyen tien", "chuyen khoan", "payments"),
    "statements": ("statement", "sao ke", "so phu", "ledger"),
    "accounts": ("account", "tai khoan"),
    "sims": ("sim", "sims", "subscriber", "thue bao"),
    "calls": ("call", "calls", "cdr", "cuoc goi", "voc", "sms", "tin nhan"),
    "identities": ("customer", "person", "identit", "khach hang", "ho so", "nguoi"),
    "cash": ("cash", "atm", "withdrawal", "rut tien", "tien mat"),
    "links": ("edge", "edges", "links", "graph", "quan he", "lien ket"),
}


def _named(head: Head, kind: Kind) -> float:
    """A little in favour of the table that the file, the sheet or a title names."""
    text = fold(" ".join((head.file, head.sheet or "", *head.titles)))
    return 0.15 if any(word in text for word in HINTS[kind.table]) else 0.0
