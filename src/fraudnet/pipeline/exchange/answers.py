"""Answers come in: whole or not at all, once however often they are sent, signed or confirmed by a second person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.errors import InputError, MissingInputError, SecondPersonError
from fraudnet.files import digest_of
from fraudnet.lists.answers import GONE, JUDGED, REJECTS, Answer, Wording, answers_in, read_wording
from fraudnet.lists.format import UNKNOWN_KIND
from fraudnet.lists.honesty import ALARM, chance_of_so_many
from fraudnet.lists.tables import write_table
from fraudnet.pipeline.exchange.delivered import Delivery, plain_bytes, signed, table_in
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.pipeline.exchange.outbox import State, alone, state
from fraudnet.settings import Settings
from fraudnet.store.dispositions import DECISION, TAKEN_BACK, Decision, decision_entry, taken_back_entry
from fraudnet.store.event import Entry, Event
from fraudnet.store.repository import Store

RECEIVED, CONFIRMED, WRITTEN = "answers_received", "answers_confirmed", "answer_text"
UNDONE = "answers_undone"
SIGNED_LATER = "signature"  # what stands as document where the institution's signature came after its answers
UNKNOWN = "answers: no delivery of this number; `fraudnet receive` without a file shows them"
INSTANTLY = timedelta(microseconds=1)  # what is recorded now counts now


def receive_answers(
    delivery: Delivery, settings: Settings, now: datetime, rejects: Path | None = None
) -> dict[str, Any]:
    """Take in a file of answers: signed ones count at once, others wait for a second person (`confirm_answers`).

    The same file of the same institution again changes nothing and gets the first receipt; when its signature comes
    only then, it counts from then on. Rows that cannot be used are written to `rejects` for the institution.
    Raises InputError, WrongKeyError, TamperedError; nothing is then kept.
    """
    content = plain_bytes(delivery.path, settings)
    mark = digest_of([delivery.institution, hashlib.sha256(content).hexdigest()])
    with alone(settings), open_store(settings) as store:
        first = delivery_of(store, mark)
        counts_now = (first is None or _standing(first, store) == "pending") and signed(store, delivery, content)
        if first is None:
            store.append_all(_new(store, settings, delivery, (mark, content, counts_now), now), now)
        elif counts_now:
            store.append_all(_counting(first.body, SIGNED_LATER, actor(settings)), now)
        kept = _known(store, mark)
        if rejects is not None and kept.body["rejected"]:
            write_table(rejects, pl.DataFrame(kept.body["rejected"], schema=REJECTS).cast(pl.String))
        told = {**_receipt(kept, store), "repeated": first is not None}
        if first is not None and not counts_now:
            return told
        return {**told, "alarm": too_many_cleared(store, state(store, settings), delivery.institution, now)}


def _new(
    store: Store, settings: Settings, delivery: Delivery, sent: tuple[str, bytes, bool], now: datetime
) -> list[Entry]:
    """The events of answers that came for the first time. sent: their digest, their bytes, whether they are signed."""
    mark, content, is_signed = sent
    before, who = state(store, settings), actor(settings)
    own = own_entries(before, delivery.institution)
    wording = read_wording(delivery.wording) if delivery.wording else Wording()
    good, bad = answers_in(table_in(delivery.path, content), own, wording, now)
    rows = [{**answer.plain(), "entity": own[answer.entry]} for answer in good]
    body = {"delivery": mark, "institution": delivery.institution, "signed": is_signed, "answers": rows,
            "rejected": bad.to_dicts(), "kind": kind_of(before, delivery.institution)}  # fmt: skip
    entries = [Entry(RECEIVED, who, body, f"{RECEIVED}:{mark}"), *_texts(good, own, mark, who)]
    return [*entries, *(_decisions(body, who) if is_signed else [])]


def _counting(body: Mapping[str, Any], document: str, who: str) -> list[Entry]:
    """The events by which answers that waited begin to count."""
    mark = body["delivery"]
    return [
        Entry(CONFIRMED, who, {"delivery": mark, "document": document}, f"{CONFIRMED}:{mark}"),
        *_decisions(body, who),
    ]


def confirm_answers(mark: str, document: str, settings: Settings, now: datetime) -> dict[str, Any]:
    """Let unsigned answers count: a second person vouches for them with the number of a document.

    Raises SecondPersonError for the one who took them in, InputError without a document, MissingInputError.
    """
    if not document.strip():
        raise InputError("--document: got nothing, expected the number of the institution's letter")
    with alone(settings), open_store(settings) as store:
        event = _known(store, mark)
        who = actor(settings)
        if event.actor == who:
            raise SecondPersonError("answers: you took them in yourself; somebody else must confirm them")
        if _standing(event, store) == "undone":
            raise InputError("answers: this delivery was undone; ask the institution for a new file")
        if _standing(event, store) == "pending":
            store.append_all(_counting(event.body, document, who), now)
        alarm = too_many_cleared(store, state(store, settings), event.body["institution"], now)
        return {**_receipt(event, store), "repeated": False, "alarm": alarm}


def undo_answers(mark: str, document: str, settings: Settings, now: datetime) -> dict[str, Any]:
    """Let nothing of one delivery count any more, so that what fell by it stands again.

    Raises InputError without a document, MissingInputError.
    """
    if not document.strip():
        raise InputError("--document: got nothing, expected the number of the paper that it rests on")
    with alone(settings), open_store(settings) as store:
        event, who = _known(store, mark), actor(settings)
        whole = event.body["delivery"]
        back = {e.body["decision"] for e in store.events(TAKEN_BACK)}
        of_it = [
            e.number
            for e in store.events(DECISION)
            if e.body["references"].get("delivery") == whole and e.number not in back
        ]
        undone = Entry(UNDONE, who, {"delivery": whole, "document": document}, f"{UNDONE}:{whole}")
        store.append_all([undone, *(taken_back_entry(number, who, document) for number in of_it)], now)
        return {"delivery": whole, "taken_back": len(of_it)}


def known_deliveries(settings: Settings) -> list[dict[str, Any]]:
    """Every delivery of answers and whether it counts."""
    with open_store(settings) as store:
        return [_receipt(event, store) for event in store.events(RECEIVED)]


def _known(store: Store, mark: str) -> Event:
    found = delivery_of(store, mark)
    if found is None:
        raise MissingInputError(UNKNOWN)
    return found


def delivery_of(store: Store, mark: str) -> Event | None:
    """The delivery whose digest begins so; None when there is none or more than one."""
    found = [event for event in store.events(RECEIVED) if mark and event.body["delivery"].startswith(mark)]
    return found[0] if len(found) == 1 else None


def effective(store: Store, now: datetime) -> Iterator[tuple[Event, datetime]]:
    """The deliveries that count before a moment, and since when: signed ones at once, others once confirmed.

    One that was undone by then counts no more.
    """
    confirmed = {e.body["delivery"]: e.at for e in store.events(CONFIRMED)}
    undone = {e.body["delivery"] for e in store.events(UNDONE) if e.at < now}
    for event in store.events(RECEIVED):
        since = event.at if event.body["signed"] else confirmed.get(event.body["delivery"])
        if since is not None and since < now and event.body["delivery"] not in undone:
            yield event, since


def closed_accounts(store: Store, now: datetime) -> pl.DataFrame:
    """What institutions said they do not have any more: institution, entity_id, since."""
    rows = [
        (event.body["institution"], answer["entity"], since)
        for event, since in effective(store, now)
        for answer in event.body["answers"]
        if answer["outcome"] in GONE
    ]
    schema = pl.Schema({"institution": pl.String(), "entity_id": pl.String(), "since": INSTANT})
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.group_by("institution", "entity_id").agg(pl.col("since").max()).sort("institution", "entity_id")


def own_entries(before: State, institution: str) -> dict[str, str]:
    """The entries that an institution was ever sent, and their entities."""
    own = before.changes.filter(pl.col("institution") == institution)
    return dict(own.select("entry_id", "entity_id").unique().iter_rows())


def kind_of(before: State, institution: str) -> str:
    """bank, wallet, operator or exchange; unknown when no package said so."""
    kinds = [facts["kind"] for facts in before.packages.get(institution, []) if "kind" in facts]
    return str(kinds[-1]) if kinds else UNKNOWN_KIND


def too_many_cleared(store: Store, before: State, institution: str, now: datetime) -> dict[str, Any] | None:
    """Whether an institution clears more than the scores of its entries allow (T33): chance below 1 %; else None."""
    last = before.changes.sort("turn").unique("entry_id", keep="last", maintain_order=True)
    scores = dict(last.drop_nulls("probability").select("entry_id", "probability").iter_rows())
    said: dict[str, str] = {}
    for event, _ in effective(store, now + INSTANTLY):
        if event.body["institution"] == institution:
            said.update({a["entry"]: a["outcome"] for a in event.body["answers"] if a["outcome"] in JUDGED})
    judged = {entry: outcome for entry, outcome in said.items() if entry in scores}
    cleared = sum(outcome == "cleared" for outcome in judged.values())
    chance = chance_of_so_many(cleared, [scores[entry] for entry in sorted(judged)])
    if chance >= ALARM:
        return None
    return {"institution": institution, "judged": len(judged), "cleared": cleared, "chance": chance}


def _texts(answers: list[Answer], own: Mapping[str, str], mark: str, who: str) -> list[Entry]:
    """What was written about each entity, sealed under its own key, so that it can be made unreadable for it alone."""
    return [
        Entry(
            WRITTEN, who, {"delivery": mark, "entry": one.entry}, f"{WRITTEN}:{mark}:{one.entry}", texts, own[one.entry]
        )
        for one in answers
        if (texts := one.texts())
    ]


def _decisions(body: Mapping[str, Any], who: str) -> list[Entry]:
    return [
        decision_entry(_decision(answer, body), who, f"answer:{body['delivery']}:{answer['entry']}")
        for answer in body["answers"]
        if answer["outcome"] in JUDGED
    ]


def _decision(answer: Mapping[str, Any], body: Mapping[str, Any]) -> Decision:
    begins, ends = (
        datetime.fromisoformat(answer[name]) if answer[name] else None for name in ("activity_from", "activity_to")
    )
    refers = {"institution": body["institution"], "entry": answer["entry"], "delivery": body["delivery"]}
    return Decision(
        entity=answer["entity"],
        outcome=answer["outcome"],
        source="operator" if body["kind"] == "operator" else "bank",
        basis=answer["basis"],
        decided_at=datetime.fromisoformat(answer["decided_at"]),
        role=answer["role"],
        selected_by="queue",
        references=refers,
        activity_from=begins,
        activity_to=ends,
    )


def _standing(event: Event, store: Store) -> str:
    """counts, pending or undone."""
    mark = event.body["delivery"]
    if any(e.body["delivery"] == mark for e in store.events(UNDONE)):
        return "undone"
    confirmed = any(e.body["delivery"] == mark for e in store.events(CONFIRMED))
    return "counts" if event.body["signed"] or confirmed else "pending"


def _receipt(event: Event, store: Store) -> dict[str, Any]:
    body = event.body
    outcomes: dict[str, int] = {}
    for answer in body["answers"]:
        outcomes[answer["outcome"]] = outcomes.get(answer["outcome"], 0) + 1
    return {
        "delivery": body["delivery"],
        "receipt": event.number,
        "institution": body["institution"],
        "state": _standing(event, store),
        "answers": len(body["answers"]),
        "rejected": len(body["rejected"]),
        "outcomes": outcomes,
    }
