"""What an institution answers about its own entries: read without trust, row by row."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.judgements import ROLES
from fraudnet.errors import ConfigurationError, InputError, MissingInputError
from fraudnet.expressions import start_of_day

OUTCOMES = (
    "confirmed", "cleared", "unknown_account", "already_closed", "number_changed", "cannot_act", "held_in_part",
    "needs_evidence", "already_reported", "contested",
)  # fmt: skip
BASES = ("own_documents", "own_review", "customer_statement", "list_only")
JUDGED = ("confirmed", "cleared")
GONE = ("unknown_account", "already_closed", "number_changed")
COLUMNS = (
    "entry", "outcome", "role", "basis", "reason", "amount", "until", "activity_from", "activity_to", "decided_at",
    "note",
)  # fmt: skip
WRITTEN = ("reason", "note")
NEEDED = ("entry", "outcome")
REJECTS = {"row": pl.Int64, "entry": pl.String, "field": pl.String, "code": pl.String}
AMOUNT_DIGITS = 15
# Groups of three, all parted by one sign; else a comma of a fraction would make a hundredfold of an amount.
_AMOUNT = re.compile(r"[0-9]+|[0-9]{1,3}([., ])[0-9]{3}(\1[0-9]{3})*")
_WHOLE = re.compile(r"^([0-9]+)[.,]0{1,2}$")  # how a spreadsheet writes a whole number
_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")


@dataclass(frozen=True)
class Answer:
    """One row that can be used: the entry it is about, and what the institution says. Money in đồng, moments in UTC."""

    entry: str
    outcome: str
    decided_at: datetime
    role: str | None = None
    basis: str | None = None
    reason: str | None = None
    amount: int | None = None
    until: datetime | None = None
    activity_from: datetime | None = None
    activity_to: datetime | None = None
    note: str | None = None

    def plain(self) -> dict[str, Any]:
        """As the record keeps it: ids, codes, amounts and moments; what somebody wrote is sealed apart."""
        told = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self).items()}
        return {name: value for name, value in told.items() if name not in WRITTEN}

    def texts(self) -> dict[str, str]:
        """What somebody wrote."""
        return {name: text for name in WRITTEN if (text := getattr(self, name))}


@dataclass(frozen=True)
class Wording:
    """How an institution's own file calls our columns and words; without one, ours are expected."""

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_wording(path: Path) -> Wording:
    """The wording of a TOML file: `[columns]` ours = "theirs", `[outcome]`, `[role]`, `[basis]` "theirs" = "ours"."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise MissingInputError(
            "{path}: cannot be read; name a mapping of answers (docs/lists.md)", path=path
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ConfigurationError("{path}: is no TOML; see docs/lists.md for an example", path=path) from None
    titles = said.get("columns", {})
    unknown = sorted(set(said) - {"columns", "outcome", "role", "basis"}) + sorted(
        set(titles if isinstance(titles, dict) else ()) - set(COLUMNS)
    )
    if unknown:
        raise ConfigurationError(
            "{path}: got the unknown key {unknown}; see docs/lists.md for an example", path=path, unknown=unknown[0]
        )
    tables = [name for name, table in said.items() if not _is_text(table)]
    if tables:
        raise ConfigurationError(
            "{path}, {table}: got something else, expected words in quotes below [{table}]", path=path, table=tables[0]
        )
    return Wording(said.get("columns", {}), {name: said.get(name, {}) for name in ("outcome", "role", "basis")})


def _is_text(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(word, str) for word in table.values())


def answers_in(
    table: pl.DataFrame, own: Mapping[str, str], wording: Wording, now: datetime
) -> tuple[list[Answer], pl.DataFrame]:
    """The rows that can be used, and the others with row, entry, field and code, for the institution to mend.

    table: text. own: the institution's entries and their entities; a row about any other is rejected, whoever's it is.
    Raises InputError when the file has no columns `entry` and `outcome`.
    """
    theirs = {name: wording.columns.get(name, name) for name in COLUMNS}
    missing = [theirs[name] for name in NEEDED if theirs[name] not in table.columns]
    if missing:
        raise InputError(
            "answers, titles: got no {missing}, expected at least {needed}",
            missing=missing[0],
            needed=", ".join(NEEDED),
        )
    good: dict[str, Answer] = {}
    bad: list[tuple[int, str, str, str]] = []
    for row, cells in enumerate(table.to_dicts(), 1):
        told = {name: str(cells.get(title) or "").strip() for name, title in theirs.items()}
        if not told["outcome"]:
            continue
        found = _answer(told, own, wording, now)
        if isinstance(found, Answer) and found.entry not in good:
            good[found.entry] = found
        else:
            name, code = ("entry", "twice") if isinstance(found, Answer) else found
            bad.append((row, told["entry"] if told["entry"] in own else "", name, code))
    return list(good.values()), pl.DataFrame(bad, schema=REJECTS, orient="row")


def _answer(
    told: Mapping[str, str], own: Mapping[str, str], wording: Wording, now: datetime
) -> Answer | tuple[str, str]:
    """The answer of a row, or the first field that cannot be used, with its code."""
    words = {name: wording.words.get(name, {}).get(told[name], told[name]) for name in ("outcome", "role", "basis")}
    wrong = _wrong_word({**told, **words}, own)
    if wrong:
        return wrong
    try:
        values = {name: _READ[name](told[name]) for name in _READ if told[name]}
    except _UnreadableError as error:
        return str(error), "unreadable"
    if wrong := _wrong_moment(values, now):
        return wrong
    said = {name: words[name] or None for name in ("role", "basis")}
    rest = {name: told[name] or None for name in ("reason", "note")}
    return Answer(told["entry"], words["outcome"], **{"decided_at": now, **values, **said, **rest})


def _wrong_word(told: Mapping[str, str], own: Mapping[str, str]) -> tuple[str, str] | None:
    if told["entry"] not in own:
        return "entry", "not_yours"
    for name, known in (("outcome", OUTCOMES), ("role", ROLES), ("basis", BASES)):
        if told[name] and told[name] not in known:
            return name, "unknown_word"
    empty = [name for name in _needed(told["outcome"]) if not told[name]]
    return (empty[0], "empty") if empty else None


def _wrong_moment(values: Mapping[str, Any], now: datetime) -> tuple[str, str] | None:
    late = [name for name in ("decided_at", "activity_from") if name in values and values[name] > now]
    if late:
        return late[0], "in_the_future"
    turned = {"activity_from", "activity_to"} <= values.keys() and values["activity_from"] > values["activity_to"]
    return ("activity_from", "behind_activity_to") if turned else None


def _needed(outcome: str) -> tuple[str, ...]:
    return {
        "confirmed": ("role", "basis"),
        "cleared": ("reason", "basis"),
        "cannot_act": ("reason",),
        "held_in_part": ("amount", "until"),
    }.get(outcome, ())


class _UnreadableError(ValueError):
    """A cell that is no number or moment; its text is the name of the column."""


def _amount(name: str) -> Callable[[str], int]:
    def read(cell: str) -> int:
        digits = re.sub(r"[., ]", "", _WHOLE.sub(r"\1", cell))
        if not _AMOUNT.fullmatch(_WHOLE.sub(r"\1", cell)) or len(digits) > AMOUNT_DIGITS:
            raise _UnreadableError(name)
        return int(digits)

    return read


def _moment(name: str) -> Callable[[str], datetime]:
    def read(cell: str) -> datetime:
        turned = _DAY.sub(r"\3-\2-\1", cell)
        try:
            moment = datetime.fromisoformat(turned)
            if moment.tzinfo is None:  # a wall clock of Vietnam
                return start_of_day(moment.date()) + (moment - datetime.combine(moment.date(), datetime.min.time()))
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise _UnreadableError(name) from None

    return read


_READ: Mapping[str, Callable[[str], Any]] = {
    "amount": _amount("amount"),
    **{name: _moment(name) for name in ("until", "activity_from", "activity_to", "decided_at")},
}
