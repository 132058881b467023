"""Somebody says that an entry about them is wrong: a deadline, another reviewer, a pause meanwhile, an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from fraudnet.contracts.judgements import SPARED_ROLES
from fraudnet.errors import ConfigurationError, InputError, MissingInputError, SecondPersonError
from fraudnet.lists.workdays import KINDS, deadline
from fraudnet.pipeline.exchange.answers import effective
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.pipeline.exchange.outbox import state
from fraudnet.settings import Settings
from fraudnet.store.dispositions import DECISION, Decision, decision_entry, standing_decisions
from fraudnet.store.event import Entry, Event
from fraudnet.store.repository import Store

OPENED, PAUSED, DECIDED = "contest_opened", "contest_paused", "contest_decided"
OUTCOMES = ("cleared", "upheld")


@dataclass(frozen=True)
class Complaint:
    """What is contested: the entry, its kind (held_amount, other), how it came, and who may review it."""

    entry: str
    kind: str
    document: str
    reviewers: tuple[str, ...]


def open_contest(said: Complaint, settings: Settings, now: datetime, note: str = "") -> dict[str, Any]:
    """Open a contest about an entry that stands: its deadline, and a reviewer who never decided about this entity.

    The next package asks the institution to pause. Raises MissingInputError for an entry that does not stand,
    SecondPersonError when nobody is left who may review it, ConfigurationError, InputError.
    """
    if said.kind not in KINDS:
        raise ConfigurationError("--kind: got another word, expected {known}", known=" or ".join(KINDS))
    if not said.document.strip():
        raise InputError("--document: got nothing, expected the number under which the complaint was taken in")
    with open_store(settings) as store:
        rows = state(store, settings).live.filter(pl.col("entry_id") == said.entry).to_dicts()
        if not rows:
            raise MissingInputError("contest: no entry of this key stands; the key is in changes.jsonl and answers.csv")
        entry = rows[0]
        body = {
            "entry": said.entry, "institution": entry["institution"], "entity": entry["entity_id"], "kind": said.kind,
            "grade": entry["grade"], "action": entry["action"], "document": said.document,
            "deadline": deadline(now, said.kind, settings.contest_hours, settings.contest_days).isoformat(),
            "reviewer": _reviewer(store, entry["entity_id"], said.reviewers),
        }  # fmt: skip
        texts = {"note": note} if note else {}
        key = f"{OPENED}:{said.entry}:{said.document}"
        receipt = store.append(Entry(OPENED, actor(settings), body, key, texts, entry["entity_id"]), now)
        body = dict(_opened(store, receipt.number).body)  # what was recorded the first time
        return {"contest": receipt.number, **{k: body[k] for k in ("institution", "kind", "deadline", "reviewer")}}


def _reviewer(store: Store, entity: str, names: tuple[str, ...]) -> str:
    """Of those who never decided about an entity the one with the fewest open contests, then by name."""
    decided = {e.actor for e in store.events(DECISION) if e.body["entity"] == entity}
    closed = {e.body["contest"] for e in store.events(DECIDED)}
    busy = Counter(e.body["reviewer"] for e in store.events(OPENED) if e.number not in closed)
    free = sorted(set(names) - decided, key=lambda name: (busy[name], name))
    if not free:
        raise SecondPersonError("contest: everybody named has decided about this before; name another reviewer")
    return free[0]


def contest_paused(number: int, settings: Settings, now: datetime) -> dict[str, Any]:
    """Note that the institution has paused the strongest action."""
    with open_store(settings) as store:
        _opened(store, number)
        receipt = store.append(Entry(PAUSED, actor(settings), {"contest": number}, f"{PAUSED}:{number}"), now)
        return {"contest": number, "receipt": receipt.number}


def decide_contest(number: int, outcome: str, document: str, settings: Settings, now: datetime) -> dict[str, Any]:
    """Answer a contest: `cleared` takes the entry off as a decision of its reviewer, `upheld` lets it stand.

    Raises SecondPersonError for anybody but the reviewer it was given to, MissingInputError, ConfigurationError.
    """
    if outcome not in OUTCOMES:
        raise ConfigurationError("outcome: got another word, expected {known}", known=" or ".join(OUTCOMES))
    if not document.strip():
        raise InputError("--document: got nothing, expected the number of the paper that the answer stands in")
    with open_store(settings) as store:
        event, who = _opened(store, number), actor(settings)
        if event.body["reviewer"] != who:
            raise SecondPersonError("contest: it was given to another reviewer, who must decide it")
        if any(e.body["contest"] == number and e.body["outcome"] != outcome for e in store.events(DECIDED)):
            raise InputError("contest: it was answered otherwise before; the person has to open a new one")
        if outcome == "cleared" and _confirmed_by_police(store, event.body["entity"], now):
            raise InputError("contest: the police confirmed this entity; their decision must be taken back first")
        body = {"contest": number, "outcome": outcome, "document": document}
        entries = [Entry(DECIDED, who, body, f"{DECIDED}:{number}")]
        if outcome == "cleared":
            refers = {"contest": str(number), "entry": event.body["entry"]}
            made = Decision(event.body["entity"], "cleared", "analyst", "own_review", now, references=refers)
            entries.append(decision_entry(made, who, f"contest:{number}"))
        store.append_all(entries, now)
        return {"contest": number, "outcome": outcome}


def _confirmed_by_police(store: Store, entity: str, now: datetime) -> bool:
    """Whether the last word of the police about an entity weighs more than any contest."""
    said = [e.body for e in standing_decisions(store, now) if e.body["entity"] == entity]
    words = [(body["outcome"], body["role"]) for body in said if body["source"] == "police"]
    return bool(words) and words[-1][0] == "confirmed" and words[-1][1] not in SPARED_ROLES


def _opened(store: Store, number: int) -> Event:
    for event in store.events(OPENED, after=number - 1):
        if event.number == number:
            return event
    raise MissingInputError("contest: there is none of this number; `fraudnet contest list` shows them")


def contests_told(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """Every contest: when it is due, who reviews it, whether it was paused and answered, whether it is overdue."""
    with open_store(settings) as store:
        paused = {e.body["contest"] for e in store.events(PAUSED)}
        decided = {e.body["contest"]: e for e in store.events(DECIDED)}
        return [_told(event, event.number in paused, decided.get(event.number), now) for event in store.events(OPENED)]


def _told(event: Event, paused: bool, decided: Event | None, now: datetime) -> dict[str, Any]:
    due = datetime.fromisoformat(event.body["deadline"])
    return {
        "contest": event.number,
        **{name: event.body[name] for name in ("institution", "entry", "kind", "reviewer", "deadline", "action")},
        "opened": event.at.isoformat(),
        "pause": "done" if paused else "asked",
        "outcome": decided.body["outcome"] if decided else None,
        "overdue": (decided.at if decided else now) > due,
    }


def contested(store: Store, now: datetime) -> pl.DataFrame:
    """The entries to pause: of open contests here, and those that institutions say their customers contest.

    institution, entity_id. An institution's word pauses until its next answer about that entry.
    """
    closed = {e.body["contest"] for e in store.events(DECIDED) if e.at < now}
    rows = {
        (e.body["institution"], e.body["entity"]) for e in store.events(OPENED) if e.at < now and e.number not in closed
    }
    rows |= {key for key, outcome in _last_words(event for event, _ in effective(store, now)) if outcome == "contested"}
    return pl.DataFrame(sorted(rows), schema={"institution": pl.String, "entity_id": pl.String}, orient="row")


def _last_words(events: Iterable[Event]) -> Iterable[tuple[tuple[str, str], str]]:
    """What each institution said last about each entity: in the delivery that came last, whatever day it names."""
    said: dict[tuple[str, str], tuple[datetime, str, str]] = {}
    for event in events:
        for answer in event.body["answers"]:
            key = (event.body["institution"], answer["entity"])
            word = (event.at, answer["decided_at"], answer["outcome"])
            said[key] = max(word, said.get(key, word))
    return ((key, word[2]) for key, word in said.items())
