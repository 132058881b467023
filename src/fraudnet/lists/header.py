"""What every list says about itself before its first entry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from fraudnet.contracts.results import ListEntry
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.lists.cells import clean_text
from fraudnet.messages import text

MICRO = 1_000_000


@dataclass(frozen=True)
class Recipient:
    """An institution that receives a list: its key, what it is, and its name."""

    institution: str
    kind: str
    name: str | None = None


@dataclass(frozen=True)
class ListHeader:
    """Number, recipient, date, cut-off, model and size of one institution's list.

    `audit` is the end of the sender's chain of events before the list was published: its number and digest. Whoever
    keeps the list can later prove that nothing before it was rewritten.
    """

    list_id: str
    recipient: Recipient
    list_date: date
    as_of: datetime | None
    model: str
    entries: int
    expected_honest: float | None
    language: str = "vi"
    audit: tuple[int, str] | None = None

    def lines(self) -> tuple[str, str, str]:
        """What stands above the entries of every file that people read: three lines of text."""
        facts = text(
            "lists.facts",
            self.language,
            list_id=self.list_id,
            institution=clean_text(self.recipient.name or self.recipient.institution),
            list_date=self.list_date.strftime("%d/%m/%Y"),
            as_of=local_minute(self.as_of),
            model=clean_text(self.model),
            entries=self.entries,
        )
        expected = self._expected()
        return text("lists.sentence", self.language), expected, facts

    def _expected(self) -> str:
        """How many of the entries are expected to be honest people's; that nobody can say without a model."""
        if self.expected_honest is None:
            return text("lists.no_model", self.language)
        honest = decimal(self.expected_honest, self.language)
        return text("lists.expected", self.language, entries=self.entries, honest=honest)

    def plain(self) -> dict[str, object]:
        """The header as a plain value, for files that machines read."""
        return {
            "list_id": self.list_id,
            "institution": self.recipient.institution,
            "institution_kind": self.recipient.kind,
            "list_date": self.list_date.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "model": self.model,
            "entries": self.entries,
            "expected_honest": self.expected_honest,
            "audit": {"number": self.audit[0], "digest": self.audit[1]} if self.audit else None,
            "sentence": text("lists.sentence", self.language),
        }


def local_minute(moment: datetime | None) -> str:
    """A moment as day and time of Vietnam; empty when there is none."""
    return moment.astimezone(ZoneInfo(LOCAL_ZONE)).strftime("%d/%m/%Y %H:%M") if moment else ""


def decimal(value: float, language: str) -> str:
    """A number with one digit after the sign that the language writes."""
    return f"{value:.1f}".replace(".", "." if language == "en" else ",")


def honest_expected() -> pl.Expr:
    """Expected number of honest entries, the sum of 1 - p, added in whole millionths so that no order matters.

    Null as soon as one entry has no probability: it was ranked without a model.
    """
    honest = ((1 - pl.col("probability")) * MICRO).round().cast(pl.Int64).sum() / MICRO
    return pl.when(pl.col("probability").is_not_null().all()).then(honest)


def header_of(entries: dy.DataFrame[ListEntry], recipient: Recipient, list_date: date, language: str) -> ListHeader:
    """Describe one institution's entries; the number of the list follows from its content."""
    frame = entries.lazy().collect()
    return ListHeader(
        list_id=f"{list_date:%Y%m%d}-{_digest(frame, recipient, list_date)}",
        recipient=recipient,
        list_date=list_date,
        as_of=cast("datetime | None", frame["as_of"].max()),
        model=", ".join(frame["model"].unique().sort()),
        entries=frame.height,
        expected_honest=frame.select(honest_expected()).item(),
        language=language,
    )


def _digest(frame: pl.DataFrame, recipient: Recipient, list_date: date) -> str:
    digest = hashlib.sha256(f"{recipient.institution}\n{recipient.kind}\n{list_date}\n".encode())
    digest.update(frame.write_ndjson().encode())
    return digest.hexdigest()[:12]
