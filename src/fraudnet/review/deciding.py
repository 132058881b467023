"""Recording a judgement: exactly one winner, a second person where money may be held, nothing lost for the loser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fraudnet.review.desk import Desk
from fraudnet.review.four_eyes import Signer, needs_two, refused
from fraudnet.review.holding import drop_draft, release, take
from fraudnet.review.standing import (
    DISAGREED,
    SECOND_READING,
    SIGNED_FIRST,
    Waiting,
    catch_up,
    rounds,
    standing,
    to_read_twice,
    waiting,
)
from fraudnet.store.dispositions import Decision, record_decision
from fraudnet.store.event import Entry, Receipt
from fraudnet.store.repository import Store

LAPSES = timedelta(days=3)  # a first signature that nobody follows is void afterwards


@dataclass(frozen=True)
class Subject:
    """What is judged: the id that decisions name, its grade, why it was chosen, and references (run, case, grade)."""

    entity: str
    grade: str | None
    selected_by: str
    references: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judgement:
    """What somebody concluded. `seen` is how many decisions on the item there were when the form was opened.

    rests_on: evidence by name; alone: whether it rests on closeness to known fraud alone, which makes no label;
    texts: answer and note, kept sealed. again: whether it was asked for as a blind second reading.
    """

    outcome: str
    role: str | None
    seen: int
    rests_on: tuple[str, ...] = ()
    alone: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True)
class Result:
    """What came of it: decided, waits (for a second signature), disagreed, read_twice, held, conflict or refused.

    number: the event; by: who was quicker or holds the item; reason: why a signature was refused.
    """

    what: str
    number: int = 0
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Office:
    """The record and the desk of one unit, and the time it is."""

    store: Store
    desk: Desk
    now: datetime


def decide(office: Office, signer: Signer, subject: Subject, judgement: Judgement) -> Result:
    """Record a judgement, or say why it was not: whoever else was quicker is named, and drafts stay.

    Safe between processes: the record takes one event per item and round, so exactly one of two judgements wins.
    """
    desk, item, name = office.desk, subject.entity, signer.person.name
    catch_up(office.store, desk)
    now_standing = standing(desk, item)
    counted = rounds(desk, item)
    current = judgement.seen == counted
    if now_standing and current and item in to_read_twice(desk, name):
        return _read_twice(office, signer, subject, judgement)
    if now_standing and (judgement.again or not current):
        return Result("conflict", now_standing.number, now_standing.actor)
    judgement = replace(judgement, seen=counted)  # where all was taken back, a form from before still counts
    lock = take(desk, item, name, office.now)
    quicker = _quicker(office, item, counted)
    if quicker or lock.user != name:
        release(desk, item, name)
        return quicker or Result("held", by=lock.user)
    first = waiting(desk, item).get(item)
    if first is None or office.now - first.at > LAPSES:
        if needs_two(subject.grade, judgement.outcome):
            return _sign_first(office, signer, subject, judgement)
        return _record(office, signer, subject, judgement)
    return _sign_second(office, signer, subject, (judgement, first))


def _quicker(office: Office, item: str, counted: int) -> Result | None:
    """Who decided between our look at the item and our hold on it."""
    catch_up(office.store, office.desk)
    found = standing(office.desk, item)
    if found is None or rounds(office.desk, item) == counted:
        return None
    return Result("conflict", found.number, found.actor)


def _record(office: Office, signer: Signer, subject: Subject, judgement: Judgement, first: int = 0) -> Result:
    name = signer.person.name
    references = {**subject.references, "by": "console", **({"signed_first": str(first)} if first else {})}
    said = Decision(
        subject.entity, judgement.outcome, "analyst", "list_only" if judgement.alone else "own_review", office.now,
        role=judgement.role, selected_by=subject.selected_by, rests_on=judgement.rests_on, references=references,
    )  # fmt: skip
    key = f"decision:{subject.entity}:{judgement.seen + 1}"
    receipt = record_decision(office.store, said, name, key, judgement.texts, office.now)
    return _answer(office, signer, subject, receipt, "decided")


def _answer(office: Office, signer: Signer, subject: Subject, receipt: Receipt, what: str) -> Result:
    catch_up(office.store, office.desk)
    if receipt.repeated:
        event = next(office.store.events(after=receipt.number - 1))
        if event.actor != signer.person.name:
            release(office.desk, subject.entity, signer.person.name)
            return Result("conflict", event.number, event.actor)
    drop_draft(office.desk, subject.entity, signer.person.name)
    office.desk.write("DELETE FROM locks WHERE item = ?", (subject.entity,))
    return Result(what, receipt.number, signer.person.name)


def _sign_first(office: Office, signer: Signer, subject: Subject, judgement: Judgement) -> Result:
    if not signer.person.confirmed_by:
        return Result("refused", reason="unconfirmed")
    lapsed = waiting(office.desk, subject.entity).get(subject.entity)
    key = f"{SIGNED_FIRST}:{subject.entity}:{judgement.seen + 1}:{lapsed.number if lapsed else 0}"
    body = {
        "entity": subject.entity, "outcome": judgement.outcome, "role": judgement.role, "grade": subject.grade,
        "rests_on": list(judgement.rests_on), "session": signer.session, "address": signer.address,
        "references": dict(subject.references),
    }  # fmt: skip
    entry = Entry(SIGNED_FIRST, signer.person.name, body, key, dict(judgement.texts), subject.entity)
    return _answer(office, signer, subject, office.store.append(entry, office.now), "waits")


def _sign_second(office: Office, signer: Signer, subject: Subject, both: tuple[Judgement, Waiting]) -> Result:
    judgement, first = both
    person = signer.person
    if first.other:
        if person.role != "lead" or person.name in (first.actor, first.other):
            return Result("refused", first.number, first.actor, "lead_settles")
        why = refused(first, signer, office.now) if judgement.outcome == "confirmed" else None
        return (
            Result("refused", first.number, first.actor, why)
            if why
            else _record(office, signer, subject, judgement, first.number)
        )
    why = refused(first, signer, office.now)
    if why:
        return Result("refused", first.number, first.actor, why)
    if (judgement.outcome, judgement.role or "") == (first.outcome, first.role):
        return _record(office, signer, subject, judgement, first.number)
    body = {"entity": subject.entity, "outcome": judgement.outcome, "role": judgement.role, "first": first.number}
    key = f"{DISAGREED}:{first.number}"
    entry = Entry(DISAGREED, person.name, body, key, dict(judgement.texts), subject.entity)
    return _answer(office, signer, subject, office.store.append(entry, office.now), "disagreed")


def _read_twice(office: Office, signer: Signer, subject: Subject, judgement: Judgement) -> Result:
    first = standing(office.desk, subject.entity)
    of = first.number if first else 0
    body = {
        "entity": subject.entity, "of": of, "first": first.actor if first else "",
        "outcomes": [first.outcome if first else "", judgement.outcome], "unit": signer.person.unit,
        "role": judgement.role,
    }  # fmt: skip
    entry = Entry(
        SECOND_READING, signer.person.name, body, f"{SECOND_READING}:{of}", dict(judgement.texts), subject.entity
    )
    return _answer(office, signer, subject, office.store.append(entry, office.now), "read_twice")
