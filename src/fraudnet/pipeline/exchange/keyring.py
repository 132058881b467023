"""Whose keys are trusted, and since when: made, offered, confirmed by two people, rotated, revoked, all recorded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fraudnet.errors import ConfigurationError, InputError, MissingInputError, SecondPersonError
from fraudnet.files import canonical_json, write_json
from fraudnet.lists.exchange.keys import PrivateKeys, PublicKeys, load_keys, make_keys, public_from, verified
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.settings import Settings
from fraudnet.store.event import Entry, Event
from fraudnet.store.repository import Store

OWN, OFFERED, CONFIRMED, REVOKED = "key_made", "key_offered", "key_confirmed", "key_revoked"
CONFIRMATIONS = 2
ROTATION = "rotation.json"


@dataclass
class Keyring:
    """What the record says about keys, by fingerprint, in the order in which they came."""

    keys: dict[str, PublicKeys] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    confirmed: dict[str, set[str]] = field(default_factory=dict)
    revoked: dict[str, str] = field(default_factory=dict)
    rotated: set[str] = field(default_factory=set)

    def state(self, fingerprint: str) -> str:
        """own, trusted, pending or revoked."""
        if fingerprint in self.revoked:
            return "revoked"
        if fingerprint in self.own:
            return "own"
        enough = len(self.confirmed.get(fingerprint, ())) >= CONFIRMATIONS
        return "trusted" if enough or fingerprint in self.rotated else "pending"

    def trusted(self, owner: str) -> tuple[PublicKeys, ...]:
        """The keys of an institution that may be used, the newest first."""
        found = [keys for mark, keys in self.keys.items() if keys.owner == owner and self.state(mark) == "trusted"]
        return tuple(reversed(found))

    def current(self) -> str:
        """The fingerprint of our own newest key. Raises MissingInputError when there is none."""
        return self.usable_own()[-1]

    def usable_own(self) -> tuple[str, ...]:
        """The fingerprints of our own keys that were not revoked, the newest last. Raises MissingInputError."""
        found = tuple(mark for mark in self.own if mark not in self.revoked)
        if not found:
            raise MissingInputError("no own keys to sign with; make them with `fraudnet keys make NAME`")
        return found


def keyring(events: Iterable[Event]) -> Keyring:
    """The keys as the events of a store leave them."""
    found = Keyring()
    for event in events:
        mark = event.body.get("fingerprint", "")
        if event.kind in (OWN, OFFERED):
            found.keys[mark] = PublicKeys(event.body["owner"], event.body["sign"], event.body["age"])
        if event.kind == OWN:
            found.own.append(mark)
        elif event.kind == OFFERED and event.body["replaces"]:
            found.rotated.add(mark)
        elif event.kind == CONFIRMED:
            found.confirmed.setdefault(mark, set()).add(event.actor)
        elif event.kind == REVOKED:
            found.revoked[mark] = event.body["reason"]
    return found


def ring_of(store: Store) -> Keyring:
    """The keys as a store knows them."""
    return keyring(event for event in store.events() if event.kind in (OWN, OFFERED, CONFIRMED, REVOKED))


def own_keys(store: Store, settings: Settings) -> PrivateKeys:
    """Our own newest keys. Raises MissingInputError when none were made."""
    return load_keys(key_folder(settings, ring_of(store).current()))


def key_folder(settings: Settings, fingerprint: str) -> Path:
    """Where our own keys with this fingerprint lie."""
    return settings.home / "keys" / fingerprint


def make_own_keys(settings: Settings, owner: str) -> dict[str, Any]:
    """Make our first keys. Raises ConfigurationError when there are some: those are rotated."""
    with open_store(settings) as store:
        if [mark for mark in ring_of(store).own if mark not in ring_of(store).revoked]:
            raise ConfigurationError("keys: there are own keys already; use `fraudnet keys rotate`")
        return _made(store, settings, owner)


def rotate_own_keys(settings: Settings) -> dict[str, Any]:
    """Make new keys and a `rotation.json` that the old ones signed, for everybody who trusts the old ones."""
    with open_store(settings) as store:
        old = own_keys(store, settings)
        told = _made(store, settings, old.public.owner, old)
    return {**told, "rotation": str(Path(told["folder"]) / ROTATION)}


def _made(store: Store, settings: Settings, owner: str, old: PrivateKeys | None = None) -> dict[str, Any]:
    """Make keys and record them; the letter that the old ones signed lies beside them before they are used."""
    scratch = settings.home / "keys" / ".new"
    shutil.rmtree(scratch, ignore_errors=True)
    made = make_keys(owner, scratch)
    if old is not None:
        said = made.public.plain()
        letter = {"keys": said, "old": old.public.fingerprint, "signature": old.signature(canonical_json(said)).hex()}
        write_json(scratch / ROTATION, letter)
    folder = key_folder(settings, made.public.fingerprint)
    scratch.rename(folder)
    store.append(Entry(OWN, actor(settings), made.public.plain(), f"{OWN}:{made.public.fingerprint}"))
    return {"owner": owner, "fingerprint": made.public.fingerprint, "folder": str(folder)}


def offer_keys(settings: Settings, path: Path) -> dict[str, Any]:
    """Take in an institution's keys: at once when its trusted keys signed them, else until two people confirmed them.

    Raises InputError for what are no keys, and for a rotation that the old keys did not sign.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise MissingInputError("{path}: cannot be read; name a public.json or rotation.json", path=path) from None
    except (ValueError, RecursionError):
        raise InputError("{path}: is no JSON; name a public.json or rotation.json", path=path) from None
    turned = isinstance(said, dict) and "signature" in said
    keys = public_from(said.get("keys") if turned else said, str(path))
    with open_store(settings) as store:
        ring = ring_of(store)
        replaces = _signer(ring, keys, said, path) if turned else ""
        body = {**keys.plain(), "replaces": replaces}
        store.append(Entry(OFFERED, actor(settings), body, f"{OFFERED}:{keys.fingerprint}:{replaces}"))
        return {"owner": keys.owner, "fingerprint": keys.fingerprint, "state": ring_of(store).state(keys.fingerprint)}


