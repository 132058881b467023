"""How each column of a draft is written in the mapping, with what its values need said."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.drop import RECORDS
from fraudnet.sources.propose.draft import Draft
from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.match import Choice
from fraudnet.sources.propose.plain import institution, moment, number, quoted
from fraudnet.sources.propose.question import Asking, Question
from fraudnet.sources.propose.statement import STATEMENTS, statement_lines

ACCOUNT_ENDS = {"payer": "payer_institution", "payee": "payee_institution", "entity": ""}
OWN = {"accounts": "institution", "sims": "institution"}
# Card payments name both ends by different things, whose numbers may be the same.
ENDS = ("customer", "client", "card", "terminal", "merchant")
OUTCOME = ("status",)  # exists because somebody suspected the holder: read, named, never a feature
SMS = ("sms", "tin_nhan", "tin nhan", "tinnhan")


def column_lines(draft: Draft, asking: Asking) -> list[str]:
    """The lines below `[tables.columns]`; what is open is asked."""
    if draft.table == STATEMENTS:
        return statement_lines(draft, asking)
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
        return moment(draft, choice, seen, asking)
    if contract.dtype.is_numeric() and seen is not None:
        return number(heading, seen, money=(contract.metadata or {}).get("unit") == "minor")
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
