"""Human and institutional judgements: one kind of event, read back as the table that labels and seeds come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dataframely as dy
import polars as pl

from fraudnet.contracts.judgements import BASES, OUTCOMES, ROLES, SELECTIONS, SOURCES, Disposition
from fraudnet.errors import InputError
from fraudnet.files import digest_of
from fraudnet.store.event import Entry, Event, Receipt
from fraudnet.store.repository import Store

DECISION, TAKEN_BACK = "decision", "decision_taken_back"
DELIVERY = "store"  # what stands as source in the rows of the table
MOMENTS = ("decided_at", "activity_from", "activity_to")
WORDS: Mapping[str, tuple[str, ...]] = {
    "outcome": OUTCOMES, "source": SOURCES, "basis": BASES, "role": ROLES, "selected_by": SELECTIONS,
}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What somebody decided about an entity, in the words of the contract Disposition.

    entity: entity id, or `identity:<source>:<source_id>`, since a resolved identity moves from run to run. source: who
    decided (police, victim, bank, operator, hotline, analyst). basis: what it rests on; `list_only` and `derived` are
    kept, but never become a label or a seed. Moments with their zone; the activity is [from, to). references: ids of
    the run, list, case or entry that it answers. Raises InputError when a word is none of the contract's.
    """

    entity: str
    outcome: str
    source: str
    basis: str
    decided_at: datetime
    role: str | None = None
    activity_from: datetime | None = None
    activity_to: datetime | None = None
    selected_by: str | None = None
    rests_on: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.entity.strip():
            raise InputError("decision, entity: got nothing, expected an entity id")
        for name, words in WORDS.items():
            said = getattr(self, name)
            if said not in words and not (said is None and name in ("role", "selected_by")):
                raise InputError(
                    "decision, {name}: got another word, expected one of {words}", name=name, words=", ".join(words)
                )
        for name in MOMENTS:
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise InputError("decision, {name}: got a moment without a zone, expected one with it", name=name)
        if self.activity_from and self.activity_to and self.activity_from > self.activity_to:
            raise InputError("decision, activity_from: lies behind activity_to, expected the earlier of the two")

    def body(self) -> dict[str, Any]:
        """The decision as the event keeps it, moments in UTC."""
        told = {name: getattr(self, name) for name in ("entity", *WORDS)}
        moments = {name: _written(getattr(self, name)) for name in MOMENTS}
        return {**told, **moments, "rests_on": list(self.rests_on), "references": dict(self.references)}


def record_decision(
    store: Store,
    decision: Decision,
    by: str,
    key: str,
    texts: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Keep a decision for good; one with the same `key` changes nothing and gets the first receipt.

    `by` is the acting user. Names and notes go into `texts`, which can be made unreadable by the entity's id. `at` is
    when the decision became known to us: now, unless said.
    """
    return store.append(decision_entry(decision, by, key, texts), at)


def decision_entry(decision: Decision, by: str, key: str, texts: Mapping[str, str] | None = None) -> Entry:
    """The event of a decision, for writers that record it together with others."""
    kept = dict(texts or {})
    return Entry(DECISION, by, decision.body(), key, kept, decision.entity if kept else "")


def take_back(store: Store, number: int, by: str, reason: str, at: datetime | None = None) -> Receipt:
    """Take a recorded decision back from now on; what was known before stays known. `reason` is a code or document.

    Raises InputError when there is no decision of that number.
    """
    if not any(event.number == number for event in store.events(DECISION, after=number - 1)):
        raise InputError("decision {number}: is not there; name the number of a recorded decision", number=number)
    return store.append(taken_back_entry(number, by, reason), at)


def taken_back_entry(number: int, by: str, reason: str) -> Entry:
    """The event that takes a decision back, for writers that record it together with others."""
    return Entry(TAKEN_BACK, by, {"decision": number, "reason": reason}, f"{TAKEN_BACK}:{number}")


def standing_decisions(store: Store, before: datetime) -> list[Event]:
    """The decisions known strictly before a moment and not taken back by then, in the order of their recording."""
    back = {event.body["decision"] for event in store.events(TAKEN_BACK) if event.at < before}
    return [event for event in store.events(DECISION) if event.at < before and event.number not in back]


def dispositions(store: Store, before: datetime) -> dy.DataFrame[Disposition]:
    """What `standing_decisions` says, under the contract of a drop's decisions; `known_at` is when it was recorded."""
    rows = [_row(event) for event in standing_decisions(store, before)]
    types = {name: column.dtype for name, column in Disposition.columns().items()}
    return Disposition.validate(pl.DataFrame(rows, schema=types), cast=True)


def digest_of_decisions(frame: pl.DataFrame) -> str:
    """What stands for these decisions in the name of a run: equal decisions give an equal digest."""
    return digest_of(frame.sort("row_id").to_dicts())


def _row(event: Event) -> dict[str, Any]:
    said = event.body
    moments = {name: _read(said[name]) for name in MOMENTS}
    words = {name: said[name] for name in ("entity", "outcome", "role", "basis", "selected_by", "rests_on")}
    # Numbers with leading zeros sort as text in the order of their recording, which breaks ties between decisions.
    known = {"source": DELIVERY, "row_id": f"event:{event.number:012d}", "known_at": event.at}
    return {**words, **moments, "decided_by": said["source"], **known}


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _read(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
