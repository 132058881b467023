"""What institutions say about the lists they got: recorded, and held against what was sent."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from fraudnet.errors import InputError, IntegrityError, TamperedError
from fraudnet.files import digest_of
from fraudnet.lists.exchange.acknowledgement import read_acknowledgement
from fraudnet.lists.exchange.keys import verified
from fraudnet.pipeline.exchange.keyring import ring_of
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.pipeline.exchange.outbox import last_of
from fraudnet.settings import Settings
from fraudnet.store.audit import verify
from fraudnet.store.event import Entry, Head

ACKNOWLEDGED = "list_acknowledged"


def record_acknowledgement(path: Path, settings: Settings) -> dict[str, Any]:
    """Record an acknowledgement; with its signature beside it (`ack.json.sig`) it is verified.

    Raises InputError when no such list was sent to that institution, TamperedError when its signature does not fit,
    IntegrityError when it bears witness to another record than the one kept here.
    """
    said = read_acknowledgement(path)
    with open_store(settings) as store:
        sent = last_of(store, said.recipient, said.list_id)
        if sent is None or sent["manifest"] != said.manifest or said.sequence not in (0, sent["sequence"]):
            raise InputError(
                "{path}: acknowledges no list that was sent to that institution; ask for it again", path=path
            )
        signature = path.with_name(path.name + ".sig")
        keys = ring_of(store).trusted(said.recipient)
        signed = signature.is_file()
        if signed and not any(verified(k, path.read_bytes(), signature.read_bytes()) for k in keys):
            raise TamperedError("{signature}: does not fit; ask for the acknowledgement again", signature=signature)
        found = verify(store, [Head(said.audit["number"], said.audit["digest"])])
        if not found.whole:
            raise IntegrityError(
                "{path}: {reason}; the record here was rewritten, go back to a backup", path=path, reason=found.reason
            )
        if {"number": said.audit["number"], "digest": said.audit["digest"]} != sent["head"]:
            raise InputError(
                "{path}: names another end of the record than its list carried; ask for it again", path=path
            )
        body = {**asdict(said), "rejected": list(said.rejected), "signed": signed}
        receipt = store.append(Entry(ACKNOWLEDGED, actor(settings), body, f"{ACKNOWLEDGED}:{digest_of(body)}"))
    told = {"list_id": said.list_id, "institution": said.recipient, "accepted": said.accepted, "signed": signed}
    return {**told, "rejected": list(said.rejected), "receipt": receipt.number, "repeated": receipt.repeated}
