"""For the auditor: whether the record holds, what was done, which openings are unusual."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from fraudnet.console import masks, words
from fraudnet.console.guard import session_of
from fraudnet.console.house import House
from fraudnet.console.pages.confirming import to_confirm
from fraudnet.console.pages.item import shown
from fraudnet.console.view import house_of, page
from fraudnet.review.openings import OPENED, unusual
from fraudnet.store.audit import verify
from fraudnet.store.event import Event

router = APIRouter()
DAYS, MOST_EVENTS, MOST_OPENINGS = 7, 60, 20


@router.get("/audit", name="audit")
def audit(request: Request, kind: str = "") -> Response:
    """The record: its state, the last events, the twenty most unusual openings of a week."""
    house, me = house_of(request), session_of(request).person
    assert me is not None  # noqa: S101
    verdict = verify(house.store)
    since = house.clock() - timedelta(days=DAYS)
    events = list(house.store.events())
    recent = [event for event in events if event.at >= since]
    kinds = sorted({event.kind for event in events})
    shown_events = [event for event in reversed(events) if kind not in kinds or event.kind == kind][:MOST_EVENTS]
    odd = unusual(recent)[:MOST_OPENINGS]
    return page(
        request, "audit.html", at="audit", verdict=verdict, head=house.store.head(), kinds=kinds, kind=kind,
        rows=[_told(house, event) for event in shown_events], total=len(events), days=DAYS,
        openings=[{**_told(house, one.event), "signs": one.signs, "weight": one.weight} for one in odd],
        counts=sorted(Counter(e.actor for e in recent if e.kind == OPENED).items(), key=lambda c: (-c[1], c[0])),
        unconfirmed=to_confirm(house, me),
    )  # fmt: skip


def _told(house: House, event: Event) -> dict[str, object]:
    """An event as the auditor sees it: who, when, what kind; entities masked."""
    body = event.body
    named = [str(body["entity"])] if "entity" in body else [str(name) for name in body.get("entities", [])]
    return {
        "number": event.number, "at": words.minute(event.at), "kind": event.kind, "by": shown(house, event.actor),
        "about": ", ".join(masks.entity(name) for name in named[:3]) + (" …" if len(named) > 3 else ""),
        "digest": f"{event.digest[:6]}…{event.digest[-4:]}",
        "note": str(body.get("purpose") or body.get("outcome") or ""), "way": str(body.get("way", "")),
    }  # fmt: skip
