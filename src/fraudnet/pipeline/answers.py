"""Answers come in: whole or not at all, once however often they are sent, signed or confirmed by a second person."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.errors import InputError, MissingInputError, SecondPersonError, TamperedError, WrongKeyError
from fraudnet.lists.answers import GONE, JUDGED, Answer, Wording, answers_in, read_wording
from fraudnet.lists.exchange.keys import verified
from fraudnet.lists.honesty import ALARM, chance_of_so_many
from fraudnet.lists.tables import read_table, write_table
from fraudnet.pipeline.keyring import own_keys, ring_of
from fraudnet.pipeline.ledger import actor, open_store
from fraudnet.pipeline.outbox import State, alone, state
from fraudnet.settings import Settings
from fraudnet.store.dispositions import DECISION, TAKEN_BACK, Decision, decision_entry, take_back
from fraudnet.store.event import Entry, Event
from fraudnet.store.repository import Store

RECEIVED, CONFIRMED, WRITTEN = "answers_received", "answers_confirmed", "answer_text"
SIGNATURE = ".sig"
INSTANTLY = timedelta(microseconds=1)  # what is recorded now counts now


@dataclass(frozen=True)
class Delivery:
    """One file of answers: from which institution, its detached signature, how it words things."""

    path: Path
    institution: str
    signature: Path | None = None
    wording: Path | None = None


def receive_answers(
    delivery: Delivery, settings: Settings, now: datetime, rejects: Path | None = None
) -> dict[str, Any]:
    """Take in a file of answers: signed ones count at once, others wait for a second person (`confirm_answers`).

    The same file again changes nothing and gets the first receipt. Rows that cannot be used are written to `rejects`
    for the institution. Raises InputError, WrongKeyError, TamperedError; nothing is then kept.
    """
    content = _plain(delivery.path, settings)
    mark = hashlib.sha256(content).hexdigest()
    with alone(settings), open_store(settings) as store:
        first = delivery_of(store, mark)
        if first is not None:
            return {**_receipt(first, store), "repeated": True}
        signed = _signed(store, delivery, content)
        before = state(store, settings)
        own = own_entries(before, delivery.institution)
        wording = read_wording(delivery.wording) if delivery.wording else Wording()
        good, bad = answers_in(_table(delivery.path, content), own, wording, now)
        rows = [{**answer.plain(), "entity": own[answer.entry]} for answer in good]
        body = {"delivery": mark, "institution": delivery.institution, "signed": signed, "answers": rows,
                "rejected": bad.to_dicts(), "kind": kind_of(before, delivery.institution)}  # fmt: skip
        who = actor(settings)
        entries = [Entry(RECEIVED, who, body, f"{RECEIVED}:{mark}"), *_texts(good, own, mark, who)]
        store.append_all([*entries, *(_decisions(body, who) if signed else [])], now)
        if rejects is not None and bad.height:
            write_table(rejects, bad.cast(pl.String))
        kept = delivery_of(store, mark)
        assert kept is not None  # noqa: S101  # it was appended above
        return {
            **_receipt(kept, store),
            "repeated": False,
            "alarm": too_many_cleared(store, before, delivery.institution, now),
        }


def confirm_answers(mark: str, document: str, settings: Settings, now: datetime) -> dict[str, Any]:
    """Let unsigned answers count: a second person vouches for them with the number of a document.

    Raises SecondPersonError for the one who took them in, InputError without a document, MissingInputError.
    """
    if not document.strip():
        raise InputError("--document: got nothing, expected the number of the institution's letter")
    with alone(settings), open_store(settings) as store:
        event = delivery_of(store, mark)
        if event is None:
            raise MissingInputError("answers: no delivery of this number; `fraudnet receive --list` shows them")
        who = actor(settings)
        if event.actor == who:
            raise SecondPersonError("answers: you took them in yourself; somebody else must confirm them")
        body = {"delivery": event.body["delivery"], "document": document}
        entries = [Entry(CONFIRMED, who, body, f"{CONFIRMED}:{event.body['delivery']}"), *_decisions(event.body, who)]
        if not event.body["signed"]:
            store.append_all(entries, now)
        before = state(store, settings)
        alarm = too_many_cleared(store, before, event.body["institution"], now)
        return {**_receipt(event, store), "repeated": False, "alarm": alarm}


def undo_answers(mark: str, document: str, settings: Settings, now: datetime) -> dict[str, Any]:
    """Take back everything that one delivery decided, so that what fell by it stands again."""
    with alone(settings), open_store(settings) as store:
        event = delivery_of(store, mark)
        if event is None:
            raise MissingInputError("answers: no delivery of this number; `fraudnet receive --list` shows them")
        back = {e.body["decision"] for e in store.events(TAKEN_BACK)}
        of_it = [
            e.number
            for e in store.events(DECISION)
            if e.body["references"].get("delivery") == event.body["delivery"] and e.number not in back
        ]
        for number in of_it:
            take_back(store, number, actor(settings), document, now)
        return {"delivery": event.body["delivery"], "taken_back": len(of_it)}


def known_deliveries(settings: Settings) -> list[dict[str, Any]]:
    """Every delivery of answers and whether it counts."""
    with open_store(settings) as store:
        return [_receipt(event, store) for event in store.events(RECEIVED)]


def delivery_of(store: Store, mark: str) -> Event | None:
    """The delivery whose digest begins so; None when there is none or more than one."""
    found = [event for event in store.events(RECEIVED) if mark and event.body["delivery"].startswith(mark)]
    return found[0] if len(found) == 1 else None


def effective(store: Store, now: datetime) -> Iterator[tuple[Event, datetime]]:
    """The deliveries that count before a moment, and since when: signed ones at once, others once confirmed."""
    confirmed = {e.body["delivery"]: e.at for e in store.events(CONFIRMED)}
    for event in store.events(RECEIVED):
        since = event.at if event.body["signed"] else confirmed.get(event.body["delivery"])
        if since is not None and since < now:
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
    return str(before.packages.get(institution, [{}])[-1].get("kind", "unknown"))


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


def _receipt(event: Event, store: Store) -> dict[str, Any]:
    body = event.body
    confirmed = any(e.body["delivery"] == body["delivery"] for e in store.events(CONFIRMED))
    outcomes: dict[str, int] = {}
    for answer in body["answers"]:
        outcomes[answer["outcome"]] = outcomes.get(answer["outcome"], 0) + 1
    return {
        "delivery": body["delivery"],
        "receipt": event.number,
        "institution": body["institution"],
        "state": "counts" if body["signed"] or confirmed else "pending",
        "answers": len(body["answers"]),
        "rejected": len(body["rejected"]),
        "outcomes": outcomes,
    }


def _plain(path: Path, settings: Settings) -> bytes:
    """The bytes of a file; one that ends in .age is decrypted with our own keys first."""
    if not path.is_file():
        raise MissingInputError(f"{path}: is not there; name a file of answers")
    content = path.read_bytes()
    if path.suffix != ".age":
        return content
    import pyrage
    from pyrage import x25519

    with open_store(settings) as store:
        identity = x25519.Identity.from_str(own_keys(store, settings).identity())
    try:
        return bytes(pyrage.decrypt(content, [identity]))
    except pyrage.DecryptError:
        raise TamperedError(f"{path.name}: was changed, or is not for our keys; ask for it again") from None


def _table(path: Path, content: bytes) -> pl.DataFrame:
    name = path.name.removesuffix(".age")
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / (f"answers{Path(name).suffix}" if Path(name).suffix else "answers.csv")
        plain.write_bytes(content)
        return read_table(plain)


def _signed(store: Store, delivery: Delivery, content: bytes) -> bool:
    """Whether the institution signed these bytes. Raises WrongKeyError, TamperedError when it says so and did not."""
    path = delivery.signature or delivery.path.with_name(delivery.path.name.removesuffix(".age") + SIGNATURE)
    if not path.is_file():
        if delivery.signature is not None:
            raise MissingInputError(f"{path}: is not there; name the detached signature, or leave it out")
        return False
    trusted = ring_of(store).trusted(delivery.institution)
    if not trusted:
        raise WrongKeyError(f"keys of {delivery.institution}: none is trusted here; its answers cannot be verified")
    if not any(verified(keys, content, path.read_bytes()) for keys in trusted):
        raise TamperedError(f"{path.name}: does not fit the answers of {delivery.institution}; ask for them again")
    return True
