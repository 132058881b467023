"""A test package with everything needed to open it."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import WriteFailedError
from fraudnet.lists.authority import Authority
from fraudnet.lists.exchange.contents import Edition, Part, write_contents
from fraudnet.lists.exchange.keys import make_keys
from fraudnet.lists.exchange.manifest import Manifest
from fraudnet.lists.exchange.package import complete, package_name, seal
from fraudnet.lists.exchange.sample import INSTITUTION, sample_changes
from fraudnet.lists.header import Recipient
from fraudnet.lists.live import LiveEntry, totals
from fraudnet.settings import Settings
from fraudnet.store.event import BEGINNING

SENDER = "sample_unit"
AUTHORITY = Authority("Đơn vị mẫu", "CV-00/MAU", "2026-01-01", "Chỉ để thử", "Người ký mẫu", "000")


def sample_package(to: Path, day: date, settings: Settings) -> dict[str, Any]:
    """Write an invented package, the keys of its recipient and the public keys of its sender into a new folder."""
    if to.exists():
        raise WriteFailedError("{to}: is there already; name a new folder", to=to)
    unit, bank = make_keys(SENDER, to / SENDER), make_keys(INSTITUTION, to / INSTITUTION)
    changes = sample_changes(day)
    edition = Edition(day, settings.language, AUTHORITY, (0, BEGINNING))
    part = Part(Recipient(INSTITUTION, "bank", "Ngân hàng mẫu (hư cấu)"), f"{day:%Y%m%d}-sample", changes,
                changes.select(LiveEntry.column_names()))  # fmt: skip
    folder = to / ".contents"
    write_contents(part, edition, pl.Series("number", [], pl.String), folder)
    manifest = Manifest(
        list_id=part.list_id, sender=SENDER, recipient=INSTITUTION, sequence=1, previous="", created=day,
        expires=day + timedelta(days=settings.list_days), totals=totals(changes, changes),
        audit={"number": 0, "digest": BEGINNING}, signed_with="", authority=AUTHORITY.plain(),
    )  # fmt: skip
    whole = complete(folder, manifest, unit)
    package = to / package_name(whole)
    seal(folder, whole, bank.public, package)
    shutil.rmtree(folder)
    return {"package": str(package), "keys": str(bank.folder), "sender": str(unit.folder / "public.json")}
