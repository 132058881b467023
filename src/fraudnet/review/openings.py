"""Who opened whose personal data and for what: written down each time, the unusual shown to the auditor first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fraudnet.expressions import LOCAL_ZONE
from fraudnet.store.dispositions import DECISION
from fraudnet.store.event import Entry, Event, Receipt
from fraudnet.store.repository import Store

OPENED = "opened"  # by page, search, print, export or the command line
WAYS = ("page", "search", "print", "export", "command")
WORKING_HOURS = range(6, 20)


@dataclass(frozen=True)
class Opening:
    """What was opened: how, which items, under which purpose, and whether they were in the person's own work."""

    way: str
    items: Sequence[str]
    purpose: str
    assigned: bool
    free_text: str = ""


def log_opening(store: Store, opening: Opening, by: str, now: datetime) -> Receipt:
    """Write down that personal data were opened; a purpose in free words is kept sealed."""
    body = {
        "way": opening.way, "entities": list(opening.items), "purpose": opening.purpose, "assigned": opening.assigned,
        "free": bool(opening.free_text),
    }  # fmt: skip
    key = f"{OPENED}:{store.head().number + 1}:{by}:{now.timestamp():.6f}"
    texts = {"purpose": opening.free_text} if opening.free_text else {}
    return store.append(Entry(OPENED, by, body, key, texts, opening.items[0] if texts and opening.items else ""), now)


@dataclass(frozen=True)
class Unusual:
    """An opening and how many signs of curiosity it has."""

    event: Event
    signs: tuple[str, ...]
    weight: float


def unusual(events: Iterable[Event]) -> list[Unusual]:
    """Openings of personal data, the most unusual first.

    Signs: outside the person's own work (3), never decided by the same person afterwards (1), a purpose in free words
    (1), outside working hours (1), the same entity opened again by the same person on another day (1), and a person
    who opens outside the own work more than twice as often as the others (1). Ties stand in the order of the record.
    """
    told = list(events)
    opened = [event for event in told if event.kind == OPENED]
    decided = {(event.actor, event.body["entity"]) for event in told if event.kind == DECISION}
    outside = Counter(event.actor for event in opened if not event.body["assigned"])
    usual = sorted(outside.values())[len(outside) // 2] if outside else 0
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for event in opened:
        for name in event.body["entities"]:
            days[event.actor, name].add(event.at.date())
    found = []
    for event in opened:
        signs = tuple(_signs(event, decided, days, outside[event.actor] > 2 * usual))
        weight = sum(3.0 if sign == "outside" else 1.0 for sign in signs)
        found.append(Unusual(event, signs, weight))
    return sorted(found, key=lambda one: (-one.weight, one.event.number))


def _signs(
    event: Event, decided: set[tuple[str, str]], days: dict[tuple[str, str], set[date]], often: bool
) -> Iterable[str]:
    body, who = event.body, event.actor
    if not body["assigned"]:
        yield "outside"
        if often:
            yield "often"
    if not any((who, name) in decided for name in body["entities"]):
        yield "no_decision"
    if body["free"]:
        yield "free_text"
    if event.at.astimezone(ZoneInfo(LOCAL_ZONE)).hour not in WORKING_HOURS:
        yield "hours"
    if any(len(days[who, name]) > 1 for name in body["entities"]):
        yield "again"
