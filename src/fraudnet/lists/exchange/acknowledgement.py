"""What a recipient sends back: that it has a list, how much of it it could use, and the head that it saw."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fraudnet.errors import InputError, MissingInputError
from fraudnet.files import write_json
from fraudnet.lists.exchange.manifest import Manifest

_CODE = re.compile(r"[A-Za-z0-9_.-]{0,64}")
FORM = "fraudnet-acknowledgement/1"
MOST_LISTS = 1_000_000_000
MOST_EVENTS = 1 << 53  # every database and JSON reader keeps such a number exactly
FILE, SIGNATURE = "ack.json", "ack.json.sig"


@dataclass(frozen=True)
class Acknowledgement:
    """Which list, by whom, its manifest's digest, how many changes were taken and which not: entry, field and code.

    sequence: the list's number, 0 where it was not said; it tells of a list that a restore made the sender forget.
    audit: the end of the sender's chain as the manifest carries it. Whoever kept an acknowledgement can show later that
    nothing before it was rewritten.
    """

    list_id: str
    recipient: str
    manifest: str
    accepted: int
    audit: Mapping[str, Any]
    rejected: tuple[Mapping[str, str], ...] = field(default=())
    sequence: int = 0


def acknowledged(manifest: Manifest) -> Acknowledgement:
    """The acknowledgement of a list of which everything could be used."""
    done = sum(int(manifest.totals.get(name, 0)) for name in ("add", "update", "suspend", "resume", "withdraw"))
    return Acknowledgement(
        manifest.list_id, manifest.recipient, manifest.digest, done, dict(manifest.audit), sequence=manifest.sequence
    )


def write_acknowledgement(said: Acknowledgement, path: Path) -> Path:
    """Write it as JSON."""
    return write_json(path, {"form": FORM, **asdict(said)})


def read_acknowledgement(path: Path) -> Acknowledgement:
    """Read one from elsewhere. Raises MissingInputError, InputError naming the first wrong field."""
    try:
        said = json.loads(path.read_bytes())
    except OSError:
        raise MissingInputError("{path}: cannot be read; name an {file}", path=path, file=FILE) from None
    except (ValueError, RecursionError):
        raise InputError("{path}: is no JSON; ask for the acknowledgement again", path=path) from None
    wanted = {"list_id": str, "recipient": str, "manifest": str, "accepted": int, "audit": dict, "rejected": list}
    if not isinstance(said, dict) or said.get("form") != FORM:
        raise InputError("{path}, form: got another, expected {form}", path=path, form=FORM)
    for name, kind in wanted.items():
        if not isinstance(said.get(name), kind):
            raise InputError(
                "{path}, {name}: got something else, expected {type}", path=path, name=name, type=kind.__name__
            )
    number, digest = said["audit"].get("number"), said["audit"].get("digest")
    if type(number) is not int or not 0 <= number < MOST_EVENTS or not isinstance(digest, str):
        raise InputError(
            "{path}, audit: got something else, expected the number and digest that the list carried", path=path
        )
    sequence = said.get("sequence", 0)
    if type(sequence) is not int or not 0 <= sequence < MOST_LISTS:
        raise InputError("{path}, sequence: got something else, expected the number of the list", path=path)
    rows = tuple(_rejected(row, place, path) for place, row in enumerate(said["rejected"], 1))
    told = {name: said[name] for name in wanted if name != "rejected"}
    return Acknowledgement(**told, rejected=rows, sequence=sequence)


def _rejected(row: object, place: int, path: Path) -> dict[str, str]:
    """A rejected change: codes alone, since the record keeps them for good and can never forget a name."""
    facts = row if isinstance(row, dict) else {}
    told = {name: str(facts.get(name, "")) for name in ("entry", "field", "code")}
    for name, value in told.items():
        if not _CODE.fullmatch(value):
            raise InputError(
                "{path}, rejected row {place}, {name}: got other text, expected a key or code",
                path=path,
                place=place,
                name=name,
            )
    return told
