"""The answers of a snapshot, kept by the data directory: they rest on who is asked about and on no feature."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

import dataframely as dy
import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.contracts.labels import Excluded, Label
from fraudnet.files import digest_of
from fraudnet.labels.target import labels
from fraudnet.pipeline.batch.pieces import Pieces
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings

CODE = ("fraudnet.labels.target", "fraudnet.graph.link", __name__)
Answers = tuple[dy.DataFrame[Label], dy.DataFrame[Excluded]]


def answered(
    identity: str, linked: Linked, asked: tuple[str, pl.DataFrame, datetime], settings: Settings,
    groups: Callable[[], pl.DataFrame],
) -> Answers:  # fmt: skip
    """The answers that `labels` gives and who it leaves out, as they were kept, else made anew.

    identity: digest of the source of what is known. asked: kind, population and snapshot. groups: gives who belongs
    together as known then. Kept under the source, the moment it is known at, the population, the settings and the code;
    of each kind and snapshot the last is kept.
    """
    kind, people, moment = asked
    place = digest_of([identity, linked.as_of, kind, moment])[:16]
    who = hashlib.sha256("\n".join(people["entity_id"]).encode()).hexdigest()
    key = digest_of([place, who, settings.digestible(), code_of(*CODE)])
    pieces = Pieces(settings.home / "cache" / "answers")
    note = pieces.note(place)
    if note.get("key") == key:
        known = Label.cast(pieces.read(place, note["sha256"]))
        return known, Excluded.cast(pl.DataFrame(note["left_out"], Excluded.column_names()))
    found, left_out = labels(linked, people, kind, moment, settings, groups())
    pieces.keep(place, key, found, left_out=left_out.to_dicts())
    return found, left_out
