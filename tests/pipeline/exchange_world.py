"""Five invented banks and two operators with keys, and run folders of a handful of flagged accounts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl
import pytest

from fraudnet.contracts.grades import TABLE
from fraudnet.contracts.progress import silent
from fraudnet.contracts.results import ListEntry, Support
from fraudnet.files import write_parquet
from fraudnet.lists.authority import Authority
from fraudnet.lists.exchange import contents
from fraudnet.lists.exchange.keys import PrivateKeys, make_keys
from fraudnet.lists.formats import list_formats
from fraudnet.lists.tables import write_table
from fraudnet.pipeline.exchange.answers import Delivery, receive_answers
from fraudnet.pipeline.exchange.keyring import confirm_keys, make_own_keys, offer_keys
from fraudnet.pipeline.exchange.packages import Order, pack_lists
from fraudnet.runs.manifest import write_manifest
from fraudnet.settings import Settings

BANKS = tuple(f"bank_{letter}" for letter in "abcde")
OPERATORS = ("tel_a", "tel_b")
T0 = datetime(2026, 7, 31, 17, tzinfo=UTC)  # 1 August, 00:00 in Vietnam
AUTHORITY = Authority("Đơn vị thử", "CV-1", "2026-08-01", "Luật thử, Điều 1", "Người ký", "024 0000 0000")


def at(days: float, minutes: int = 0) -> datetime:
    return T0 + timedelta(days=days, minutes=minutes)


@cache
def keys_of(institution: str) -> PrivateKeys:
    return make_keys(institution, Path(mkdtemp(prefix="keys-")) / institution)


@dataclass(frozen=True)
class Flag:
    """A flagged account of a bank (or number of an operator), and what the flag rests on."""

    institution: str
    name: str
    source: str = "model"
    band: str = "20_to_40"
    probability: float | None = 0.5
    supports: tuple[tuple[str, str, str], ...] = (("own", "m", "model"),)

    @property
    def entity(self) -> str:
        kind = "sim" if self.institution.startswith("tel") else "account"
        return f"sim:{self.name}@?" if kind == "sim" else f"account:{self.institution}:{self.name}"


def seed(flag: Flag) -> tuple[str, str, str]:
    return ("seed", flag.entity, "police_file")


def run_folder(at_: Path, flags: list[Flag], when: datetime) -> Path:
    """A finished run with these flags, as scoring leaves it."""
    folder = at_ / f"{when:%Y-%m-%d}-{len(flags)}-{abs(hash(tuple(flags))) % 10**8}"
    entries, support = [], []
    for place, flag in enumerate(flags, 1):
        cell = TABLE[flag.source, flag.band]
        kind = flag.entity.split(":")[0]
        entries.append({
            "institution": flag.institution, "entity_id": flag.entity, "kind": kind, "number": flag.name,
            "holder_name": f"Người {flag.name}", "holder_kind": "person", "cif": None, "status": 1 if kind == "account" else None,
            "code": 6 if kind == "account" else None, "note": "Dấu hiệu.", "reasons": ["Dấu hiệu."],
            "probability": flag.probability, "grade": cell.grade, "action": cell.action, "source": flag.source,
            "band": flag.band, "position": place, "as_of": when, "model": "m/1",
            "expires_on": (when + timedelta(hours=7)).date() + timedelta(days=cell.days),
        })  # fmt: skip
        for what, ref, basis in flag.supports:
            support.append(
                {
                    "flag_id": f"{flag.entity}|{when:%Y-%m-%dT%H:%MZ}",
                    "kind": what,
                    "ref_id": ref,
                    "basis": basis,
                    "weight": 1.0,
                    "known_at": when - timedelta(hours=1),
                }
            )
    write_parquet(folder / "list_entries.parquet", shaped(ListEntry, entries))
    write_parquet(folder / "support-account.parquet", shaped(Support, support))
    people = pl.DataFrame({"entity_id": [flag.entity for flag in flags], "holder": range(len(flags))})
    write_parquet(folder / "nodes.parquet", people)
    places = people.select(node="holder", province=pl.lit("01"))
    write_parquet(folder / "provinces.parquet", places)
    kinds = ["bank"] * len(BANKS) + ["operator"] * len(OPERATORS)
    table = pl.DataFrame(
        {"institution": [*BANKS, *OPERATORS], "kind": kinds, "name": [f"{n} (hư cấu)" for n in (*BANKS, *OPERATORS)]}
    )
    write_parquet(folder / "institutions.parquet", table)
    write_manifest(folder, {"what": "run", "as_of": when.isoformat()})
    return folder


def shaped(schema: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    types = {name: column.dtype for name, column in schema.columns().items()}
    return pl.DataFrame(rows, schema=types)


def settings(home: Path, actor: str = "lead-1", **more: Any) -> Settings:
    return Settings(home=home, actor=actor, language="en", **more)


def unit(home: Path) -> Settings:
    """A data directory with own keys and the confirmed keys of everybody."""
    return settings(shutil.copytree(_known_to_all(), home))


@cache
def _known_to_all() -> Path:
    """Made once for all tests, then copied."""
    home = Path(mkdtemp(prefix="unit-")) / "home"
    chosen = settings(home)
    make_own_keys(chosen, "unit")
    for name in (*BANKS, *OPERATORS):
        keys = keys_of(name)
        offer_keys(chosen, keys.folder / "public.json")
        for who in ("lead-1", "lead-2"):
            confirm_keys(settings(home, who), keys.public.fingerprint)
    return home


def pack(chosen: Settings, when: datetime, run: Path | None = None) -> dict[str, Any]:
    return pack_lists(Order(AUTHORITY, when, run), chosen, silent)


def entry_of(chosen: Settings, flag: Flag) -> str:
    from fraudnet.lists.exchange.pseudonyms import pseudonyms
    from fraudnet.pipeline.exchange.packages import secret

    return pseudonyms([flag.entity], secret(chosen), flag.institution)[0]


def answer_file(folder: Path, rows: list[dict[str, str]], name: str = "answers.csv") -> Path:
    titles = ["entry", "outcome", "role", "basis", "reason", "amount", "until", "decided_at", "note"]
    table = pl.DataFrame([{t: row.get(t, "") for t in titles} for row in rows], schema=dict.fromkeys(titles, pl.String))
    return write_table(folder / name, table)


def signed(path: Path, institution: str) -> Path:
    signature = path.with_name(path.name + ".sig")
    signature.write_bytes(keys_of(institution).signature(path.read_bytes()))
    return signature


def answer(
    chosen: Settings, when: datetime, institution: str, rows: list[dict[str, str]], folder: Path, sign: bool = True
) -> dict[str, Any]:
    path = answer_file(folder, rows, f"{institution}-{when:%m%d%H%M}-{len(list(folder.glob('*.csv')))}.csv")
    if sign:
        signed(path, institution)
    return receive_answers(Delivery(path, institution), chosen, when)


def cleared(chosen: Settings, flag: Flag, basis: str = "own_documents") -> dict[str, str]:
    return {"entry": entry_of(chosen, flag), "outcome": "cleared", "reason": "salary", "basis": basis}


def confirmed(chosen: Settings, flag: Flag, basis: str = "own_documents") -> dict[str, str]:
    return {"entry": entry_of(chosen, flag), "outcome": "confirmed", "role": "knowing_mule", "basis": basis}


def live(chosen: Settings) -> dict[str, str]:
    """The entries that stand by their entity, and whether they may be acted on."""
    from fraudnet.pipeline.exchange.ledger import open_store
    from fraudnet.pipeline.exchange.outbox import state

    with open_store(chosen) as store:
        table = state(store, chosen).live
    return dict(table.select("entity_id", pl.col("state").cast(pl.String)).sort("entity_id").iter_rows())


def day_of(when: datetime) -> date:
    return (when + timedelta(hours=7)).date()


@contextmanager
def few_formats() -> Iterator[None]:
    """Packages without workbook, CSV and Parquet, which other tests look at: these play many packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "list_formats", lambda: list_formats(("json_lines", "simo_002")))
        yield
