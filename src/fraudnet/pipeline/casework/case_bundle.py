"""A case for another unit: evidence, decisions, pictures and tables in one signed and encrypted file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.expressions import local_day
from fraudnet.files import digest_of, write_bytes, write_json, write_parquet
from fraudnet.identifiers.entity import identity_reference
from fraudnet.lists.exchange.manifest import Manifest
from fraudnet.lists.exchange.package import complete, package_name, seal
from fraudnet.pipeline.batch.finished import Finished, finished
from fraudnet.pipeline.casework.case_files import case_rows, dossier_of, exported, opened
from fraudnet.pipeline.exchange.keyring import own_keys, ring_of, usable
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.settings import Settings
from fraudnet.store.dispositions import DECISION, TAKEN_BACK
from fraudnet.store.event import Entry, Event
from fraudnet.store.repository import Store

SENT = "case_sent"
FACTS, DECISIONS, DOSSIER = "case.json", "decisions.json", "dossier.html"
FORM = "fraudnet-case/1"
GOOD_FOR = timedelta(days=365)  # evidence ages more slowly than a list


def bundle_case(case: str, run: Path, recipient: str, out: Path, settings: Settings) -> dict[str, Any]:
    """Write one case as a package for another unit, signed with our keys and encrypted to theirs; says what is in it.

    Inside: all tables of the case, every decision on its members with its texts, both pictures, the dossier, GraphML
    and CSV of nodes and links. Names stand in it in full: the opening and the sending are recorded. Raises
    MissingInputError for an unknown case or without own keys, SecondPersonError for keys that two people have not
    confirmed.
    """
    found = finished(run)
    rows = case_rows(found, case)
    with open_store(settings) as store:
        keys, theirs = own_keys(store, settings), usable(ring_of(store), recipient)
        head, sequence = store.head(), 1 + sum(e.body["recipient"] == recipient for e in store.events(SENT))
        said = decisions_on(store, names_of(found, rows["case_members"]), keys.public.owner)
    opened(case, rows, "export", settings)
    out.mkdir(parents=True, exist_ok=True)
    folder = out / f".{case}-{recipient}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        written(found, case, said, (folder, settings.language))
        now = datetime.now(UTC)
        manifest = Manifest(
            list_id=f"{case}-{digest_of([keys.public.owner, recipient, sequence])[:12]}", sender=keys.public.owner,
            recipient=recipient, sequence=sequence, previous="", created=local_day(now),
            expires=local_day(now + GOOD_FOR), totals={"members": len(rows["case_members"]), "decisions": len(said)},
            audit={"number": head.number, "digest": head.digest}, signed_with="",
            made_by={"run": found.folder.name, "code": found.manifest["code_version"]},
        )  # fmt: skip
        whole = complete(folder, manifest, keys)
        file = out / package_name(whole)
        seal(folder, whole, theirs, file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    body = {"case": case, "recipient": recipient, "list_id": whole.list_id, "manifest": whole.digest,
            "sequence": sequence}  # fmt: skip
    with open_store(settings) as store:
        store.append(Entry(SENT, actor(settings), body, f"{SENT}:{whole.digest}"))
    return {"file": str(file), **body, **whole.totals, "files": sorted(whole.files)}


def written(run: Finished, case: str, said: list[dict[str, Any]], to: tuple[Path, str]) -> None:
    """The files of a case in a folder; the same case and decisions give the same bytes."""
    folder, language = to
    folder.mkdir(mode=0o700, parents=True)
    rows = case_rows(run, case)
    for name, schema in CASE_TABLES.items():
        frame = run.table(name).filter(pl.col("case_id") == case)
        write_parquet(folder / f"{name}.parquet", schema.validate(frame, cast=True))
    for name, content in {**exported(run, rows, language), DOSSIER: dossier_of(run, rows, language)}.items():
        write_bytes(folder / name, content)
    facts = {
        "form": FORM, "case": case, "as_of": run.manifest["as_of"], "run": run.folder.name,
        "code": run.manifest["code_version"], "inputs": run.manifest["inputs"],
    }  # fmt: skip
    write_json(folder / FACTS, facts)
    write_json(folder / DECISIONS, said)


def names_of(run: Finished, members: list[dict[str, Any]]) -> set[str]:
    """What decisions may call the members: their ids, and for people the records that were taken for one."""
    found = {str(row["entity_id"]) for row in members}
    if not run.has("identity_map"):
        return found
    people = run.table("identity_map").filter(pl.col("entity_id").is_in(sorted(found)))
    return found | set(people.select(name=identity_reference(pl.col("source"), pl.col("source_id")))["name"])


def decisions_on(store: Store, names: set[str], unit: str) -> list[dict[str, Any]]:
    """Every decision on some entities with its texts, by whom it was made first, and whether it was taken back."""
    back = {event.body["decision"]: event.body["reason"] for event in store.events(TAKEN_BACK)}
    mine: Iterable[Event] = (event for event in store.events(DECISION) if event.body["entity"] in names)
    return [
        {
            "origin": event.body["references"].get("origin", unit),
            "digest": event.body["references"].get("origin_digest", event.digest),
            "at": event.at.isoformat(), "by": event.body["references"].get("origin_by", event.actor),
            "body": dict(event.body), "texts": store.texts(event.number) or {},
            "taken_back": back.get(event.number),
        }
        for event in mine
    ]  # fmt: skip
