"""An institution's side: a package is opened, shown, and acknowledged."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from fraudnet.errors import ConfigurationError
from fraudnet.files import write_bytes
from fraudnet.lists.authority import read_authority
from fraudnet.lists.check import check_file
from fraudnet.lists.exchange.acknowledgement import FILE, SIGNATURE, acknowledged, write_acknowledgement
from fraudnet.lists.exchange.following import totals_hold
from fraudnet.lists.exchange.keys import load_keys, load_public
from fraudnet.lists.exchange.opening import Opener, Seen, missing, open_package, remembered
from fraudnet.lists.filling import fill
from fraudnet.lists.simo import LEVELS

__all__ = ["check_list_file", "fill", "open_list", "read_authority"]


def check_list_file(path: Path, level: str) -> list[str]:
    """Everything wrong with a list file from anywhere, one line each. Raises ConfigurationError for another level."""
    for known in LEVELS:
        if level == known:
            return [str(problem) for problem in check_file(path, known)]
    raise ConfigurationError("--level: got another word, expected {known}", known=" or ".join(LEVELS))


def open_list(package: Path, keys: Path, senders: tuple[Path, ...], into: Path, today: date) -> dict[str, Any]:
    """Verify, decrypt and unpack a package, and write a signed acknowledgement beside the list.

    keys: folder of the own keys. senders: public keys that are trusted. Needs neither a data directory nor a model.
    """
    own, before = load_keys(keys), remembered(into)
    manifest, folder = open_package(package, Opener(own, tuple(load_public(path) for path in senders), today), into)
    path = write_acknowledgement(acknowledged(manifest), folder / FILE)
    write_bytes(folder / SIGNATURE, own.signature(path.read_bytes()))
    return {
        "folder": str(folder),
        "list_id": manifest.list_id,
        "sender": manifest.sender,
        "sequence": manifest.sequence,
        "missing": missing(manifest, before.get(manifest.sender, Seen())),
        "standing": totals_hold(into, manifest),
        "created": manifest.created.isoformat(),
        "expires": manifest.expires.isoformat(),
        "totals": dict(manifest.totals),
        "authority": dict(manifest.authority),
        "files": sorted(manifest.files),
        "acknowledgement": str(path),
    }
