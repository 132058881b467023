"""After going back to a copy: what was lost is named, numbers go on, and nothing leaves before a second person."""

from __future__ import annotations

from typing import Any

from fraudnet.errors import MissingInputError, SecondPersonError
from fraudnet.pipeline.exchange.ledger import actor, known_store
from fraudnet.settings import Settings
from fraudnet.store.event import RESTORED, Entry
from fraudnet.store.repository import Store

RELEASED = "restore_released"


def refuse_after_restore(store: Store) -> None:
    """Raise SecondPersonError while nobody but the restorer has looked at what a restore lost."""
    last = max((event.number for event in store.events(RESTORED)), default=0)
    if last and not any(event.body["restored"] == last for event in store.events(RELEASED)):
        raise SecondPersonError(
            "a backup was restored and nobody else has released it; somebody else runs `fraudnet store release` first"
        )


def release_restored(settings: Settings) -> dict[str, Any]:
    """Let lists leave again after a restore. Raises SecondPersonError for the one who restored."""
    with known_store(settings) as store:
        events = list(store.events(RESTORED))
        if not events:
            raise MissingInputError("the record was never restored; there is nothing to release")
        if events[-1].actor == actor(settings):
            raise SecondPersonError("you restored the backup yourself; somebody else must release it")
        number = events[-1].number
        store.append(Entry(RELEASED, actor(settings), {"restored": number}, f"{RELEASED}:{number}"))
        return {"restored": number, "lost": events[-1].body["lost"]}
