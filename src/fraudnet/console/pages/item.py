"""The page about one item: verdict, both sides, timeline, links, records, decisions; opening what is masked."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from fraudnet.console import masks, words
from fraudnet.console.guard import RefusedError, language_of, session_of
from fraudnet.console.house import House
from fraudnet.console.timeline import DAYS, decisive, timeline, zoom
from fraudnet.console.trails import trail_of
from fraudnet.console.view import house_of, page
from fraudnet.contracts.grades import ACTIONS, BANDS, GRADES, TABLE
from fraudnet.messages import catalogue, text
from fraudnet.review import holding, people, standing
from fraudnet.review.openings import Opening, log_opening
from fraudnet.store.event import Event

router = APIRouter()
Text = Annotated[str, Form()]
OPEN_FOR = timedelta(minutes=10)
MOST_TIES, MOST_ROWS = 14, 500
PURPOSES = ("case", "victim", "identity", "free")
ORDER = ("owner", "registered_phone", "uses", "transfer", "call")
SAID = ("decided", "waits", "disagreed", "read_twice", "opened", "draft", "refused")
PERCENT = 100


def item_of(house: House, node: int) -> dict[str, Any]:
    """An item, or a refusal."""
    found = house.board.item(node)
    if found is None:
        raise RefusedError(404, "not_found")
    return found


def hidden(house: House, item: dict[str, Any], name: str) -> bool:
    """Whether score, grade, rank and patterns are still hidden from somebody: until a first judgement is saved.

    A blind second reading hides them, too, and the first reader's decision with them.
    """
    twice = item["reference"] in standing.to_read_twice(house.desk, name)
    if not item["blind"]:
        return twice
    done = standing.standing(house.desk, item["reference"])
    first = standing.waiting(house.desk, item["reference"]).get(item["reference"])
    return twice or (done is None and (first is None or first.actor != name))


@router.get("/items/{node}", name="item")
async def item(request: Request, node: int, said: str = "") -> Response:
    """Everything about one item."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    language = language_of(request, house)
    found = item_of(house, node)
    house.office()
    blind = hidden(house, found, who.name)
    opened = holding.opened_until(house.desk, found["reference"], who.name, house.clock())
    moves, contacts = house.board.of("moves", node), house.board.of("contacts", node)
    happened = house.board.of("happenings", node)
    span = decisive(moves)
    facts = house.board.facts
    lock = holding.held(house.desk, house.clock(), found["reference"]).get(found["reference"])
    told = words.reasons(house.board, found, language)
    return page(
        request, "item.html", at="queue", item=found, blind=blind, opened=opened, said=said if said in SAID else "",
        called=words.called(house.board, found, opened is not None),
        about=words.about(house.board, found, language, opened is not None),
        verdict=verdict(found, language), against=[one for one in told if one.side == words.AGAINST],
        favour=[one for one in told if one.side == words.FOR], unknown=unknown(house, found),
        facts=[words.plain_fact(house.board, found, side, language) for side in (words.AGAINST, words.FOR)],
        picture=timeline(moves, contacts, happened, facts.as_of, language, facts.without), days=DAYS,
        zoomed=zoom(moves, span, language) if span else None, span=span, contacts=len(contacts), moves=len(moves),
        ties=ties(house, found, opened is not None)[:MOST_TIES], records=records(house, found, opened is not None),
        past=past(house, found, who.name), bands=BANDS, table=TABLE, grades=GRADES, actions=ACTIONS,
        sources=("police", "victim", "institution", "model"), lock=lock if lock and lock.user != who.name else None,
        first=standing.waiting(house.desk).get(found["reference"]),
        hits=[] if blind else house.board.of("hits", node), pattern=lambda name: words.pattern(name, language),
        proofs=Counter(row["typology"] for row in house.board.of("proofs", node)), purposes=PURPOSES, local=words.local,
        others=lead_choices(house, who), own=in_hand(house, found, who.name),
        plain=words.called(house.board, found), shift=None if blind else shift(house, found, language),
        trail=None if blind else trail_of(house, found, lambda end: words.place(house.board, end, language), language),
    )  # fmt: skip


