"""A package whose file was lost is made again, equal to the byte inside its envelope."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import IntegrityError, MissingInputError
from fraudnet.lists.authority import Authority
from fraudnet.lists.exchange.contents import Edition, Part, write_contents
from fraudnet.lists.exchange.keys import load_keys
from fraudnet.lists.exchange.manifest import manifest_from
from fraudnet.lists.exchange.package import complete, package_name, seal
from fraudnet.lists.header import Recipient
from fraudnet.lists.live import replayed
from fraudnet.lists.verify import numbers_of
from fraudnet.pipeline.exchange.keyring import key_folder, ring_of, usable
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.pipeline.exchange.outbox import MANIFESTS, last_of, outbox, state
from fraudnet.pipeline.exchange.recovery import refuse_after_restore
from fraudnet.settings import Settings


def rebuild_list(institution: str, list_id: str, settings: Settings, to: Path) -> dict[str, Any]:
    """Make a package again whose file was lost: from what was kept of it, equal to the byte inside its new envelope.

    Raises MissingInputError when no such list was packed, IntegrityError when it does not come out the same,
    SecondPersonError after a restore that nobody else has released.
    """
    with open_store(settings) as store:
        refuse_after_restore(store)
        facts = last_of(store, institution, list_id)
        if facts is None:
            raise MissingInputError("list {list_id}: was never packed for that institution", list_id=list_id)
        kept, ring = state(store, settings), ring_of(store)
    said = manifest_from((outbox(settings) / facts["folder"] / MANIFESTS / f"{institution}.json").read_bytes())
    then = kept.changes.filter(pl.col("turn") <= facts["turn"])
    today = then.filter(pl.col("turn") == facts["turn"])
    own, standing = (t.filter(pl.col("institution") == institution) for t in (today, replayed([then])))
    recipient = Recipient(institution, facts["kind"], facts["name"])
    part = Part(recipient, list_id, own, standing if facts["statement"] else None)
    audit = (int(said.audit["number"]), str(said.audit["digest"]))
    edition = Edition(said.created, settings.language, Authority(**said.authority), audit)
    folder = to / ".contents"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        write_contents(part, edition, numbers_of(today.filter(pl.col("institution") != institution)), folder)
        whole = complete(folder, said, load_keys(key_folder(settings, said.signed_with)))
        file = to / package_name(whole)
        inner = seal(folder, whole, usable(ring, institution), file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # what it holds is readable
    if inner != facts["inner"]:
        file.unlink()
        raise IntegrityError(
            "list {list_id}: does not come out the same; it was made by another version of fraudnet", list_id=list_id
        )
    return {"file": str(file), "inner": inner, "sequence": whole.sequence}
