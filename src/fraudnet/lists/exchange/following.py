"""Whether an institution that opened every package holds exactly the entries that the sender says it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from fraudnet.errors import FraudnetError
from fraudnet.lists.exchange.contents import CHANGES, STATEMENT
from fraudnet.lists.exchange.manifest import MANIFEST, Manifest, manifest_from

AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "unknown"


def totals_hold(into: Path, last: Manifest) -> str:
    """Play the packages of a sender that lie unpacked here and hold the result against the last one's control totals.

    Begins with the newest full statement. `unknown` where a package between it and the last is missing.
    """
    folders = dict(_packages(into, last))
    numbers = [n for n in sorted(folders, reverse=True) if (folders[n] / STATEMENT).is_file()]
    first = 1 if 1 in folders and not numbers else (numbers[0] if numbers else 0)
    if not first or any(number not in folders for number in range(first, last.sequence + 1)):
        return UNKNOWN
    try:
        standing = _played([folders[number] for number in range(first, last.sequence + 1)], bool(numbers))
    except (OSError, ValueError, KeyError):
        return UNKNOWN  # somebody changed what lies here
    told = "".join(f"{entry} {state}\n" for entry, state in sorted(standing.items()))
    agrees = hashlib.sha256(told.encode()).hexdigest() == last.totals.get("live_digest")
    return AGREES if agrees and len(standing) == last.totals.get("live") else DIFFERS


def _played(folders: list[Path], stated: bool) -> dict[str, str]:
    """State by entry after these packages, of which the first holds all that stands when `stated`."""
    begun = {row["entry_id"]: row["state"] for row in _lines(folders[0] / STATEMENT)} if stated else {}
    for folder in folders[1:] if stated else folders:
        _play(begun, folder / CHANGES)
    return begun


def _play(standing: dict[str, str], changes: Path) -> None:
    for row in _lines(changes):
        if row["operation"] == "withdraw":
            standing.pop(row["entry_id"], None)
        else:
            standing[row["entry_id"]] = row["state"]


def _packages(into: Path, last: Manifest) -> Iterator[tuple[int, Path]]:
    """Number and folder of the sender's packages up to the last one."""
    for path in sorted(into.glob(f"*/{MANIFEST}")):
        try:
            said = manifest_from(path.read_bytes())
        except FraudnetError:
            continue  # a folder of something else
        if (said.sender, said.recipient) == (last.sender, last.recipient) and said.sequence <= last.sequence:
            yield said.sequence, path.parent


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
