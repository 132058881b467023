"""Personal data that a command showed, written down like an opening in the console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.review.openings import Opening, log_opening
from fraudnet.settings import Settings


def note_opening(settings: Settings, entities: Sequence[str], purpose: str) -> None:
    """Record that a command showed somebody these entities; `purpose` is the command, or a case."""
    with open_store(settings) as store:
        opening = Opening("command", list(entities), purpose, assigned=False)
        log_opening(store, opening, actor(settings), datetime.now(UTC))
