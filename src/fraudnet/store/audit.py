"""Whether the chain of events is still the one that was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fraudnet.store.event import BEGINNING, RESTORED, Event, Head
from fraudnet.store.repository import Store
from fraudnet.store.seal import digest_of_seal

SELF_CONSISTENT = "self-consistent only: no witness was given, so a chain that was rewritten as a whole would pass"
WITNESSED = "agrees with every witness"


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds, how many events it has, the first broken one, and what is wrong or who else saw it."""

    whole: bool
    events: int
    broken: int | None
    reason: str


def verify(store: Store, witnesses: Sequence[Head] = ()) -> Verdict:
    """Follow the chain from its first event and name the first that does not fit.

    Events that were changed, removed, put in another place or whose texts were exchanged break it. A witness is the
    head that an earlier list or acknowledgement carries: it also shows a chain that was cut short, or rewritten whole.
    Numbers may only jump where a backup was restored: those of lost events are never given again.
    """
    heads = {witness.number: witness.digest for witness in witnesses if witness.number}
    sealed = store.sealed_texts()
    number, before, events = 0, BEGINNING, 0
    for event in store.events():
        number = event.number if restored_behind(event, number) else number + 1
        events += 1
        fault = _fault(event, number, before, sealed.get(event.number))
        if fault is None and heads.get(number, event.digest) != event.digest:
            fault = "is not the event that a witness saw there"
        if fault is not None:
            return Verdict(False, events, number, f"event {number} {fault}")
        before = event.digest
    longest = max(heads, default=0)
    if longest > number:
        return Verdict(False, events, number + 1, f"event {number + 1} is missing: a witness saw {longest} events")
    return Verdict(True, events, None, WITNESSED if heads else SELF_CONSISTENT)


def restored_behind(event: Event, number: int) -> bool:
    """Whether an event says that a backup was restored and goes on behind the numbers of the events lost by it."""
    return event.kind == RESTORED and event.number > number and event.body.get("highest") == event.number - 1


def _fault(event: Event, number: int, before: str, sealed: bytes | None) -> str | None:
    if event.number != number:
        return "is missing"
    if event.before != before:
        return "does not follow the one before it"
    if event.expected() != event.digest:
        return "was changed"
    if digest_of_seal(sealed) != event.sealed:
        return "has other texts than it was written with"
    return None
