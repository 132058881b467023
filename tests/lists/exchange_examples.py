"""A unit, a bank and a stranger with their keys, and small packages between them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from fraudnet.lists.exchange.keys import PrivateKeys, make_keys
from fraudnet.lists.exchange.manifest import Manifest
from fraudnet.lists.exchange.opening import Opener
from fraudnet.lists.exchange.package import complete, package_name, seal

DAY = date(2026, 10, 5)
MANIFEST = Manifest(
    "20261005-0123456789ab", "unit", "bank_north", 1, "", DAY, date(2026, 10, 19), {"live": 1},
    {"number": 0, "digest": "0" * 64}, "",
)  # fmt: skip


@cache
def keys(owner: str) -> PrivateKeys:
    """Keys made once for all tests; kept out of the repository."""
    return make_keys(owner, Path(mkdtemp(prefix="keys-")) / owner)


def files(folder: Path) -> Path:
    """A list of two files."""
    folder.mkdir(parents=True)
    (folder / "working.csv").write_text("number\n00710001112223\n")
    (folder / "header.json").write_text("{}\n")
    return folder


def packed(at: Path, signer: PrivateKeys | None = None, to: str = "bank_north", **more: object) -> Path:
    """A package, and beside it its folder."""
    manifest = replace(MANIFEST, **more)  # type: ignore[arg-type]  # checked by the class itself
    folder = at / f"list-{manifest.sequence}"
    shutil.rmtree(folder, ignore_errors=True)
    whole = complete(files(folder), manifest, signer or keys("unit"))
    package = at / package_name(whole)
    seal(folder, whole, keys(to).public, package)
    return package


def opener(own: str = "bank_north", today: date = DAY, *senders: str) -> Opener:
    return Opener(keys(own), tuple(keys(name).public for name in senders or ("unit",)), today)
