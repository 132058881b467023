"""What a package says about itself: the one text that is signed, so that nothing in it can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from fraudnet.errors import TamperedError
from fraudnet.files import canonical_json
from fraudnet.lists.exchange.keys import NAME

FORM = "fraudnet-package/1"
MANIFEST, MANIFEST_SIGNATURE = "manifest.json", "manifest.json.sig"
SUMS, SUMS_SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
OUTER = (MANIFEST, MANIFEST_SIGNATURE, SUMS, SUMS_SIGNATURE)


@dataclass(frozen=True)
class Manifest:
    """Number of the list, who sends it to whom, its place in their row, its days, and the digest of every file.

    sequence: grows by one from package to package of one recipient; previous: SHA-256 of the manifest before, empty for
    the first. totals: how many entries were added, updated, suspended, resumed and withdrawn, how many live ones the
    recipient then has, and their digest. audit: end of the sender's chain of events before the list.
    """

    list_id: str
    sender: str
    recipient: str
    sequence: int
    previous: str
    created: date
    expires: date
    totals: Mapping[str, Any]
    audit: Mapping[str, Any]
    signed_with: str
    authority: Mapping[str, str] = field(default_factory=dict)
    made_by: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def content(self) -> bytes:
        """The bytes that are signed: canonical JSON, equal for equal manifests."""
        return canonical_json({"form": FORM, **asdict(self)})

    @property
    def digest(self) -> str:
        """SHA-256 of the signed bytes: what a delivery is known by."""
        return hashlib.sha256(self.content()).hexdigest()


def manifest_from(content: bytes) -> Manifest:
    """The manifest that these bytes hold. Raises TamperedError when they hold none."""
    try:
        said = json.loads(content)
        if said.pop("form") != FORM:
            raise TamperedError(
                "{manifest}: is of another version, expected {form}; update fraudnet", manifest=MANIFEST, form=FORM
            )
        days = {name: date.fromisoformat(said[name]) for name in ("created", "expires")}
        found = Manifest(**{**said, **days})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise TamperedError(
            "{manifest}: is no manifest of a package; ask the sender for the package again", manifest=MANIFEST
        ) from None
    plain = all(NAME.fullmatch(str(name)) for name in (found.list_id, found.sender, found.recipient))
    if not plain or not isinstance(found.sequence, int) or not isinstance(found.files, dict):
        raise TamperedError(
            "{manifest}: is no manifest of a package; ask the sender for the package again", manifest=MANIFEST
        )
    return found
