"""How each column of a draft is written in the mapping, with what its values need said."""

from __future__ import annotations

import json

import dataframely as dy

from fraudnet.contracts.drop import RECORDS
from fraudnet.sources.propose.draft import Draft
from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.institution import institution_in
from fraudnet.sources.propose.looks import Profile
from fraudnet.sources.propose.match import Choice
from fraudnet.sources.propose.question import NONE, Asking, Question

ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
ACCOUNT_ENDS = {"payer": "payer_institution", "payee": "payee_institution", "entity": ""}
OWN = {"accounts": "institution", "sims": "institution"}
# Card payments name both ends by different things, whose numbers may be the same.
ENDS = ("customer", "client", "card", "terminal", "merchant")
OUTCOME = ("status",)  # exists because somebody suspected the holder: read, named, never a feature
UNITS = ("s", "ms", "us", "hours", "days")
SMS = ("sms", "tin_nhan", "tin nhan", "tinnhan")


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def column_lines(draft: Draft, asking: Asking) -> list[str]:
    """The lines below `[tables.columns]`; what is open is asked."""
    lines = []
    for choice in draft.choices:
        if choice.name in ("payer_institution", "payee_institution") or choice.name in OUTCOME:
            continue
        said = _said(draft, choice, asking)
        if said is not None:
            lines.append(f"{choice.name} = {said}")
    return lines + _constants(draft, asking)


def outcomes(draft: Draft) -> list[str]:
    """Headings that exist because of the outcome."""
    return [str(choice.heading) for choice in draft.choices if choice.name in OUTCOME]


def _said(draft: Draft, choice: Choice, asking: Asking) -> str | None:
    heading, seen = str(choice.heading), choice.seen
    if choice.name in ACCOUNT_ENDS and draft.table in ("transfers", "cash"):
        return _account(draft, choice, asking)
    if draft.table == "links":
        return _linked(draft, choice, asking)
    contract = RECORDS[draft.table].columns()[choice.name]
    if isinstance(contract, dy.Enum):
        return None  # its words are the contract's own; a file's words stay an extra attribute
    if isinstance(contract, dy.Datetime | dy.Date) and seen is not None:
        return _moment(draft, choice, seen, asking)
    if contract.dtype.is_numeric() and seen is not None:
        return _number(heading, seen, money=(contract.metadata or {}).get("unit") == "minor")
    return quoted(heading)


def _account(draft: Draft, choice: Choice, asking: Asking) -> str:
    bank, number = account_parts(draft, choice, asking)
    return f'{{ kind = "account", institution = {bank}, number = {number} }}'


def account_parts(draft: Draft, choice: Choice, asking: Asking) -> tuple[str, str]:
    """Institution and number of one end of a movement, as the mapping writes them."""
    bank, number = draft.column(ACCOUNT_ENDS[choice.name]), quoted(str(choice.heading))
    if bank is not None:
        return quoted(str(bank.heading)), number
    end = next((word for word in ENDS if word in fold(str(choice.heading)).split()), None)
    return f"{{ constant = {quoted(end or institution(draft, asking))} }}", number


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


def _linked(draft: Draft, choice: Choice, asking: Asking) -> str:
    heading = quoted(str(choice.heading))
    if choice.name == "weight":
        return heading
    text = f"{draft.head.file}: what do its rows link?"
    kind = asking.ask(Question(f"{draft.label}:links", text, ("account", "sim")))
    if kind is None or kind == "sim":
        return f'{{ kind = "sim", number = {heading} }}'
    whose = quoted(institution(draft, asking))
    return f'{{ kind = "account", institution = {{ constant = {whose} }}, number = {heading} }}'


def _moment(draft: Draft, choice: Choice, seen: Profile, asking: Asking) -> str | None:
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


def _number(heading: str, seen: Profile, *, money: bool) -> str:
    parts = [f"column = {quoted(heading)}"]
    if seen.number_style != "plain":
        parts.append(f'number = "{seen.number_style}"')
    if money and seen.decimals:
        parts.append(f"minor_units = {10 ** (2 if seen.decimals <= 2 else 4)}")
    return quoted(heading) if len(parts) == 1 else f"{{ {', '.join(parts)} }}"


def _constants(draft: Draft, asking: Asking) -> list[str]:
    """What a contract requires and a file seldom has."""
    lines = []
    if draft.table in OWN and draft.column("institution") is None:
        lines.append(f"institution = {{ constant = {quoted(institution(draft, asking))} }}")
    if draft.table == "calls":
        name = draft.head.file.lower()
        kind = "sms" if any(word in name for word in SMS) else "voice"
        lines.append(f'kind = {{ constant = "{kind}" }}')
    if draft.table == "links":
        lines += ['kind = { constant = "link" }', "directed = { constant = true }"]
    return lines
