"""How the statement of an account is written in the mapping: whose it is, which way, who is on the other side."""

from __future__ import annotations

import re

from fraudnet.sources.propose.draft import Draft
from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.match import Choice
from fraudnet.sources.propose.plain import institution, moment, number, quoted
from fraudnet.sources.propose.question import Asking, Question

STATEMENTS = "statements"
# Lines above the headings that say whose statement it is, and the balances at both its ends.
OWN = r"(?i)(?:số tài khoản|số tk|stk|tài khoản số|so tai khoan|account (?:no|number))[^0-9A-Z]*([0-9][0-9A-Z]{4,18})"
OPENING = r"(?i)(?:số dư đầu(?: kỳ)?|so du dau(?: ky)?|opening balance)[^0-9-]*(-?[0-9][0-9.,]*)"
CLOSING = r"(?i)(?:số dư cuối(?: kỳ)?|so du cuoi(?: ky)?|closing balance)[^0-9-]*(-?[0-9][0-9.,]*)"
IN_NAME = r"([0-9]{6,19})"
# How banks name the other account in their texts: the number, then the bank.
NUMBER = r"(?i)(?:den|toi|tu|to|from|tk|stk)[ :]+([0-9][0-9A-Z]{4,18})"
BANK = r"(?i) (?:tai|at|nh|ngan hang) ([^-;,|]+?)\s*(?:[-;,|].*)?$"
OUT = ("d", "dr", "debit", "no", "ghi no", "ra", "chi", "out")
INTO = ("c", "cr", "credit", "co", "ghi co", "vao", "thu", "in")
TOLD = 0.6  # a pattern that fits fewer texts is not the bank's way of writing


def literal(pattern: str) -> str:
    """An expression as TOML writes it, without escapes."""
    return f"'{pattern}'"


def own_number(draft: Draft, asking: Asking) -> str:
    """Where the number of the statement's own account stands: a column, a line above the headings, the file's name."""
    column = draft.column("own")
    if column is not None:
        return quoted(str(column.heading))
    if any(re.search(OWN, title) for title in draft.head.titles):
        return f"{{ title = {literal(OWN)} }}"
    if re.search(IN_NAME, draft.head.file):
        return f"{{ path = {literal(IN_NAME)} }}"
    text = f"{draft.head.file}: whose statement is it? (the account number)"
    given = asking.ask(Question(f"{draft.label}:own", text))
    return f"{{ constant = {quoted(given or '')} }}"


def statement_lines(draft: Draft, asking: Asking) -> list[str]:
    """The lines below `[tables.columns]` of a statement; what is open is asked."""
    bank = quoted(institution(draft, asking))
    own = f'{{ kind = "account", institution = {{ constant = {bank} }}, number = {own_number(draft, asking)} }}'
    lines = [f"own = {own}"]
    at = draft.column("at")
    if at is not None and at.seen is not None:
        lines.append(f"at = {moment(draft, at, at.seen, asking)}")
    for name in ("debit", "credit", "amount", "balance_after"):
        choice = draft.column(name)
        if choice is not None and choice.seen is not None and _counts(draft, name):
            lines.append(f"{name} = {number(str(choice.heading), choice.seen, money=True)}")
    return [*lines, *_direction(draft, asking), *_ends(draft), *_other(draft)]


def _counts(draft: Draft, name: str) -> bool:
    """A sum beside a debit and a credit column is a total of both."""
    return name != "amount" or draft.column("debit") is None or draft.column("credit") is None


def _direction(draft: Draft, asking: Asking) -> list[str]:
    """Which way the sums go where neither two columns nor a sign says it."""
    amount, said = draft.column("amount"), draft.column("direction")
    if amount is None or not _counts(draft, "amount"):
        return []
    values = [value for value in draft.head.values(_place(draft, amount)) if value]
    if said is not None:
        return [f"direction = {_mapped(draft, said, asking)}"]
    if any(value.strip().startswith(("-", "(", "−")) for value in values):
        return []
    text = f"{draft.head.file}: {amount.heading!r} has no sign: did it come in or go out?"
    given = asking.ask(Question(f"{draft.label}:direction", text, ("in", "out"), amount.examples))
    return [f"direction = {{ constant = {quoted(given or 'in')} }}"]


def _mapped(draft: Draft, said: Choice, asking: Asking) -> str:
    seen = sorted({v.strip() for v in draft.head.values(_place(draft, said)) if v and v.strip()})
    ways = {value: _way(value) for value in seen}
    for value, way in ways.items():
        if way is None:
            text = f"{draft.head.file}: does {value!r} in {said.heading!r} mean that money came in or went out?"
            ways[value] = asking.ask(Question(f"{draft.label}:direction:{value}", text, ("in", "out"))) or "in"
    told = ", ".join(f"{quoted(value)} = {quoted(str(way))}" for value, way in ways.items())
    return f"{{ column = {quoted(str(said.heading))}, map = {{ {told} }} }}"


def _way(value: str) -> str | None:
    plain = fold(value)
    if value in "+-":
        return "in" if value == "+" else "out"
    return "out" if plain in OUT else "in" if plain in INTO else None


def _place(draft: Draft, choice: Choice) -> int:
    return draft.head.headings.index(str(choice.heading))


def _ends(draft: Draft) -> list[str]:
    """The balances above the headings, in the style in which the balances below are written."""
    lines = []
    for name, pattern in (("opening", OPENING), ("closing", CLOSING)):
        found = next((m[1] for title in draft.head.titles if (m := re.search(pattern, title))), None)
        if found is not None:
            style = "dot" if re.search(r"\.[0-9]{3}(?:\.|$)", found) else "comma" if "," in found else "plain"
            lines.append(f'{name} = {{ title = {literal(pattern)}, number = "{style}" }}')
    return lines


def _other(draft: Draft) -> list[str]:
    """The other side: from columns, else from a text that names it, and the rail's reference."""
    reference, other = draft.column("rail_ref"), draft.column("counterparty")
    lines = [f"rail_ref = {quoted(str(reference.heading))}"] if reference else []
    bank, text = draft.column("counterparty_institution"), draft.column("narrative")
    if other is not None:
        if bank is None:
            return [*lines, f"counterparty_number = {quoted(str(other.heading))}"]
        named = f"{{ column = {quoted(str(bank.heading))}, bank = true }}"
        return [*lines, _account(named, quoted(str(other.heading)))]
    if text is None or _share(draft, text, NUMBER) < TOLD:
        return lines
    heading = quoted(str(text.heading))
    found = f"{{ column = {heading}, pattern = {literal(NUMBER)} }}"
    if _share(draft, text, BANK) < TOLD:
        return [*lines, f"counterparty_number = {found}"]
    return [*lines, _account(f"{{ column = {heading}, pattern = {literal(BANK)}, bank = true }}", found)]


def _account(bank: str, own: str) -> str:
    return f'counterparty = {{ kind = "account", institution = {bank}, number = {own} }}'


def _share(draft: Draft, text: Choice, pattern: str) -> float:
    values = [value for value in draft.head.values(_place(draft, text)) if value and value.strip()]
    return sum(bool(re.search(pattern, value)) for value in values) / max(len(values), 1)
