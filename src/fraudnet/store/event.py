"""One thing that happened, as the database keeps it for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fraudnet.files import digest_of

RESTORED = "restored"  # the kind of event by which numbers may jump
BEGINNING = "0" * 64  # what the first event names as the one before it


@dataclass(frozen=True)
class Entry:
    """What somebody wants to record.

    `body` holds ids, codes, counts and digests only. What a person wrote or is called goes into `texts`, which can be
    made unreadable later without breaking the chain. `key` is the same for every delivery of the same thing: a second
    one changes nothing. `record` is whom or what the texts are about.
    """

    kind: str
    actor: str
    body: Mapping[str, Any]
    key: str
    texts: Mapping[str, str] = field(default_factory=dict)
    record: str = ""


@dataclass(frozen=True)
class Head:
    """How long the chain is and the digest of its last event: enough to prove later that nothing before was changed."""

    number: int
    digest: str


@dataclass(frozen=True)
class Receipt:
    """What the writer of an event gets: its place, its digest, and whether it had been recorded before."""

    number: int
    digest: str
    repeated: bool


@dataclass(frozen=True)
class Event:
    """A recorded event; `sealed` is the digest of its texts, `before` the digest of the event in front of it."""

    number: int
    at: datetime
    kind: str
    actor: str
    key: str
    body: Mapping[str, Any]
    sealed: str
    before: str
    digest: str

    def expected(self) -> str:
        """SHA-256 over everything that the event says, its place and the event before it."""
        return digest_of(
            [self.number, self.at.isoformat(), self.kind, self.actor, self.key, self.body, self.sealed, self.before]
        )
