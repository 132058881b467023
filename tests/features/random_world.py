"""A small random drop with every table that features read, before linking; numbers may be renamed consistently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from fraudnet.contracts.drop import RECORDS, Records

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
START = datetime(2025, 10, 1, tzinfo=UTC)
SPAN_MINUTES = 170 * 24 * 60  # three weeks reach past the snapshot
PEOPLE, ACCOUNTS, SIMS, DEVICES = 12, 24, 20, 10


def plain(i: int) -> str:
    return f"{100_000 + i}"


def turned(i: int) -> str:
    return f"{900_000 - 7 * i}"


def naming() -> dict[str, str]:
    """From the numbers of the plain world to those of the renamed one."""
    return {plain(i): turned(i) for i in range(400)}


@dataclass
class Maker:
    rng: np.random.Generator
    name: Callable[[int], str]

    def some(self, make: Callable[[int], str], size: int, n: int) -> list[str]:
        return [make(int(i)) for i in self.rng.integers(0, size, n)]

    def moments(self, n: int) -> list[datetime]:
        minutes = self.rng.integers(0, SPAN_MINUTES, n)
        close = self.rng.random(n) < 0.4  # many within the same hours, so that windows have something in them
        minutes = np.where(close, minutes // (7 * 1440) * (7 * 1440) + minutes % 180, minutes)
        return [START + timedelta(minutes=int(m)) for m in minutes]

    def amounts(self, n: int) -> list[int]:
        pool = [5_000, 200_000, 1_000_000, 9_500_000, 19_000_000]
        return [int(self.rng.choice(pool)) + int(self.rng.integers(0, 3)) * 1_000 for _ in range(n)]

    def account(self, i: int) -> str:
        return f"account:bank{i % 2}:{self.name(i)}"

    def sim(self, i: int) -> str:
        return f"sim:{self.name(100 + i)}"

    def device(self, i: int) -> str:
        return f"device:imei:{self.name(200 + i)}"

    def person(self, i: int) -> str:
        return self.name(300 + i)


def contract(name: str, columns: dict[str, object], n: int) -> pl.DataFrame:
    """A table under its contract: what is not given is unknown, extras keep their place at the end."""
    kinds = RECORDS[name].create_empty().schema
    given = {"source": ["s"] * n, "row_id": [f"{name}:{i}" for i in range(n)], **columns}
    frame = pl.DataFrame(given, strict=False)
    shaped = [(pl.col(c) if c in frame.columns else pl.lit(None)).cast(kind).alias(c) for c, kind in kinds.items()]
    return frame.select(*shaped, *[c for c in frame.columns if c.startswith("x_")])


def random_records(seed: int, name: Callable[[int], str] = plain) -> Records:
    """Records of a random world; the same seed gives the same world under any naming."""
    make = Maker(np.random.default_rng(seed), name)
    tables = _parties(make) | _money(make) | _phones(make) | _sayings(make)
    return Records({table: frame.lazy() for table, frame in tables.items()})


def _parties(make: Maker) -> dict[str, pl.DataFrame]:
    rng = make.rng
    opened = [START - timedelta(days=int(d)) for d in rng.integers(-130, 600, ACCOUNTS)]
    begun = [START + timedelta(minutes=30 * int(d)) for d in rng.integers(0, 12, SIMS)]
    accounts = {
        "institution": [f"bank{i % 2}" for i in range(ACCOUNTS)],
        "account_number": [make.name(i) for i in range(ACCOUNTS)],
        "holder_source_id": make.some(make.person, PEOPLE, ACCOUNTS),
        "opened_at": opened,
        "known_at": opened,
        "channel": [["counter", "ekyc", None][i % 3] for i in range(ACCOUNTS)],
        "kind": [["personal", "corporate", "merchant", "exchange"][i % 4] for i in range(ACCOUNTS)],
        "phone": [make.name(100 + int(i)) for i in rng.integers(0, SIMS, ACCOUNTS)],
        "branch": [["b1", "b2", None][i % 3] for i in range(ACCOUNTS)],
        "staff": [["k1", "k2", None, "k1"][i % 4] for i in range(ACCOUNTS)],
        "currency": ["VND"] * ACCOUNTS,
        "status": [int(s) for s in rng.integers(1, 6, ACCOUNTS)],
        "x_balance": [float(v) for v in rng.normal(size=ACCOUNTS)],
        "x_package": [["gold", "silver", None][int(v)] for v in rng.integers(0, 3, ACCOUNTS)],
    }
    sims = {
        "institution": [f"telco{i % 2}" for i in range(SIMS)],
        "number": [make.name(100 + i) for i in range(SIMS)],
        "valid_from": begun,
        "known_at": begun,
        "holder_source_id": make.some(make.person, PEOPLE, SIMS),
        "dealer": [f"d{i % 3}" for i in range(SIMS)],
        "plan": [["prepaid", "postpaid"][i % 2] for i in range(SIMS)],
        "x_arpu": [int(v) for v in rng.integers(0, 500, SIMS)],
    }
    identities = {
        "source_id": [make.person(i) for i in range(PEOPLE)],
        "known_at": [START] * PEOPLE,
        "kind": [["person", "organisation", "organisation"][i % 3] for i in range(PEOPLE)],
        "birth_date": [START.date() - timedelta(days=90 * i) for i in range(PEOPLE)],
        "full_name": [None if i % 3 else ["Le An", "Trần Hà", "Phạm Mai Chi", "Đỗ Sơn"][i // 3] for i in range(PEOPLE)],
        "id_number": [None if i % 3 else f"001095{make.person(i)}" for i in range(PEOPLE)],
        "face_id": [None if i % 3 else ["f1", "f3", "f2", "f1"][i // 3] for i in range(PEOPLE)],
        "source_kind": ["bank"] * PEOPLE,
        "capital": [100_000_000 * (i + 1) if i % 3 else None for i in range(PEOPLE)],
        "representative_id": [make.person(i % 2 * 3) if i % 3 else None for i in range(PEOPLE)],
        "x_region": [["north", "south"][i % 2] for i in range(PEOPLE)],
    }
    return {
        "accounts": contract("accounts", accounts, ACCOUNTS),
        "sims": pl.concat([contract("sims", sims, SIMS), _passed_on(make)], how="diagonal"),
        "identities": pl.concat([contract("identities", identities, PEOPLE), _register(make)], how="diagonal"),
        "holdings": _holdings(make),
        "adverts": _adverts(make),
    }


def _register(make: Maker) -> pl.DataFrame:
    """What the population register says of some of the people: other names, one of them dead, one abroad."""
    who = [0, 3, 6, 9]
    told = {
        "source": ["r"] * 4,
        "row_id": [f"register:{i}" for i in who],
        "source_id": [f"r{make.person(i)}" for i in who],
        "source_kind": ["population"] * 4,
        "known_at": [START - timedelta(days=9)] * 4,
        "kind": ["person"] * 4,
        "full_name": ["Lê An", "Trần Thu Hà", "Vũ Minh", None],
        "birth_date": [START.date() - timedelta(days=90 * i + i) for i in who],
        "sex": [0, 1, 1, None],
        "id_number": [f"001095{make.person(i)}" for i in who],
        "face_id": ["f1", "f1", "f2", None],
        "commune": ["X1", "X2", "X1", None],
        "province": ["01"] * 4,
        "status": ["deceased", "abroad", "alive", None],
        "status_at": [START + timedelta(days=30), START + timedelta(days=60), None, None],
    }
    return contract("identities", told, 4)


def _passed_on(make: Maker) -> pl.DataFrame:
    """Two numbers that others have held since, one after a rest."""
    later = [START + timedelta(days=50), START + timedelta(days=90)]
    taken = {
        "source": ["s", "s"],
        "row_id": ["sims:again:0", "sims:again:1"],
        "institution": ["telco0", "telco1"],
        "number": [make.name(100), make.name(101)],
        "valid_from": later,
        "known_at": later,
        "holder_source_id": [make.person(11), make.person(10)],
    }
    return contract("sims", taken, 2)


def _holdings(make: Maker) -> pl.DataFrame:
    """A number registered anew, and somebody authorised on an account."""
    at = [START + timedelta(days=20), START + timedelta(days=25)]
    said = {
        "holder": [make.account(2), f"identity:s:{make.person(4)}"],
        "thing": [make.sim(5), make.account(3)],
        "role": ["registered_phone", "authorised"],
        "valid_from": at,
        "known_at": at,
        "asserted": ["yes", "yes"],
    }
    return contract("holdings", said, 2)


def _adverts(make: Maker) -> pl.DataFrame:
    """Account numbers and phone numbers on offer, some twice, some too late."""
    n = 12
    at = [START + timedelta(days=14 * i) for i in range(n)]
    shown = {
        "ad_id": [f"ad{i}" for i in range(n)],
        "seen_at": at,
        "known_at": at,
        "kind": [["account", "number"][i % 2] for i in range(n)],
        "value": [make.name(i // 2 % 4 + 100 * (i % 2)) for i in range(n)],
        "url_digest": [["u1", "u2", None][i % 3] for i in range(n)],
    }
    return contract("adverts", shown, n)


def _money(make: Maker) -> dict[str, pl.DataFrame]:
    n, k = 400, 120
    at, taken = make.moments(n), make.moments(k)
    # Some accounts are mere counterparties: the drop lists them nowhere.
    ends = make.rng.integers(0, ACCOUNTS + 6, (n, 2))
    ends[:, 1] = np.where(ends[:, 0] == ends[:, 1], (ends[:, 1] + 1) % ACCOUNTS, ends[:, 1])
    transfers = {
        "transfer_id": [f"t{i}" for i in range(n)],
        "at": at,
        "known_at": at,
        "payer": [make.account(int(i)) for i in ends[:, 0]],
        "payee": [make.account(int(i)) for i in ends[:, 1]],
        "amount": make.amounts(n),
        "currency": ["VND"] * n,
        "text_class": [["transfer", "goods", "refund", None][int(v)] for v in make.rng.integers(0, 4, n)],
        "x_speed": [float(v) for v in make.rng.normal(size=n)],
    }
    cash = {
        "cash_id": [f"c{i}" for i in range(k)],
        "at": taken,
        "known_at": taken,
        "entity": make.some(make.account, ACCOUNTS, k),
        "amount": [int(v) for v in make.rng.choice([-2_000_000, -500_000, 300_000], k)],
        "place_kind": [["atm", "counter", None][int(v)] for v in make.rng.integers(0, 3, k)],
        "place": [f"m{int(v)}" for v in make.rng.integers(0, 3, k)],
    }
    return {"transfers": contract("transfers", transfers, n), "cash": contract("cash", cash, k)}


def _phones(make: Maker) -> dict[str, pl.DataFrame]:
    n, k = 400, 120
    at, seen = make.moments(n), make.moments(k)
    ends = make.rng.integers(0, SIMS, (n, 2))
    ends[:, 1] = np.where(ends[:, 0] == ends[:, 1], (ends[:, 1] + 1) % SIMS, ends[:, 1])
    calls = {
        "at": at,
        "known_at": at,
        "caller": [make.name(100 + int(i)) for i in ends[:, 0]],
        "callee": [make.name(100 + int(i)) for i in ends[:, 1]],
        "kind": [["voice", "voice", "sms", "otp"][int(v)] for v in make.rng.integers(0, 4, n)],
        "duration_s": [int(v) for v in make.rng.integers(0, 400, n)],
        "cell": [f"cell{int(v)}" for v in make.rng.integers(0, 5, n)],
        "answered": [[True, False, None][int(v)] for v in make.rng.integers(0, 3, n)],
    }
    users = [make.account(int(i)) if i < ACCOUNTS else make.sim(int(i) - ACCOUNTS) for i in _users(make, k)]
    uses = {
        "entity": users,
        "device": make.some(make.device, DEVICES, k),
        "seen_at": seen,
        "known_at": seen,
        "randomised": [bool(v) for v in make.rng.random(k) < 0.1],
    }
    return {"calls": contract("calls", calls, n), "uses": contract("uses", uses, k)}


def _users(make: Maker, n: int) -> list[int]:
    return [int(i) for i in make.rng.integers(0, ACCOUNTS + SIMS, n)]


def _sayings(make: Maker) -> dict[str, pl.DataFrame]:
    k = 80
    at, swapped, told, tied = (make.moments(k) for _ in range(4))
    account_events = {
        "entity": make.some(make.account, ACCOUNTS, k),
        "at": at,
        "known_at": at,
        "event": [str(v) for v in make.rng.choice(["login", "phone_changed", "limit_raised", "device_bound"], k)],
    }
    sim_events = {
        "number": [make.name(100 + int(i)) for i in make.rng.integers(0, SIMS, k)],
        "at": swapped,
        "known_at": swapped,
        "event": [str(v) for v in make.rng.choice(["swap", "suspend", "port_in", "device_change"], k)],
    }
    about = [make.account(int(i)) if i < ACCOUNTS else make.sim(int(i) - ACCOUNTS) for i in _users(make, 12)]
    reports = {
        "report_id": [f"r{i}" for i in range(12)],
        "at": told[:12],
        "known_at": [t + timedelta(days=2) for t in told[:12]],
        "entity": about,
        "transfer_id": [f"t{i}" for i in range(12)],
    }
    links = {
        "source_entity": make.some(make.account, ACCOUNTS, k),
        "target_entity": make.some(make.account, ACCOUNTS, k),
        "kind": ["friend"] * k,
        "directed": [False] * k,
        "at": tied,
        "known_at": tied,
        "weight": [float(v) for v in make.rng.random(k)],
    }
    return {
        "account_events": contract("account_events", account_events, k),
        "sim_events": contract("sim_events", sim_events, k),
        "reports": contract("reports", reports, 12),
        "links": contract("links", links, k),
    }
