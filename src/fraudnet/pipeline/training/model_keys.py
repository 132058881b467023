"""By whose key models are signed, and whose signatures count here."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from fraudnet.files import sha256
from fraudnet.model.portable import SUMS
from fraudnet.model.signed import refuse_untrusted, sign
from fraudnet.pipeline.exchange.keyring import Keyring, key_folder, ring_of
from fraudnet.pipeline.exchange.ledger import actor, open_store, recorded
from fraudnet.settings import Settings
from fraudnet.signing import PUBLIC_SIGN, SIGN, make_pair
from fraudnet.store.event import Entry

SIGNED = "model_signed"


def sign_trained(folder: Path, settings: Settings) -> Path:
    """Sign a model that was trained here: by the unit's newest key, else by a key made for models at first need."""
    return sign(folder, _signing_key(settings))


def sign_brought(folder: Path, settings: Settings) -> dict[str, Any]:
    """Sign a model from elsewhere, or from before models were signed, in the name of who asks; recorded for good."""
    sign(folder, _signing_key(settings))
    digest = sha256(folder / SUMS)
    with open_store(settings) as store:
        store.append(Entry(SIGNED, actor(settings), {"digest": digest}, f"{SIGNED}:{digest}:{actor(settings)}"))
    return {"folder": str(folder), "digest": digest, "by": actor(settings)}


def trusted_folder(folder: Path, settings: Settings) -> Path:
    """The folder, once a key trusted here has signed it: an own one or one that two people confirmed.

    Raises UntrustedModelError.
    """
    refuse_untrusted(folder, _trusted(settings))
    return folder


def _ring(settings: Settings) -> Keyring:
    """The keys on record; none where nothing was ever recorded."""
    if not recorded(settings):
        return Keyring()
    with open_store(settings) as store:
        return ring_of(store)


def _signing_key(settings: Settings) -> Path:
    ring = _ring(settings)
    own = [key_folder(settings, mark) / SIGN for mark in ring.own if ring.state(mark) == "own"]
    here = [key for key in own if key.is_file()]
    return here[-1] if here else _of_models(settings) / SIGN


def _of_models(settings: Settings) -> Path:
    """The folder of the key for models, made at first need; of two processes the first one's stays."""
    folder = settings.home / "keys" / "models"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".models-", dir=folder.parent))
        make_pair(scratch)
        try:
            scratch.rename(folder)
        except OSError:
            shutil.rmtree(scratch)
    return folder


def _trusted(settings: Settings) -> tuple[str, ...]:
    ring = _ring(settings)
    found = [keys.sign for mark, keys in ring.keys.items() if ring.state(mark) in ("own", "trusted")]
    of_models = settings.home / "keys" / "models" / PUBLIC_SIGN
    return (*found, *([of_models.read_text(encoding="ascii")] if of_models.is_file() else []))
