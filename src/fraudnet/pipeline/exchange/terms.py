"""Under which settings, mapping and models lists are made: what changed is named before they leave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fraudnet.errors import MissingInputError, SecondPersonError
from fraudnet.files import digest_of
from fraudnet.messages.telling import Joined
from fraudnet.pipeline.exchange.ledger import actor, known_store
from fraudnet.pipeline.exchange.outbox import PACKED
from fraudnet.runs.manifest import read_manifest
from fraudnet.settings import OUTSIDE_A_RUN, Settings
from fraudnet.sources.flat_mapping import INVENTED
from fraudnet.store.event import Entry, Event
from fraudnet.store.repository import Store

TERMS, PROPOSED, SIGNED = "terms", "terms_proposed", "terms_signed"
PUBLISHED = "list_published"
PUBLISHING = (PUBLISHED, PACKED)
NOT_SAID = "nothing"
SHOWN = 20  # changes that a refusal names; `fraudnet lists approve` shows all of them
MAPPING, SETTING = "mapping.", "settings."
# Settings that decide who is listed, for how long, and what stops a list; every key of a mapping counts as one, too.
CRITICAL = frozenset((
    "activity_days", "ahead_days", "capacity", "entry_days", "found_by_reviews", "hub_degree", "maturity_days",
    "outside_refuse", "quarantine_most",
))  # fmt: skip
# What changes no list by itself.
HARMLESS = frozenset(("list_days",))

Terms = Mapping[str, str]
Change = dict[str, Any]


def terms_of(run: Path, settings: Settings) -> dict[str, str]:
    """Everything that decides what stands on the lists of a run: key and value as text.

    `settings.*` as the run was scored with, those of lists, harm and contests as they are now; `mapping.*` as its
    drops were read; `model.*` by digest; `code`.
    """
    said = read_manifest(run)
    now = settings.model_dump(mode="json")
    later = {key: value for key, value in now.items() if key.startswith(OUTSIDE_A_RUN) or key == "quarantine_most"}
    parts: dict[str, Mapping[str, Any]] = {
        SETTING: {**said.get("settings", {}), **later},
        MAPPING: said.get("mapping", {}),
        "model.": {kind: str(digest)[:12] for kind, digest in said.get("models", {}).items()},
        "": {"code": said["code_version"]} if "code_version" in said else {},
    }
    return {f"{part}{key}": str(value) for part, values in parts.items() for key, value in sorted(values.items())}


def is_critical(key: str) -> bool:
    """Whether a changed key needs a second signature: the mapping with its leak overrides, and settings that matter."""
    if key.startswith(MAPPING):
        return True
    name = key.removeprefix(SETTING)
    return key.startswith(SETTING) and name not in HARMLESS and (name in CRITICAL or name.startswith(OUTSIDE_A_RUN))


def differences(before: Terms, now: Terms) -> list[Change]:
    """key, old, new, critical of everything that is not as it was, critical keys first."""
    keys = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    found = [
        {"key": k, "old": before.get(k, NOT_SAID), "new": now.get(k, NOT_SAID), "critical": is_critical(k)}
        for k in keys
    ]
    return sorted(found, key=lambda change: not change["critical"])


def accept_terms(store: Store, now: Terms, settings: Settings) -> list[Change]:
    """What changed since the last lists left, with who brought it: recorded before anything is published.

    Whoever publishes keeps `now` as `terms` in the body of its event. Raises SecondPersonError naming every change
    while a critical one is not signed by somebody else. Worlds that are synthetic before and after need no signature.
    """
    last = in_force(store)
    found = differences(last.body[TERMS], now) if last else []
    if last is None or not found:
        return []
    who = actor(settings)
    body = {"changes": [{**change, "who": who} for change in found], TERMS: dict(now)}
    receipt = store.append(Entry(PROPOSED, who, body, f"{PROPOSED}:{digest_of([last.number, dict(now)])}"))
    proposal = next(store.events(PROPOSED, after=receipt.number - 1))
    invented = _all_invented(last.body[TERMS]) and _all_invented(now)
    if any(change["critical"] for change in found) and not invented:
        _refuse_unsigned(store, proposal)
    changes: list[Change] = proposal.body["changes"]
    return changes


def in_force(store: Store) -> Event | None:
    """The publication under whose terms lists left last; None before the first."""
    published = [event for kind in PUBLISHING for event in store.events(kind) if TERMS in event.body]
    return max(published, key=lambda event: event.number, default=None)


def _refuse_unsigned(store: Store, proposal: Event) -> None:
    if any(event.body["proposal"] == proposal.number for event in store.events(SIGNED)):
        return
    changes = proposal.body["changes"]
    more = [f"{len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
    named = Joined("; ", [*map(told_change, changes[:SHOWN]), *more])
    raise SecondPersonError(
        "what lists are made under has changed: {named}; nothing was published; somebody else than "
        "{actor} looks at it and runs `fraudnet lists approve {number}`",
        named=named,
        actor=proposal.actor,
        number=proposal.number,
    )


def told_change(change: Change) -> str:
    """A change in one line: key, old, new, who."""
    return f"{change['key']}: {change['old']} -> {change['new']} (by {change['who']})"


def approve_terms(settings: Settings, number: int) -> dict[str, Any]:
    """Sign changed terms as the second person. Raises SecondPersonError for who brought them, MissingInputError."""
    with known_store(settings) as store:
        event = next((event for event in _open(store) if event.number == number), None)
        if event is None:
            raise MissingInputError(
                "proposal {number}: is not there; `fraudnet lists approve` shows those that wait", number=number
            )
        if event.actor == actor(settings):
            raise SecondPersonError("you brought these changes yourself; somebody else must sign them")
        store.append(Entry(SIGNED, actor(settings), {"proposal": number}, f"{SIGNED}:{number}"))
        return {"proposal": number, "by": event.actor, "signed_by": actor(settings), "changes": event.body["changes"]}


def waiting_terms(settings: Settings) -> list[dict[str, Any]]:
    """Changes that wait for a second signature: proposal, key, old, new, who."""
    with known_store(settings) as store:
        done = {event.body["proposal"] for event in store.events(SIGNED)}
        return [
            {"proposal": event.number, **change}
            for event in _open(store)
            if event.number not in done and any(change["critical"] for change in event.body["changes"])
            for change in event.body["changes"]
        ]


def _open(store: Store) -> list[Event]:
    """Proposals against what is in force: one that was made before lists left again lets nothing go out any more."""
    last = in_force(store)
    return list(store.events(PROPOSED, after=last.number)) if last else []


def _all_invented(terms: Terms) -> bool:
    """Whether every mapping says that nobody in it exists."""
    said = [value for key, value in terms.items() if key.startswith(MAPPING) and key.endswith(INVENTED)]
    return bool(said) and all(value == str(True) for value in said)