def _signer(ring: Keyring, keys: PublicKeys, letter: dict[str, Any], path: Path) -> str:
    old = next((one for one in ring.trusted(keys.owner) if one.fingerprint == letter.get("old")), None)
    try:
        signature = bytes.fromhex(str(letter["signature"]))
    except ValueError:
        signature = b""
    if old is None or not verified(old, canonical_json(keys.plain()), signature):
        raise InputError(
            "{path}: was not signed by keys of that institution that are trusted here; call them", path=path
        )
    return old.fingerprint


def confirm_keys(settings: Settings, fingerprint: str) -> dict[str, Any]:
    """Say that the fingerprint was compared with its owner by another way than mail. Raises MissingInputError."""
    return _judged(settings, CONFIRMED, fingerprint, "compared")


def revoke_keys(settings: Settings, fingerprint: str, reason: str) -> dict[str, Any]:
    """Never use keys again, for packages or answers. Raises MissingInputError."""
    return _judged(settings, REVOKED, fingerprint, reason)


def _judged(settings: Settings, kind: str, fingerprint: str, reason: str) -> dict[str, Any]:
    who = actor(settings)
    with open_store(settings) as store:
        if fingerprint not in ring_of(store).keys:
            raise MissingInputError("keys: no keys with this fingerprint; `fraudnet keys list` shows them")
        body = {"fingerprint": fingerprint, "reason": reason}
        store.append(Entry(kind, who, body, f"{kind}:{fingerprint}:{who if kind == CONFIRMED else ''}"))
        ring = ring_of(store)
        owner = ring.keys[fingerprint].owner
        return {"owner": owner, "fingerprint": fingerprint, "state": ring.state(fingerprint)}


def known_keys(settings: Settings) -> list[dict[str, Any]]:
    """Every key with its owner, fingerprint and state."""
    with open_store(settings) as store:
        ring = ring_of(store)
    return [{"owner": k.owner, "fingerprint": mark, "state": ring.state(mark)} for mark, k in ring.keys.items()]


def usable(ring: Keyring, owner: str) -> PublicKeys:
    """The keys to encrypt to. Raises SecondPersonError when none is trusted yet."""
    found = ring.trusted(owner)
    if not found:
        raise SecondPersonError(
            "keys of {owner}: none is trusted; two people must confirm the fingerprint", owner=owner
        )
    return found[0]
