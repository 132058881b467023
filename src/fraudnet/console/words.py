"""Items in words: what an entity is called, why it is suspected, why it may be honest, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fraudnet.console import masks
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.identifiers.provinces import NAMES_2025
from fraudnet.messages import catalogue, text
from fraudnet.rendering.numbers import HARD, whole
from fraudnet.review.board import Board
from fraudnet.scoring.description import described
from fraudnet.scoring.reasons import alike_sentence, feature_sentence, pattern_sentence
from fraudnet.scoring.wording import said

AGAINST, FOR, UNKNOWN = "against", "for", "unknown"
SHORT = 60  # signs that a line of the queue holds
# Contributions in log-odds that fill one, two, three, four squares.
WEIGHTS = (0.05, 0.2, 0.5, 1.0)
YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Told:
    """A reason as it is shown: side, sentence, its language, how heavy (0 to 4), the name of what it rests on."""

    side: str
    sentence: str
    language: str
    weight: int
    name: str
    pattern: bool

    @property
    def brief(self) -> str:
        """The sentence without its comparison."""
        return self.sentence.partition("; ")[0].rstrip(".")


def money(amount: float) -> str:
    """`1.234.567 đ`."""
    return f"{whole(amount)}{HARD}đ"


def short_money(amount: float) -> str:
    """Million đồng, for pictures only: `395 tr`."""
    return f"{whole(amount / 1e6)}{HARD}tr"


def local(moment: datetime) -> datetime:
    """A moment in Vietnam."""
    return moment.astimezone(ZoneInfo(LOCAL_ZONE))


def day(moment: datetime | date | None) -> str:
    """`20/11/2026`; an en dash where it is not known."""
    if moment is None:
        return "–"
    return (local(moment) if isinstance(moment, datetime) else moment).strftime("%d/%m/%Y")


def minute(moment: datetime | None) -> str:
    """`20/11/2026 16:05`."""
    return "–" if moment is None else local(moment).strftime("%d/%m/%Y %H:%M")


def run_day(run: str) -> str:
    """The day of a run from its name: `01/10/2026`."""
    return "/".join(reversed(run[:10].split("-")))


def institution(board: Board, key: str | None) -> str:
    """The name of an institution."""
    return board.facts.institutions.get(key or "", ("", key or ""))[1]


def called(board: Board, item: dict[str, Any], opened: bool = False) -> str:
    """What an item is called: institution and masked number; an identity by its holder's name."""
    if item["kind"] == "identity":
        return holder(item, opened) or masks.entity(item["entity_id"])
    number = item["number"] or ""
    shown = number if opened else masks.number_of(item["kind"], number)
    return f"{institution(board, item['institution'])} {shown}".strip()


def place(board: Board, entity: str, language: str) -> str:
    """What an end of a trail is called that may be no item: masked, with its institution; an exit by its kind."""
    kind, _, rest = entity.partition(":")
    if kind == "exit":
        return text(f"console.exit.{rest}", language)
    if kind != "account":
        return text("console.case.reported", language)
    return f"{institution(board, rest.partition(':')[0])} {masks.entity(entity)}"


def holder(item: dict[str, Any], opened: bool = False) -> str:
    """The holder's name, masked unless opened; an organisation's is public."""
    name = item["holder_name"] or ""
    if opened or item["holder_kind"] == "organisation" or not name:
        return name
    return masks.name(name)


def age(item: dict[str, Any], at: datetime) -> int | None:
    """The holder's age in years at the cut-off."""
    born: date | None = item["birth_date"]
    return None if born is None else int((local(at).date() - born).days / YEAR_DAYS)


def about(board: Board, item: dict[str, Any], language: str, opened: bool = False) -> str:
    """Who holds it, in one line: name, age, province."""
    parts = [] if item["kind"] == "identity" else [holder(item, opened)]
    years = age(item, board.facts.as_of)
    if years is not None and item["holder_kind"] != "organisation":
        parts.append(text("console.years", language, n=years))
    parts.append(NAMES_2025.get(item["province"] or "", ""))
    return f" {masks.DOT} ".join(part for part in parts if part)


def reasons(board: Board, item: dict[str, Any], language: str) -> list[Told]:
    """The reasons of an item on both sides, the heaviest first, patterns before features."""
    rows = board.of("reasons", item["node"])
    return [
        Told(FOR if row["in_favour"] else AGAINST, *_sentence(board, item, row, language), weight(row), row["name"],
             row["source"] in ("typology", "look_alike"))
        for row in rows
    ]  # fmt: skip


def weight(row: dict[str, Any]) -> int:
    """How heavy a reason is, in squares: a pattern by how clearly it shows, a feature by what it adds."""
    if row["source"] in ("typology", "look_alike"):
        clear: float = row["value"] or 0.0
        return min(4, max(1, round(4 * clear)))
    adds = abs(float(row["contribution"]))
    return max(1, sum(adds >= edge for edge in WEIGHTS))


def _sentence(board: Board, item: dict[str, Any], row: dict[str, Any], language: str) -> tuple[str, str]:
    """A reason's sentence and the language it is in: the run's own text, or one without comparison in another."""
    if language == board.facts.language:
        return row["text"], language
    if row["source"] == "typology":
        return pattern_sentence(row["name"], language), language
    if row["source"] == "look_alike":
        return alike_sentence(row["name"], row["value"] or 0.0, language), language
    column = board.facts.columns.get(item["kind"], {}).get(row["name"])
    if column is None:
        return row["text"], board.facts.language
    frame = "reason.speaks_for" if row["in_favour"] else "reason.feature"
    return feature_sentence(column, row["value"], language, frame), language


def short(board: Board, item: dict[str, Any], side: str, language: str) -> str:
    """The strongest reason of one side in few words; a plain fact where there is none, or where it would tell."""
    rows = [] if item["blind"] else board.of("reasons", item["node"])
    mine = [row for row in rows if row["in_favour"] == (side == FOR)]
    known = board.facts.columns.get(item["kind"], {})
    for row in mine:
        title = f"typology.{row['name']}.title"
        if row["source"] == "typology" and title in catalogue():
            return text(title, language)
        if row["source"] in ("model", "history") and row["name"] in known:
            words = described(known[row["name"]], language)
            words = f"{words[:1].upper()}{words[1:]}: {said(known[row['name']], row['value'], language)}"
            if len(words) <= SHORT:
                return words
    return plain_fact(board, item, side, language)


def plain_fact(board: Board, item: dict[str, Any], side: str, language: str) -> str:
    """A fact that every item has: money that came in, calls that went out; since when it has been there."""
    if side == FOR:
        opened = item["opened_at"]
        if opened is None:
            return text("console.fact.born" if item["kind"] == "identity" else "console.fact.no_date", language)
        return text("console.fact.since", language, day=day(opened), n=(board.facts.as_of - opened).days)
    return stake(board, item, language)[2]


def stake(board: Board, item: dict[str, Any], language: str) -> tuple[str, str, str]:
    """What is at stake: a figure, what it counts, and both as one sentence."""
    kind, node = item["kind"], item["node"]
    if kind == "account":
        figure = money(item["at_risk"])
    elif kind == "sim":
        figure = whole(sum(row["outgoing"] for row in board.of("contacts", node)))
    else:
        figure = whole(sum(row["kind"] == "owner" for row in board.of("ties", node)))
    note = text(f"console.stake.{kind}", language)
    return figure, note, text(f"console.stake.{kind}.fact", language, figure=figure)


def pattern(name: str, language: str) -> str:
    """What a typology is called."""
    known = f"typology.{name}.title"
    return text(known, language) if known in catalogue() else name.replace("_", " ")