def shift(house: House, found: dict[str, Any], language: str) -> str | None:
    """Why an item stands otherwise than in the run before, and which axis of its grade moved."""
    rows = house.board.of("shifts", found["node"])
    if not rows:
        return None
    row = rows[0]
    causes = ", ".join(text(f"console.cause.{cause}", language) for cause in row["causes"])
    slots = {"day": words.run_day(row["run"]), "before": row["grade_before"] or "–", "now": found["grade"] or "–",
             "then": row["place_before"] or "–", "place": row["place"] or "–", "causes": causes}  # fmt: skip
    said = [text(f"console.shift.{row['what']}", language, **slots)]
    for axis in ("source", "band") if row["what"] == "graded" else ():
        then, now = row[f"{axis}_before"], found[axis]
        if then and then != now:
            both = {"before": text(f"console.{axis}.{then}", language), "now": text(f"console.{axis}.{now}", language)}
            said.append(text(f"console.shift.axis.{axis}", language, **both))
    return " ".join(said)


def lead_choices(house: House, who: people.Person) -> list[people.Person]:
    """To whom somebody may hand an item over: active reviewers."""
    return [one for one in people.people(house.desk) if one.active and one.role in ("analyst", "lead")
            and one.name != who.name]  # fmt: skip


def verdict(found: dict[str, Any], language: str) -> dict[str, Any]:
    """The score in words: the band, and of 100 like this one how many were confirmed later."""
    if found["probability"] is None:  # ranked without a model
        return {"n": 0, "band": "none", "rest": PERCENT, "language": language}
    n = round(PERCENT * found["probability"])
    n = min(max(n, 1), PERCENT - 1)
    band = "low" if n < 10 else "medium" if n < 30 else "high" if n < 60 else "very_high"
    return {"n": n, "band": band, "rest": PERCENT - n, "language": language}


def unknown(house: House, found: dict[str, Any]) -> list[str]:
    """What is not known: sources that brought nothing, a holder without a record, nobody asked."""
    gone = set(house.board.facts.without)
    missing: list[str] = [name for name in ("transfers", "cash", "calls") if name in gone]
    if found["kind"] != "sim" and "calls" not in gone and not house.board.of("contacts", found["node"]):
        missing.append("calls_of_holder")
    if not house.board.of("records", found["holder"] if found["holder"] is not None else -1, "holder"):
        missing.append("record")
    return [*missing, "holder_not_asked"]


def ties(house: House, found: dict[str, Any], opened: bool) -> list[dict[str, Any]]:
    """The links of an item by kind, the strongest first, with their dates; other people stay masked."""
    rows = house.board.of("ties", found["node"])
    order = {kind: place for place, kind in enumerate(ORDER)}
    seen = sorted(rows, key=lambda r: (order.get(r["kind"], len(order)), -r["amount"], -r["n"], r["other"]))
    counts: dict[str, int] = {}
    kept = []
    for row in seen:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
        if counts[row["kind"]] <= 4:
            kept.append({**row, "with": _other(house, row, found, opened)})
    return kept


def _other(house: House, row: dict[str, Any], found: dict[str, Any], opened: bool) -> str:
    if row["other_kind"] == "device":
        return masks.entity(row["other_id"])
    node = house.board.node_of.get(row["other_id"])
    other = house.board.item(node) if node is not None else None
    if other is None:
        return masks.entity(row["other_id"])
    return words.called(house.board, other, opened and other["holder"] == found["holder"])


def records(house: House, found: dict[str, Any], opened: bool) -> list[dict[str, Any]]:
    """The records that were taken for one person, side by side."""
    rows = house.board.of("records", found["holder"], "holder") if found["holder"] is not None else []
    return [
        {
            "source": words.institution(house.board, row["source"]),
            "name": _shown(row["full_name"], masks.name, opened or found["holder_kind"] == "organisation"),
            "document": _shown(row["id_number"], masks.document, opened),
            "born": words.day(row["birth_date"]) if opened or row["birth_date"] is None
            else masks.birth(row["birth_date"]),
            "phone": _shown(row["phone"], masks.phone, opened),
            "address": _shown(row["address"], masks.address, opened),
            "reason": row["reason"],
        }
        for row in rows[:4]
    ]  # fmt: skip


def _shown(value: str | None, mask: Any, opened: bool) -> str:
    if not value:
        return "–"
    return value if opened else str(mask(value))


