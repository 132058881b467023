"""A case that another unit sent: verified and laid down by one person; two make its decisions count here."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.errors import OlderSequenceError, TamperedError, WrongRecipientError
from fraudnet.files import digest_of, publish_folder
from fraudnet.lists.exchange.keys import PublicKeys, load_keys
from fraudnet.lists.exchange.manifest import Manifest
from fraudnet.lists.exchange.opening import Opener, open_package
from fraudnet.pipeline.casework.case_bundle import DECISIONS, DOSSIER, FACTS, FORM
from fraudnet.pipeline.exchange.keyring import Keyring, key_folder, ring_of
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.review.openings import Opening, log_opening
from fraudnet.settings import Settings
from fraudnet.store.dispositions import DECISION, MOMENTS, Decision, decision_entry, taken_back_entry
from fraudnet.store.event import Entry
from fraudnet.store.repository import Store

TAKEN = "case_taken"
KEY = re.compile(r"V-[0-9A-HJKMNP-TV-Z]{6}")
RUN = re.compile(r"[A-Za-z0-9._-]{1,120}")
PICTURES = (".svg", "-trail.svg", ".graphml", "-nodes.csv", "-links.csv")
KEPT = ("run", "case", "grade")  # references of another unit that mean something here
CLOCKS = timedelta(days=1)  # how far the clocks of two units may differ
NO_CASE = "list {list}: holds no whole case of this version; ask the sender for the case again"
Said = list[dict[str, Any]]
Made = list[tuple[Entry, bool]]  # decisions as events here, and whether their unit took them back


def imported(settings: Settings) -> Path:
    """Where cases of other units lie: one folder for each sender, in it one for each case."""
    return settings.home / "imported"


def import_case(package: Path, settings: Settings, today: date) -> dict[str, Any]:
    """Open a case that another unit sent and lay its files down; says what was new.

    Its decisions count from when a second person has imported the same case: labels and holds would rest on them. The
    same case once more changes nothing; a newer one takes the place of the older one, an older one is refused. A
    decision counts once, comes from the unit that made it, and falls here when that unit took it back. Raises what
    `open_package` raises, TamperedError for a package that holds no case, OlderSequenceError.
    """
    scratch = imported(settings) / ".opening"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        with open_store(settings) as store:
            manifest, folder = _opened(package, ring_of(store), settings, (scratch, today))
            facts, said = read_case(folder, manifest)
            before = newest(store, manifest.sender, facts["case"])
            if before and before["content"] != content(manifest) and before["sequence"] >= manifest.sequence:
                raise OlderSequenceError(
                    "case {case}: number {last} of {sender} was imported before, this is number {number}; nothing was "
                    "changed",
                    case=facts["case"], last=before["sequence"], sender=manifest.sender, number=manifest.sequence,
                )  # fmt: skip
            made = theirs(said, manifest, folder, actor(settings))
            to = imported(settings) / manifest.sender / facts["case"]
            _laid_down(folder, to)
            return _recorded(store, (manifest, facts, made), to, settings)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def content(manifest: Manifest) -> str:
    """What a case is known again by, whenever and however often it was packed: the digests of its files."""
    return digest_of(manifest.files)


def newest(store: Store, sender: str, case: str) -> Mapping[str, Any] | None:
    """What was imported of a case of one sender last."""
    found = [e.body for e in store.events(TAKEN) if (e.body["sender"], e.body["case"]) == (sender, case)]
    return max(found, key=lambda body: body["sequence"]) if found else None


def _opened(
    package: Path, ring: Keyring, settings: Settings, into: tuple[Path, date]
) -> tuple[Manifest, Path]:  # fmt: skip
    """Open with whichever of our keys it was made for, the newest first."""
    senders: tuple[PublicKeys, ...] = tuple(
        keys for mark, keys in ring.keys.items() if ring.state(mark) in ("trusted", "own")
    )
    folder, today = into
    marks = ring.usable_own()[::-1]
    for mark in marks[:-1]:
        try:
            return open_package(package, Opener(load_keys(key_folder(settings, mark)), senders, today), folder)
        except WrongRecipientError:
            continue
    return open_package(package, Opener(load_keys(key_folder(settings, marks[-1])), senders, today), folder)


def read_case(folder: Path, manifest: Manifest) -> tuple[dict[str, Any], Said]:
    """Facts and decisions of an opened package. Raises TamperedError when it holds no whole case."""
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        said = json.loads((folder / DECISIONS).read_text(encoding="utf-8"))
        case = str(facts["case"])
        names = {FACTS, DECISIONS, DOSSIER, *(case + end for end in PICTURES), *(f"{n}.parquet" for n in CASE_TABLES)}
        whole = (
            facts["form"] == FORM and KEY.fullmatch(case) and isinstance(said, list) and names == set(manifest.files)
        )
        whole = whole and RUN.fullmatch(str(facts["run"])) and datetime.fromisoformat(facts["as_of"]).tzinfo
        frames = {name: schema.validate(pl.read_parquet(folder / f"{name}.parquet"))
                  for name, schema in CASE_TABLES.items()}  # fmt: skip
        keys = {key for frame in frames.values() for key in frame["case_id"].unique()}
    except (OSError, ValueError, KeyError, TypeError, dy.exc.ValidationError, pl.exceptions.PolarsError):
        raise TamperedError(NO_CASE, list=manifest.list_id) from None
    if not whole or keys != {facts["case"]}:
        raise TamperedError(NO_CASE, list=manifest.list_id)
    return facts, said


def _laid_down(folder: Path, to: Path) -> None:
    """Give the opened folder its place; what stood there of an earlier package goes."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    old = to.with_name(f".old-{to.name}")
    shutil.rmtree(old, ignore_errors=True)
    if to.exists():
        to.rename(old)
    publish_folder(folder, to)
    shutil.rmtree(old, ignore_errors=True)


