"""The decision: six parts, two seals, what falls with it; drafts, conflicts, hand-overs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from fraudnet.console import words
from fraudnet.console.guard import RefusedError, language_of, session_of
from fraudnet.console.house import House
from fraudnet.console.pages.item import hidden, item_of, shown
from fraudnet.console.view import house_of, page
from fraudnet.contracts.grades import ACTIONS
from fraudnet.contracts.judgements import OUTCOMES
from fraudnet.review import holding, people, standing
from fraudnet.review.deciding import LAPSES, Judgement, Result, Subject, decide
from fraudnet.review.four_eyes import Signer, needs_two, refused
from fraudnet.review.withdrawal import falling
from fraudnet.store.event import Entry

router = APIRouter()
ROLES_OF = {
    "account": ("controller", "knowing_mule", "misled_mule", "victim", "good_faith", ""),
    "sim": ("sim_farm", "sim_box", "call_centre", "agent_registered", "controller", "victim", "good_faith", ""),
    "identity": ("controller", "knowing_mule", "misled_mule", "victim", "good_faith", ""),
}
HONEST_ROLES = ("victim", "good_faith")
ANSWER, NOTE = 20, 500
FIELDS = ("outcome", "role", "answer", "action", "expires", "note")
HANDED = "handed_over"


@router.get("/items/{node}/decision", name="decision")
async def decision(request: Request, node: int) -> Response:
    """The decision form, with what was written before."""
    house = house_of(request)
    found = item_of(house, node)
    name = _name(request)
    kept = holding.draft(house.desk, found["reference"], name)
    written = kept[0] if kept else {}
    return _form(request, found, written, {})


def _name(request: Request) -> str:
    who = session_of(request).person
    if who is None:
        raise RefusedError(403, "no_right")
    return who.name


def _form(
    request: Request, found: dict[str, Any], written: dict[str, Any], wrong: dict[str, str], status: int = 200,
    result: Result | None = None,
) -> Response:  # fmt: skip
    house = house_of(request)
    language = language_of(request, house)
    session = session_of(request)
    who = session.person
    assert who is not None  # noqa: S101
    house.office()
    item = found["reference"]
    blind = hidden(house, found, who.name)
    done = standing.standing(house.desk, item)
    first = standing.waiting(house.desk, item).get(item)
    lock = holding.held(house.desk, house.clock(), item).get(item)
    reasons = [] if blind else words.reasons(house.board, found, language)
    two = not blind and needs_two(found["grade"], "confirmed")
    why = refused(first, signer_of(request), house.clock()) if first and not first.other else None
    why = why or ("unconfirmed" if two and not who.confirmed_by else None)
    kept = holding.draft(house.desk, item, who.name)
    return page(
        request, "decide.html", status, at="queue", item=found, blind=blind, written=written, wrong=wrong,
        called=words.called(house.board, found), rounds=standing.rounds(house.desk, item), done=done,
        again=done is not None and blind, first=first, lock=lock,
        against=[one for one in reasons if one.side == words.AGAINST],
        favour=next((one for one in reasons if one.side == words.FOR), None),
        fact=words.plain_fact(house.board, found, words.FOR, language), outcomes=OUTCOMES,
        roles=ROLES_OF[found["kind"]], actions=actions(found, blind), expires=expires(found, house, blind),
        falls=falls(house, found), two=two, note_limit=NOTE,
        refused=why, result=result, by=shown(house, result.by) if result and result.by else "",
        theirs=_theirs(house, result), kept=kept[1] if kept else None, others=_others(house, who.name),
        mine=lock is not None and lock.user == who.name, first_shown=shown(house, first.actor) if first else "",
        lapses=first.at + LAPSES if first else None, lock_shown=shown(house, lock.user) if lock else "",
        pattern=lambda name: words.pattern(name, language),
    )  # fmt: skip


def _others(house: House, name: str) -> list[people.Person]:
    return [one for one in people.people(house.desk) if one.active and one.role in ("analyst", "lead")
            and one.name != name]  # fmt: skip


def _theirs(house: House, result: Result | None) -> dict[str, str]:
    """What the quicker one decided and wrote."""
    if result is None or not result.number or result.what != "conflict":
        return {}
    event = next(house.store.events(after=result.number - 1))
    texts = house.store.texts(event.number) or {}
    said = event.body.get("outcome") or event.body["outcomes"][-1]  # of a second reading, its own
    return {"outcome": said, "role": event.body["role"] or "", "at": words.minute(event.at),
            "answer": texts.get("answer", ""), "note": texts.get("note", "")}  # fmt: skip


def actions(found: dict[str, Any], blind: bool) -> tuple[str, ...]:
    """What may be proposed: never above the grade; on a blind item nothing yet but to watch or look."""
    if blind or found["action"] is None:
        return ACTIONS[:2]
    return ACTIONS[: ACTIONS.index(found["action"]) + 1]


def expires(found: dict[str, Any], house: House, blind: bool) -> date:
    """When the proposal ends, unless the reviewer says another day: with the grade; all blind items on the same day."""
    same: date = words.local(house.board.facts.as_of).date() + timedelta(days=30)
    own: date | None = found["expires_on"]
    return same if blind or own is None else own


def falls(house: House, found: dict[str, Any]) -> list[dict[str, Any]]:
    """The flags that rest on this item, and whether they would fall without it."""
    rows = falling(house.board.tables["support"], house.board.items, found["entity_id"])
    told = []
    for one in rows:
        other = house.board.item(one.node)
        if other is not None:
            told.append(
                {
                    "called": words.called(house.board, other),
                    "falls": one.falls,
                    "others": one.others,
                    "grade": other["grade"],
                    "institution": words.institution(house.board, other["institution"]),
                }
            )
    return told  # fmt: skip


def signer_of(request: Request) -> Signer:
    """Who signs: account, session and address."""
    session = session_of(request)
    assert session.person is not None  # noqa: S101
    return Signer(session.person, session.signature, session.place)


def written_in(form: FormData) -> dict[str, Any]:
    """What was written in the form."""
    told: dict[str, Any] = {name: str(form.get(name, ""))[:4000] for name in FIELDS}
    told["rests"] = [str(name)[:120] for name in form.getlist("rests")]
    return told


def faults(written: dict[str, Any], found: dict[str, Any], blind: bool) -> dict[str, str]:
    """What is wrong with a form: field and id of the message."""
    wrong = {}
    if written["outcome"] not in OUTCOMES:
        wrong["outcome"] = "outcome"
    if written["outcome"] == "confirmed" and written["role"] not in ROLES_OF[found["kind"]][:-1]:
        wrong["role"] = "role"
    if written["role"] not in ROLES_OF[found["kind"]]:
        wrong["role"] = "role"
    if written["outcome"] == "cleared" and written["role"] not in ("", *HONEST_ROLES):
        wrong["role"] = "role_cleared"
    if written["outcome"] == "confirmed" and len(written["answer"].strip()) < ANSWER:
        wrong["answer"] = "answer"
    if written["action"] and written["action"] not in actions(found, blind):
        wrong["action"] = "action"
    if written["expires"] and _day(written["expires"]) is None:
        wrong["expires"] = "expires"
    if len(written["note"]) > NOTE:
        wrong["note"] = "note"
    return wrong


def _day(text: str) -> date | None:
    try:
        day, month, year = (int(part) for part in text.split("/"))
        return date(year, month, day)
    except ValueError:
        return None


@router.post("/items/{node}/draft", name="keep_draft")
async def keep_draft(request: Request, node: int) -> Response:
    """Keep what was written."""
    house = house_of(request)
    found = item_of(house, node)
    form = await request.form()
    holding.keep_draft(house.desk, found["reference"], _name(request), written_in(form), house.clock())
    if request.headers.get("hx-request") == "true":
        return page(request, "kept.html", kept=words.local(house.clock()).strftime("%H:%M"))
    return RedirectResponse(f"/items/{node}?said=draft", 303)


@router.post("/items/{node}/decision", name="sign")
async def sign(request: Request, node: int) -> Response:
    """Sign a decision; whoever was slower keeps what was written and sees who was quicker."""
    house = house_of(request)
    name = _name(request)
    found = item_of(house, node)
    form = await request.form()
    written = written_in(form)
    holding.keep_draft(house.desk, found["reference"], name, written, house.clock())
    wrong = faults(written, found, hidden(house, found, name))
    if wrong:
        return _form(request, found, written, wrong, 422)
    try:
        seen = int(str(form.get("seen", "0")))
    except ValueError:
        raise RefusedError(422, "not_understood") from None
    judgement = replace(judged(house, found, written, seen), again=form.get("again") == "1")
    result = decide(house.office(), signer_of(request), subject_of(house, found, name), judgement)
    if result.what in ("conflict", "held"):
        return _form(request, found, written, {}, 409, result)
    if result.what == "refused":
        return _form(request, found, written, {}, 403, result)
    return RedirectResponse(f"/items/{node}?said={result.what}", 303)


def subject_of(house: House, found: dict[str, Any], name: str) -> Subject:
    """What is decided on, with what the record should know beside it."""
    lock = holding.held(house.desk, house.clock(), found["reference"]).get(found["reference"])
    references = {"run": house.board.facts.run, "grade": found["grade"] or "", "blind": str(int(found["blind"]))}
    if lock is not None and lock.user == name:
        references["seconds"] = str(int((house.clock() - lock.since).total_seconds()))
    if not found["blind"]:
        references["leans"] = "fraud" if found["flagged"] else "honest"
    if found["case"]:
        references["case"] = found["case"]
    return Subject(found["reference"], found["grade"], found["selected_by"], references)


def judged(house: House, found: dict[str, Any], written: dict[str, Any], seen: int) -> Judgement:
    """A form as a judgement. What rests on closeness to known fraud alone is marked: it makes no label."""
    told = {row["name"]: row for row in house.board.of("reasons", found["node"])}
    ticked = [name for name in written["rests"] if name in told]
    columns = house.board.facts.columns.get(found["kind"], {})
    close = [name for name in ticked if name == "contagion" or (name in columns and columns[name].seed_built)]
    evidence = tuple(sorted({*ticked, *house.board.evidence(found["node"])}))
    texts = {name: written[name].strip() for name in ("answer", "note", "action", "expires") if written[name].strip()}
    return Judgement(
        written["outcome"], written["role"] or None, seen, evidence, bool(ticked) and len(close) == len(ticked), texts
    )


@router.post("/items/{node}/hand-over", name="hand_over")
async def hand_over(request: Request, node: int) -> Response:
    """Give an item to a colleague with a reason; it is theirs once they accept it."""
    house = house_of(request)
    name = _name(request)
    found = item_of(house, node)
    form = await request.form()
    taker, reason = str(form.get("taker", "")), str(form.get("reason", "")).strip()[:200]
    allowed = {one.name for one in _others(house, name)}
    lock = holding.held(house.desk, house.clock(), found["reference"]).get(found["reference"])
    person = session_of(request).person
    given = holding.handover(house.desk, found["reference"])
    theirs = (lock is not None and lock.user != name) or (given is not None and given.accepted and given.taker != name)
    own = not theirs or (person is not None and person.role == "lead")
    if taker not in allowed or len(reason) < 5 or not own:
        raise RefusedError(422, "hand_over_needs")
    holding.hand_over(house.desk, holding.Handover(found["reference"], name, taker, reason, False), house.clock())
    key = f"{HANDED}:{house.store.head().number + 1}:{found['reference']}"
    body = {"entity": found["reference"], "to": taker}
    house.store.append(Entry(HANDED, name, body, key, {"reason": reason}, found["reference"]), house.clock())
    return RedirectResponse("/queue?said=handed", 303)


@router.post("/items/{node}/accept", name="accept_item")
async def accept_item(request: Request, node: int) -> Response:
    """Accept an item that a colleague handed over."""
    house = house_of(request)
    found = item_of(house, node)
    if not holding.accept(house.desk, found["reference"], _name(request)):
        raise RefusedError(409, "not_yours")
    return RedirectResponse(f"/items/{node}", 303)