def past(house: House, found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """What was decided and said about an item; the first reading is kept from the second reader."""
    if found["reference"] in standing.to_read_twice(house.desk, name):
        return []
    numbers = standing.history(house.desk, found["reference"])
    told = [_event(house, next(house.store.events(after=number - 1))) for number in numbers]
    said = house.board.of("said", found["node"])
    ordered = sorted(said, key=lambda r: (r["known_at"] is None, r["known_at"]), reverse=True)
    return told + [
        {"seal": "", "outcome": "", "kind": row["kind"], "in_favour": row["in_favour"], "at": row["known_at"],
         "basis": row["basis"], "ref": row["ref_id"].partition(":")[0], "note": "", "number": 0, "digest": ""}
        for row in ordered
    ]  # fmt: skip


def _event(house: House, event: Event) -> dict[str, Any]:
    who = people.person(house.desk, event.actor)
    texts = house.store.texts(event.number) or {}
    return {
        "seal": who.shown if who else event.actor, "outcome": event.body["outcome"], "kind": "decision",
        "role": event.body["role"], "at": event.at, "note": texts.get("answer") or texts.get("note", ""),
        "number": event.number, "digest": f"{event.digest[:6]}…{event.digest[-4:]}", "in_favour": False, "basis": "",
        "ref": "",
    }  # fmt: skip


@router.get("/items/{node}/rows", name="item_rows")
async def item_rows(request: Request, node: int) -> Response:
    """The timeline as a table: every movement with its row in the source."""
    house = house_of(request)
    found = item_of(house, node)
    rows = house.board.of("moves", node)[-MOST_ROWS:]
    told = [{**row, "with": masks.entity(row["other"]) if ":" in (row["other"] or "") else row["other"] or "–"}
            for row in reversed(rows)]  # fmt: skip
    who = session_of(request).person
    proofs = [] if who is None or hidden(house, found, who.name) else house.board.of("proofs", node)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for proof in proofs:
        grouped.setdefault(proof["typology"], []).append(proof)
    language = language_of(request, house)
    return page(
        request, "rows.html", proofs=grouped, pattern=lambda name: words.pattern(name, language),
        what=lambda name: text(f"evidence.{name}", language) if f"evidence.{name}" in catalogue() else name,
        at="queue", item=found, called=words.called(house.board, found), rows=told,
        events=list(reversed(house.board.of("happenings", node))), most=MOST_ROWS,
    )  # fmt: skip


@router.post("/items/{node}/open", name="open_item")
async def open_item(request: Request, node: int, purpose: Text = "", words_of: Text = "") -> Response:
    """Show one item's personal data for ten minutes; outside one's own work a reason in words is asked for."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    found = item_of(house, node)
    assigned = in_hand(house, found, who.name)
    free = words_of.strip() if purpose == "free" else ""
    if purpose not in PURPOSES or (not assigned and len(free) < 10):
        raise RefusedError(422, "purpose_needed")
    case = found["case"] or f"{house.board.facts.run}/{node}"
    opening = Opening("page", (found["reference"],), f"{purpose}:{case}", assigned, free)
    log_opening(house.store, opening, who.name, house.clock())
    holding.open_for(house.desk, found["reference"], who.name, house.clock() + OPEN_FOR)
    return RedirectResponse(f"/items/{node}?said=opened", 303)


def in_hand(house: House, found: dict[str, Any], name: str) -> bool:
    """Whether an item is somebody's own work now: held from the queue, handed over and accepted, signed by them.

    Taking in hand what is in no queue, found by a search, makes it nobody's work.
    """
    item = found["reference"]
    lock = holding.held(house.desk, house.clock(), item).get(item)
    given, done = holding.handover(house.desk, item), standing.standing(house.desk, item)
    first = standing.waiting(house.desk, item).get(item)
    held = lock is not None and lock.user == name and found["place"] is not None
    accepted = given is not None and given.accepted and given.taker == name
    return held or accepted or name in (done.actor if done else "", first.actor if first else "")


@router.post("/items/{node}/hold", name="hold_item")
async def hold_item(request: Request, node: int) -> Response:
    """Take an item in hand and open the decision form."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    found = item_of(house, node)
    lock = holding.take(house.desk, found["reference"], who.name, house.clock())
    if lock.user != who.name:
        raise RefusedError(409, "held", who=shown(house, lock.user), until=words.minute(lock.until))
    return RedirectResponse(f"/items/{node}/decision", 303)


def shown(house: House, name: str) -> str:
    """How somebody is called on pages."""
    found = people.person(house.desk, name)
    return found.shown if found else name


@router.post("/items/{node}/skip", name="skip_item")
async def skip_item(request: Request, node: int) -> Response:
    """Leave an item to others until tomorrow."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    holding.skip(house.desk, item_of(house, node)["reference"], who.name, house.clock())
    return RedirectResponse("/queue?said=skipped", 303)