def theirs(said: Said, manifest: Manifest, folder: Path, who: str) -> Made:
    """The decisions that the sender made itself about members of its case; what a third unit said comes from there."""
    members = set(pl.read_parquet(folder / "case_members.parquet")["entity_id"])
    try:
        mine = [one for one in said if one["origin"] == manifest.sender]
        made = [(entry_of(one, manifest, who), bool(one["taken_back"])) for one in mine]
    except (KeyError, TypeError):
        raise TamperedError(NO_CASE, list=manifest.list_id) from None
    about = {str(entry.body["entity"]) for entry, _ in made}
    if any(one not in members and not one.startswith("identity:") for one in about):
        raise TamperedError(NO_CASE, list=manifest.list_id)
    return made


def _recorded(
    store: Store, told: tuple[Manifest, dict[str, Any], Made], to: Path, settings: Settings
) -> dict[str, Any]:
    """Record that the case came and its people were shown; for the second person also its decisions, each once."""
    manifest, facts, made = told
    who, now = actor(settings), datetime.now(UTC)
    members = pl.read_parquet(to / "case_members.parquet")
    body = {
        "sender": manifest.sender, "case": facts["case"], "list_id": manifest.list_id, "sequence": manifest.sequence,
        "content": content(manifest), "manifest": manifest.digest, "run": facts["run"], "as_of": facts["as_of"],
        "members": members.height, "decisions": len(made),
    }  # fmt: skip
    taken = store.append(Entry(TAKEN, who, body, f"{TAKEN}:{manifest.sender}:{facts['case']}:{body['content']}"), now)
    first = next(store.events(TAKEN, after=taken.number - 1)).actor
    counts = made if first != who else []
    receipts = store.append_all([entry for entry, _ in counts], now)
    fell = [
        store.append(taken_back_entry(receipt.number, who, manifest.list_id), now)
        for (_, back), receipt in zip(counts, receipts, strict=True)
        if back
    ]
    people = members.filter(~pl.col("kind").cast(pl.String).is_in(["device", "exit"]))["entity_id"].to_list()
    log_opening(store, Opening("command", people, facts["case"], assigned=False), who, now)
    known = {event.key for event in store.events(DECISION)}
    return {**body, "folder": str(to), "new": not taken.repeated, "taken_back": count(fell),
            "new_decisions": count(receipts), "waiting": sum(entry.key not in known for entry, _ in made)}  # fmt: skip


def count(receipts: Iterable[Any]) -> int:
    """How many events had not been recorded before."""
    return sum(not receipt.repeated for receipt in receipts)


def entry_of(one: dict[str, Any], manifest: Manifest, who: str) -> Entry:
    """A decision of another unit as an event here; its key is the event of the unit that decided."""
    try:
        told = dict(one["body"])
        when: dict[str, Any] = {name: datetime.fromisoformat(told[name]) if told[name] else None for name in MOMENTS}
        references = {
            **{name: str(told["references"][name]) for name in KEPT if name in told["references"]},
            "by": "import", "sender": manifest.sender, "list": manifest.list_id,
            "origin": str(one["origin"]), "origin_digest": str(one["digest"]), "origin_by": str(one["by"]),
        }  # fmt: skip
        words = {name: told[name] for name in ("entity", "outcome", "source", "basis", "role")}
        # How another unit drew its items says nothing about ours: no item of ours was drawn by lot there.
        said = Decision(**words, **when, rests_on=tuple(map(str, told["rests_on"])), references=references)
        if said.decided_at > datetime.now(UTC) + CLOCKS:
            raise ValueError("a decision of tomorrow")
        texts = {str(name): str(value) for name, value in one["texts"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise TamperedError(NO_CASE, list=manifest.list_id) from None
    return decision_entry(said, who, f"imported:{one['origin']}:{one['digest']}", texts)
