"""Packages for institutions: planned, written, signed, encrypted and recorded, all of them or none."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.expressions import local_day
from fraudnet.files import digest_of, publish_folder, sha256, write_parquet
from fraudnet.lists.authority import Authority
from fraudnet.lists.exchange.contents import Edition, Part
from fraudnet.lists.exchange.keys import PrivateKeys, PublicKeys
from fraudnet.lists.exchange.manifest import Manifest
from fraudnet.lists.exchange.pseudonyms import secret_at
from fraudnet.lists.format import UNKNOWN_KIND
from fraudnet.lists.header import Recipient
from fraudnet.lists.live import replayed, totals
from fraudnet.pipeline.exchange.answers import closed_accounts
from fraudnet.pipeline.exchange.contesting import contested
from fraudnet.pipeline.exchange.harming import refuse_harm
from fraudnet.pipeline.exchange.keyring import own_keys, ring_of, usable
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.pipeline.exchange.outbox import (
    CHANGES,
    PACKAGES,
    PACKED,
    PEOPLE,
    READY,
    SUPPORT,
    State,
    alone,
    finish,
    outbox,
    state,
)  # fmt: skip
from fraudnet.pipeline.exchange.packing import Bounds, Plan, Told, no_offer, offer, planned, statement_due
from fraudnet.pipeline.exchange.recovery import refuse_after_restore
from fraudnet.pipeline.exchange.retraction import judgements
from fraudnet.pipeline.exchange.sending import CONTENTS, Letter, written
from fraudnet.pipeline.exchange.terms import TERMS, accept_terms, terms_of
from fraudnet.runs.manifest import MANIFEST, verify
from fraudnet.runs.version import code_version
from fraudnet.settings import Settings
from fraudnet.store.event import Entry

PSEUDONYM_KEY = "pseudonyms.key"


@dataclass(frozen=True)
class Order:
    """What to pack: a run's entries (or, without a run, only what was cleared, has gone or expired), by whom, when."""

    authority: Authority
    now: datetime
    run: Path | None = None


@dataclass(frozen=True)
class _Sending:
    """What all packages of one day share."""

    edition: Edition
    keys: PrivateKeys
    recipients: dict[str, tuple[Recipient, PublicKeys]]
    made_by: dict[str, Any]
    expires_days: int


