"""What every table of a proposed mapping is written with: texts, moments, sums, whose files they are."""

from __future__ import annotations

import json

from fraudnet.sources.propose.draft import Draft
from fraudnet.sources.propose.institution import institution_in
from fraudnet.sources.propose.looks import Profile
from fraudnet.sources.propose.match import Choice
from fraudnet.sources.propose.question import NONE, Asking, Question

ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
UNITS = ("s", "ms", "us", "hours", "days")


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def institution(draft: Draft, asking: Asking) -> str:
    """Whose accounts or numbers a file lists: what its name or titles say, else what is answered."""
    head = draft.head
    own = asking.answers.get(f"{draft.label}:institution") or institution_in(head.file, *head.titles)
    if own is not None:
        return own
    text = (
        "whose accounts or numbers are in the files that do not say it? (a code such as 970436, or any short name; "
        "--set FILE:institution=CODE says it for one file)"
    )
    return asking.ask(Question("institution", text)) or ""


def moment(draft: Draft, choice: Choice, seen: Profile, asking: Asking) -> str | None:
    """How a column of days or moments is written; None while its unit or the order of day and month is open."""
    heading, key = quoted(str(choice.heading)), f"{draft.label}:{choice.name}"
    if not seen.date_forms:
        if not seen.seen:
            return heading
        text = f"{draft.head.file}: {choice.heading!r} counts time in which unit, since 1970?"
        unit = asking.ask(Question(f"{key}:unit", text, (*UNITS, NONE), choice.examples))
        return None if unit in (None, NONE) else f'{{ column = {heading}, unit = "{unit}" }}'
    form = seen.date_forms[0]
    if any(each in ISO for each in seen.date_forms):
        return heading
    if seen.ambiguous_day:
        text = f"{draft.head.file}: does {choice.heading!r} say the day or the month first?"
        order = asking.ask(Question(f"{key}:order", text, ("day", "month"), choice.examples)) or "day"
        form = next(each for each in seen.date_forms if each.startswith("%m") == (order == "month"))
    return f"{{ column = {heading}, format = {quoted(form)} }}"


def number(heading: str, seen: Profile, *, money: bool) -> str:
    """How a column of numbers is written: its style, and for money what one minor unit is."""
    parts = [f"column = {quoted(heading)}"]
    if seen.number_style != "plain":
        parts.append(f'number = "{seen.number_style}"')
    if money and seen.decimals:
        parts.append(f"minor_units = {10 ** (2 if seen.decimals <= 2 else 4)}")
    return quoted(heading) if len(parts) == 1 else f"{{ {', '.join(parts)} }}"
