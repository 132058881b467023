"""Columns that may be the answer: never taken for one without asking."""

from __future__ import annotations

from fraudnet.sources.propose.draft import Draft
from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.plain import institution, quoted
from fraudnet.sources.propose.question import NONE, Asking, Question

WORDS = (
    "is fraud", "fraud", "fraud bool", "fraud label", "label", "is laundering", "laundering", "class", "is mule",
    "mule", "suspicious", "is suspicious", "is flagged fraud", "is sar", "target label", "nhan", "gian lan", "lua dao",
    "nghi ngo", "nghi van", "tx fraud", "flag fraud", "is illicit", "illicit", "is spam", "y",
)  # fmt: skip
BETRAYING = frozenset(("fraud", "laundering", "scam", "illicit", "launder"))
MOST_VALUES = 4
ENTITY = {"accounts": "account_number", "sims": "number"}


def label_headings(draft: Draft) -> list[str]:
    """Unused columns whose heading says that they are the answer, or what kind of answer: never features."""
    return [heading for heading in draft.unused() if fold(heading) in WORDS or BETRAYING & set(fold(heading).split())]


def _few_values(draft: Draft, heading: str) -> list[str]:
    """The values that the beginning of the file has in a column; none when they are too many for an answer."""
    values = sorted({value.strip() for value in draft.head.values(draft.head.headings.index(heading)) if value})
    return values if len(values) <= MOST_VALUES else []


def disposition(draft: Draft, heading: str, asking: Asking) -> list[str] | None:
    """A table of decisions from a column of answers, in lines of TOML; None while it is open or refused."""
    values = _few_values(draft, heading)
    if not values:
        return None
    pair = _values_of_answer(draft, heading, values, asking)
    number = draft.column(ENTITY[draft.table])
    if pair is None or number is None:
        return None
    part = quoted(str(number.heading))
    entity = f'{{ kind = "sim", number = {part} }}'
    if draft.table == "accounts":
        bank = draft.column("institution")
        where = quoted(str(bank.heading)) if bank else f"{{ constant = {quoted(institution(draft, asking))} }}"
        entity = f'{{ kind = "account", institution = {where}, number = {part} }}'
    table = f'{{ {quoted(pair[0])} = "confirmed", {quoted(pair[1])} = "cleared" }}'
    outcome = f"outcome = {{ column = {quoted(heading)}, map = {table} }}"
    return ["extras = false", "[tables.columns]", f"entity = {entity}", outcome]


def _values_of_answer(draft: Draft, heading: str, values: list[str], asking: Asking) -> tuple[str, str] | None:
    """Which value means fraud and which honest; rows with any other value are quarantined, not taken for honest."""
    key, name = f"{draft.label}:{heading}", draft.head.file
    told = f"{name}: which value of {heading!r} says that it was fraud? ('-': {heading!r} is no answer)"
    bad = asking.ask(Question(f"{key}:fraud", told, (), (*values, NONE)))
    if bad is None or bad == NONE:
        return None
    told = f"{name}: which value of {heading!r} says that it was honest? ('*': every other value)"
    good = asking.ask(Question(f"{key}:honest", told, (), (*(v for v in values if v != bad), "*")))
    return None if good is None else (bad, good)