def pack_lists(order: Order, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Pack what has changed for every institution since its last package; the same order again packs nothing more.

    Every package is signed and encrypted to its institution, recorded, and only then takes its name. Institutions
    without trusted keys are held back and named. Raises HarmError, SecondPersonError after a restore, ListRefusedError.
    """
    if order.run:
        verify(order.run)
    with alone(settings), open_store(settings) as store:
        refuse_after_restore(store)
        finish(store, settings)
        before = state(store, settings)
        known = max(
            [order.now, *(event.at for event in store.events(PACKED))]
        )  # a clock that goes back forgets nothing
        if order.run:  # what was wrong is recalled all the more when too much of it was
            refuse_harm(store, before, known, settings)
        terms = terms_of(order.run, settings) if order.run else None
        changed = accept_terms(store, terms, settings) if terms is not None else []
        keys, ring = own_keys(store, settings), ring_of(store)
        institutions = _institutions(order.run, before)
        ready = frozenset(name for name in institutions["institution"] if ring.trusted(name))
        made = offer(order.run, secret(settings)) if order.run else no_offer()
        bounds = Bounds(order.now, settings.list_cap, ready)
        told_us = Told(closed_accounts(store, known), contested(store, known))
        plan = planned(before, made, judgements(store, known), told_us, bounds)
        if plan.changes.is_empty():
            return {"folder": None, "packages": [], "held": plan.held.to_dicts(), "changed": changed}
        head = store.head()
        edition = Edition(local_day(order.now), settings.language, order.authority, (head.number, head.digest))
        people = {row["institution"]: Recipient(**row) for row in institutions.to_dicts()}
        recipients = {name: (people[name], usable(ring, name)) for name in sorted(ready)}
        sending = _Sending(edition, keys, recipients, _made_by(order.run, plan), settings.list_days)
        body = _write_all(before, plan, sending, settings, progress) | ({TERMS: terms} if terms is not None else {})
        store.append(Entry(PACKED, actor(settings), body, f"{PACKED}:{body['folder']}"), order.now)
        publish_folder(outbox(settings) / f"{READY}{body['folder']}", outbox(settings) / body["folder"])
    return {**told(body, plan, settings), "changed": changed}


def told(body: dict[str, Any], plan: Plan, settings: Settings) -> dict[str, Any]:
    """What was packed, one row for each institution, and what was held back."""
    folder = outbox(settings) / body["folder"] / PACKAGES
    rows = [
        {"institution": name, "list_id": facts["list_id"], "sequence": facts["sequence"], **facts["totals"],
         "file": str(folder / facts["file"])}
        for name, facts in body["packages"].items()
    ]  # fmt: skip
    return {"folder": str(folder), "packages": rows, "held": plan.held.to_dicts()}


def secret(settings: Settings) -> bytes:
    """What pseudonyms are made with."""
    return secret_at(settings.home / "keys" / PSEUDONYM_KEY)


def _institutions(run: Path | None, before: State) -> pl.DataFrame:
    """Everybody who may get a package: institution, kind, name; kinds and names of the newest run that tells them."""
    seen = before.live.select("institution").unique()
    if run is None:
        told = [facts for rows in before.packages.values() for facts in rows if "kind" in facts]
        rows = [{"institution": f["institution"], "kind": f["kind"], "name": f["name"]} for f in told]
        known = pl.DataFrame(rows, schema=dict.fromkeys(("institution", "kind", "name"), pl.String))
        return known.unique("institution", keep="last", maintain_order=True).sort("institution")
    entries = pl.read_parquet(run / "list_entries.parquet", columns=["institution"]).unique()
    table = pl.read_parquet(run / "institutions.parquet").select("institution", pl.col("kind").cast(pl.String), "name")
    everybody = pl.concat([entries, seen]).unique().join(table, on="institution", how="left")
    return everybody.with_columns(pl.col("kind").fill_null(UNKNOWN_KIND)).sort("institution")


def _made_by(run: Path | None, plan: Plan) -> dict[str, Any]:
    models = sorted(plan.changes["model"].unique())
    digest = sha256(run / MANIFEST) if run else ""
    return {"models": models, "code": code_version(), "run": run.name if run else "", "run_digest": digest}


def _write_all(before: State, plan: Plan, sending: _Sending, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Write every package into a hidden folder; returns what is recorded of them."""
    after = replayed([before.changes, plan.changes])
    name = (
        f"{sending.edition.audit[0] + 1:06d}-{digest_of([_mark(plan.changes), sending.edition.authority.plain()])[:8]}"
    )
    ready = outbox(settings) / f"{READY}{name}"
    shutil.rmtree(ready, ignore_errors=True)
    (ready / PACKAGES).mkdir(mode=0o700, parents=True)
    kept = {CHANGES: plan.changes, SUPPORT: plan.support, PEOPLE: plan.people}
    tables = {file: sha256(write_parquet(ready / file, table)) for file, table in kept.items()}
    parts = sorted(set(plan.changes["institution"]))
    letters = [_letter(before, plan.changes, after, name, sending, ready) for name in parts]
    packages = {}
    for number, facts in enumerate(written(letters)):
        progress("pack lists", number, len(parts))
        packages[facts["institution"]] = {**facts, "turn": before.packed}
    shutil.rmtree(ready / CONTENTS, ignore_errors=True)
    progress("pack lists", len(parts), len(parts))
    head = {"number": sending.edition.audit[0], "digest": sending.edition.audit[1]}
    day = sending.edition.day.isoformat()
    return {"folder": name, "day": day, "head": head, "packages": packages, **tables, **sending.made_by}


def _letter(
    before: State, changes: pl.DataFrame, after: pl.DataFrame, institution: str, sending: _Sending, ready: Path
) -> Letter:
    own = changes.filter(pl.col("institution") == institution)
    standing = after.filter(pl.col("institution") == institution)
    due = statement_due(before, institution, sending.edition.day)
    recipient, public = sending.recipients[institution]
    list_id = f"{sending.edition.day:%Y%m%d}-{digest_of([institution, before.sequence(institution), _mark(own)])[:12]}"
    part = Part(recipient, list_id, own, standing if due else None)
    return Letter(part, _manifest(before, part, standing, own, sending), sending.keys, public, sending.edition, ready)


def _mark(table: pl.DataFrame) -> str:
    return hashlib.sha256(table.write_ndjson().encode()).hexdigest()


def _manifest(before: State, part: Part, standing: pl.DataFrame, own: pl.DataFrame, sending: _Sending) -> Manifest:
    edition, name = sending.edition, part.recipient.institution
    return Manifest(
        list_id=part.list_id,
        sender=sending.keys.public.owner,
        recipient=name,
        sequence=before.sequence(name) + 1,
        previous=before.previous(name),
        created=edition.day,
        expires=edition.day + timedelta(days=sending.expires_days),
        totals=totals(standing, own),
        audit={"number": edition.audit[0], "digest": edition.audit[1]},
        signed_with="",
        authority=edition.authority.plain(),
        made_by=sending.made_by,
    )
