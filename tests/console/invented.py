"""A board of invented banks, operators and people, for tests and pictures: nothing in it stands for anybody real."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl

from fraudnet.contracts.board import TABLES
from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.contracts.features import Column
from fraudnet.contracts.grades import TABLE
from fraudnet.review.board import Board, Facts
from fraudnet.review.queue import queued, valued
from fraudnet.scoring.reasons import alike_sentence, feature_sentence, pattern_sentence

AS_OF = datetime(2026, 11, 19, 17, tzinfo=UTC)
BANKS = ("Sao Mai", "Cửu Long", "Trường Sơn", "Hồng Hà", "Phù Sa", "Hoa Sen", "Ví Bồ Câu", "Lúa Vàng")
OPERATORS = ("Lạc Hồng", "Sông Hương", "Tín Việt")
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Vàng", "Lò", "Công Tằng Tôn Nữ")
MIDDLES = ("Thị", "Minh", "Văn", "Quốc", "Thanh", "Ngọc", "Thị Hoàng", "Đức")
GIVEN = ("Hà", "Quân", "Uyên", "Long", "Sơn", "Mai", "Hương", "Phúc", "Dũng", "Lan", "Khánh")
FIRMS = (
    "Công ty TNHH Thương mại Dịch vụ Xuất nhập khẩu Hưng Thịnh Phát Đạt Miền Trung", "Cửa hàng Điện thoại Minh Châu",
)  # fmt: skip
PROVINCES = ("79", "14", "15", "40", "92", "33", "38", "48", "66", "01")
SOURCES = ("victim", "victim", "institution", "model", "model", "police", "model", "institution")
BANDS = ("under_20", "20_to_40", "40_to_70", "over_70")
PATTERNS = {
    "account": ("fan_in_collector", "pass_through", "rented_account", "shared_device", "scatter_gather", "money_cycle",
                "merchant_mule", "taken_over_account", "dormant_then_busy"),
    "sim": ("sim_farm", "call_centre", "too_many_sims", "agent_registered_sims"),
    "identity": ("holder_gone", "one_face"),
}  # fmt: skip
COLUMNS = {
    "account": (
        Column("own_reports_90d", "reports about the account over 90 days", "known_fraud"),
        Column("age_days", "days since the account was opened", "account_life"),
        Column("devices_bound_30d", "devices bound to the account over 30 days", "devices"),
        Column("device_seeds", "other known fraud on the same device", "proximity", seed_built=True),
    ),
    "sim": (
        Column("sim_age_days", "days since the holder activated the SIM", "sim_life"),
        Column("device_seeds", "other known fraud on the same device", "proximity", seed_built=True),
    ),
    "identity": (Column("device_seeds", "other known fraud on the same device", "proximity", seed_built=True),),
}


def document(node: int) -> str:
    """The number of the card of an item's holder."""
    return f"0401{30044000 + node:08d}"


@dataclass
class Parts:
    """The rows of the board in the making."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def add(self, table: str, /, **row: Any) -> None:
        self.rows[table].append(row)

    def frames(self) -> dict[str, pl.DataFrame]:
        types = {name: {c: s.dtype for c, s in schema.columns().items()} for name, schema in TABLES.items()}
        return {
            name: pl.DataFrame([{c: row.get(c) for c in types[name]} for row in rows], schema=types[name], strict=False)
            for name, rows in self.rows.items()
        }


@cache
def board(n: int = 60, quiet: int = 60, seed: int = 7, hostile: str = "", per_day: int = 60) -> Board:
    """n flagged items and some unflagged ones; `hostile` is put into every text that a source may bring."""
    chance = random.Random(seed)
    parts = Parts()
    for node in range(n + quiet):
        _item(parts, node, node < n, chance, hostile)
    frames = parts.frames()
    items = queued(valued(frames["items"].drop("place", "blind", "selected_by", "value")), "2026-11-20-invented")
    first = items.filter(pl.col("kind") == "account", "flagged").sort("value", descending=True)["node"][0]
    cases = case(items, chance)
    members = cases["case_members"].filter("flagged").select("entity_id", case="case_id")
    items = items.drop("case").join(members, on="entity_id", how="left", maintain_order="left")
    frames["items"] = items.select(TABLES["items"].column_names())
    frames["moves"] = pl.concat([frames["moves"].filter(pl.col("node") != first), _story(first, chance)]).sort(
        "node", "at"
    )
    institutions = {f"9704{k:02d}": ("bank", hostile or name) for k, name in enumerate(BANKS)}
    institutions |= {f"452-{k:02d}": ("operator", name) for k, name in enumerate(OPERATORS)}
    columns = {kind: {one.name: one for one in found} for kind, found in COLUMNS.items()}
    facts = Facts("2026-11-20-invented", AS_OF, "vi", institutions, per_day, columns, ())
    return Board(facts, frames, cases)


def _item(parts: Parts, node: int, flagged: bool, chance: random.Random, hostile: str) -> None:
    kind = chance.choices(("account", "sim", "identity"), (6, 3, 1))[0]
    firm = chance.random() < 0.1
    name = hostile or (chance.choice(FIRMS) if firm else " ".join(chance.choice(p) for p in (FAMILIES, MIDDLES, GIVEN)))
    bank = f"9704{chance.randrange(len(BANKS)):02d}" if kind != "sim" else f"452-{chance.randrange(3):02d}"
    number = f"{chance.randrange(10**9, 10**10)}" if kind != "sim" else f"84{chance.randrange(350000000, 399999999)}"
    entity = {"account": f"account:{bank}:{number}", "sim": f"sim:{number}@?", "identity": f"identity:r{node}"}[kind]
    source = chance.choice(SOURCES)
    band = BANDS[min(3, int(chance.random() ** 2 * 4))] if source != "police" else "over_70"
    grade = TABLE[source, band]
    opened = AS_OF - timedelta(days=chance.randrange(20, 2500))
    parts.add(
        "items", node=node, entity_id=entity, reference=entity, kind=kind, institution=None if kind == "identity" else bank,
        number=None if kind == "identity" else number, holder=node, holder_name=name,
        holder_kind="organisation" if firm else "person",
        birth_date=date(chance.randrange(1955, 2008), chance.randrange(1, 13), chance.randrange(1, 28)),
        province=chance.choice(PROVINCES), opened_at=opened, probability=min(0.93, 0.08 + chance.random() ** 2),
        at_risk=int(chance.random() ** 3 * 600) * 1_000_000 + 1_186_000 if kind == "account" else 0, position=node,
        flagged=flagged, source=source, band=band, grade=grade.grade if flagged else None,
        action=grade.action if flagged else None, expires_on=date(2027, 2, 18) if flagged else None,
    )  # fmt: skip
    if flagged and node % 2 == 0:
        what = ("came", "graded", "moved")[node // 2 % 3]
        parts.add("shifts", node=node, run="2026-10-01-earlier", what=what, grade_before="E", source_before="model",
                  band_before="under_20", place_before=node + 9, place=node + 1, causes=["data", "model"])  # fmt: skip
    _evidence(parts, (node, kind, flagged, opened), chance, hostile)
    parts.add("records", holder=node, source=bank, source_id=f"KH{node}", full_name=name, birth_date=date(2003, 4, 5),
              id_number=document(node), phone="84355123214", address=hostile or "12 Lê Lợi, Vinh", reason="document")  # fmt: skip
    parts.add("records", holder=node, source="DAN_CU", source_id=f"DC{node}", full_name=name.upper() if not hostile else name,
              birth_date=date(2003, 4, 5), id_number=document(node), phone=None, address=None, reason="document")  # fmt: skip


Thing = tuple[int, str, bool, datetime]  # node, kind, whether flagged, since when


def _evidence(parts: Parts, thing: Thing, chance: random.Random, hostile: str) -> None:
    node, kind, flagged, _ = thing
    for _ in range(chance.randrange(4, 14)):
        way = chance.choice(("transfer_in", "transfer_out", "cash_out"))
        parts.add("moves", node=node, at=AS_OF - timedelta(minutes=chance.randrange(10, 160_000)), kind=way,
                  amount=int(10 ** chance.uniform(3.5, 8.2)), other=f"account:970400:{chance.randrange(10**9)}",
                  row="sao-ke ct.csv#12")  # fmt: skip
    for _ in range(chance.randrange(3, 40)):
        parts.add("contacts", node=node, at=AS_OF - timedelta(minutes=chance.randrange(10, 160_000)),
                  kind=chance.choices(("voice", "sms", "otp"), (6, 3, 1))[0], outgoing=chance.random() < 0.6,
                  other="84900000000")  # fmt: skip
    parts.add("happenings", node=node, at=AS_OF - timedelta(days=78), kind="device_bound", row="a.csv#1")
    if kind == "account":
        for kind_of, days in (("phone_changed", 77.2), ("limit_raised", 11.5), ("report", 5.3), ("report", 2.4)):
            parts.add("happenings", node=node, at=AS_OF - timedelta(days=days), kind=kind_of, row="a.csv#2")
    parts.add("ties", node=node, other=node, other_kind="identity", other_id=f"identity:r{node}", kind="owner",
              outgoing=False, n=1, amount=0, valid_from=AS_OF - timedelta(days=900))  # fmt: skip
    parts.add("ties", node=node, other=9_000_000 + node, other_kind="device", other_id="device:imei:353258118834",
              kind="uses", outgoing=True, n=41, amount=0, first_at=AS_OF - timedelta(days=78),
              last_at=AS_OF - timedelta(days=1))  # fmt: skip
    parts.add("ties", node=node, other=max(node - 1, 0), other_kind="account", other_id="account:970401:0071181186",
              kind="transfer", outgoing=True, n=3, amount=395_000_000, first_at=AS_OF - timedelta(days=6),
              last_at=AS_OF - timedelta(days=5))  # fmt: skip
    if not flagged:
        return
    _reasons(parts, thing, chance, hostile)
    parts.add("said", node=node, kind="report", ref_id="tin-bao:BC1", source="victim", basis="victim_report",
              known_at=AS_OF - timedelta(days=3), in_favour=False)  # fmt: skip
    parts.add("support", node=node, kind="report", ref_id=f"tin-bao:BC{node}", basis="victim_report", weight=0.5,
              known_at=AS_OF - timedelta(days=3))  # fmt: skip


def _reasons(parts: Parts, thing: Thing, chance: random.Random, hostile: str) -> None:
    node, kind, _, opened = thing
    lines: list[tuple[str, str, bool, float, str]] = []
    for name in chance.sample(PATTERNS[kind], 2):
        value = round(chance.uniform(0.4, 1.0), 3)
        lines.append(("typology", name, False, value, hostile or pattern_sentence(name, "vi")))
        parts.add("hits", node=node, typology=name, strength=value, alike_strength=value / 2)
        for place, what in enumerate(("new_payer", "passed_on_out"), 1):
            parts.add("proofs", node=node, typology=name, position=place, what=what, table="transfers",
                      row_id=f"chuyen-tien.csv#{node}{place}", at=AS_OF - timedelta(days=6, minutes=-place))  # fmt: skip
        lines.append(("look_alike", name, True, value / 2, alike_sentence(name, value / 2, "vi")))
    for place, column in enumerate(COLUMNS[kind]):
        value = float((AS_OF - opened).days if column.name.endswith("age_days") else chance.randrange(1, 40))
        frame = "reason.speaks_for" if place == 1 else "reason.feature"
        lines.append(("model", column.name, place == 1, value, feature_sentence(column, value, "vi", frame)))
    if kind == "account" and chance.random() < 0.5:
        support = f"account:{node}"
        parts.add("support", node=node, kind="seed", ref_id=support, basis="victim_report", weight=0.2)
    for position, (source, name, favour, value, sentence) in enumerate(sorted(lines, key=lambda li: li[2]), 1):
        parts.add("reasons", node=node, position=position, source=source, name=name, in_favour=favour, value=value,
                  contribution=-0.3 if favour else chance.uniform(0.1, 1.3), text=sentence)  # fmt: skip


def _story(node: int, chance: random.Random) -> pl.DataFrame:
    """Pocket money, a long silence, probes, then the victims' money in and out within two hours."""
    day = datetime(2026, 11, 14, 2, tzinfo=UTC)
    rows = [
        (AS_OF - timedelta(days=118 - 3 * k, hours=k), "transfer_out", 180_000 + 41_000 * (k * 7 % 11))
        for k in range(13)
    ]
    rows += [
        (AS_OF - timedelta(days=106), "transfer_in", 8_200_000),
        (AS_OF - timedelta(days=91), "transfer_in", 3_400_000),
    ]
    rows += [(day - timedelta(days=6, minutes=9 * k), "transfer_in", 2_000 + 1_500 * k) for k in range(3)]
    ins = ((12, 200), (19, 150), (26, 70), (100, 160), (106, 150))
    outs = ((33, 199), (37, 99), (53, 98), (112, 196), (120, 65), (129, 41))
    rows += [(day + timedelta(minutes=m), "transfer_in", a * 1_000_000) for m, a in ins]
    rows += [(day + timedelta(minutes=m), "transfer_out", a * 1_000_000) for m, a in outs]
    told = [{"node": node, "at": at, "kind": kind, "amount": amount, "other": f"account:970403:{chance.randrange(10**8)}",
             "row": f"sao-ke 2026-11.csv#{k}"} for k, (at, kind, amount) in enumerate(rows)]  # fmt: skip
    types = {name: column.dtype for name, column in TABLES["moves"].columns().items()}
    return pl.DataFrame([{c: row[c] for c in types} for row in told], schema=types, strict=False)


PLACES = {
    "controller": ("who", None, 620, 60), "device": ("who", None, 765, 130), "sim": ("who", None, 190, 110),
    "v1": ("money", "victim", 70, 280), "v2": ("money", "victim", 70, 380), "first": ("money", "first", 370, 330),
    "middle": ("money", "middle", 765, 280), "last": ("money", "middle", 765, 390), "exit": ("money", "exit", 1060, 280),
}  # fmt: skip
RING = (
    ("v1", "first", "transfer", 420), ("v2", "first", "transfer", 310), ("first", "middle", "transfer", 436),
    ("first", "last", "transfer", 262), ("middle", "exit", "exit", 221), ("controller", "device", "uses", 0),
    ("device", "first", "uses", 0), ("device", "middle", "uses", 0), ("sim", "v1", "call", 0), ("sim", "v2", "call", 0),
    ("controller", "sim", "owner", 0),
)  # fmt: skip


def case(items: pl.DataFrame, chance: random.Random) -> dict[str, pl.DataFrame]:
    """One ring of invented accounts."""
    flagged = items.filter("flagged", ~pl.col("blind")).sort("value", descending=True)
    accounts = flagged.filter(pl.col("kind") == "account")["entity_id"].to_list()
    sims = flagged.filter(pl.col("kind") == "sim")["entity_id"].to_list()
    people = flagged.filter(pl.col("kind") == "identity")["entity_id"].to_list() or ["identity:none"]
    ids = {"controller": people[0], "device": "device:imei:353258118834", "sim": (sims or ["sim:84399@?"])[0],
           "v1": "account:970405:0071186", "v2": "account:970407:0072207", "first": accounts[0], "middle": accounts[1],
           "last": accounts[2], "exit": "exit:cash"}  # fmt: skip
    roles = {"controller": "controller", "sim": "knowing_mule", "v1": "victim", "v2": "victim", "first": "knowing_mule",
             "middle": "knowing_mule", "last": "misled_mule"}  # fmt: skip
    kinds = {"controller": "identity", "device": "device", "sim": "sim", "exit": "exit"}
    known = {row["entity_id"]: row for row in items.to_dicts()}
    moment = datetime(2026, 11, 14, 2, tzinfo=UTC)
    key = {"case_id": "V-QAKTRE"}
    members = [
        {**key, "entity_id": ids[name], "kind": kinds.get(name, "account"),
         "part": "exit" if name == "exit" else "victim" if name in ("v1", "v2") else "flagged" if ids[name] in known
         else "connector", "role": roles.get(name), "grounds": [], "institution": known.get(ids[name], {}).get("institution", "970405"),
         "number": known.get(ids[name], {}).get("number") or ids[name][-5:], "name": known.get(ids[name], {}).get("holder_name"),
         "organisation": False, "flagged": ids[name] in known, "grade": known.get(ids[name], {}).get("grade"),
         "received": 0, "passed_on": 0, "betweenness": 0.1, "pieces": 1, "shown": True, "storey": storey,
         "column": column, "x": x, "y": y}
        for name, (storey, column, x, y) in PLACES.items()
    ]  # fmt: skip
    links = [
        {**key, "source": ids[a], "target": ids[b], "kind": kind, "n": chance.randrange(1, 5), "amount": amount * 1_000_000,
         "first_at": moment, "last_at": moment + timedelta(hours=2), "certain": kind != "owner", "explains": True}
        for a, b, kind, amount in RING
    ]  # fmt: skip
    holds = [
        {**key, "entity_id": ids[name], "received": total, "fifo": left, "lifo": left, "proportional": left * 9 // 10,
         "lowest": left, "floor": left * 9 // 10, "hold": hold, "stops": stops, "hits": []}
        for name, total, left, hold, stops in (
            ("middle", 436_000_000, 215_000_000, 193_500_000, "cash"), ("last", 262_000_000, 87_000_000, 78_300_000, "onward"),
            ("first", 730_000_000, 32_000_000, 0, None))
    ]  # fmt: skip
    whole = {**key, "found_at": AS_OF, "as_of": AS_OF, "absorbed": [], "members": 6, "flagged": 5, "known": 0, "victims": 2,
             "lost": 730_000_000, "still_there": 300_600_000, "to_hold": 271_800_000, "hold_accounts": 2, "touched": 2,
             "value": 1, "controller": ids["controller"], "typology": "scatter_gather", "grade": "B", "institutions": [],
             "provinces": [], "began_at": moment, "last_at": moment + timedelta(days=3)}  # fmt: skip
    flows = [
        {**key, "source": ids[a], "target": ids[b], "n": 1, "amount": sum_ * 1_000_000, "moved": sum_ * 1_000_000,
         "first_at": moment, "last_at": moment + timedelta(hours=1)}
        for a, b, sum_ in (("v1", "first", 420), ("v2", "first", 310), ("first", "middle", 436), ("first", "last", 262),
                           ("middle", "exit", 221), ("last", "exit", 175))
    ]  # fmt: skip
    given = {"case_flows": flows, "cases": [whole], "case_members": members, "case_links": links, "case_holds": holds}
    made = {}
    for name, schema in CASE_TABLES.items():
        types = {c: s.dtype for c, s in schema.columns().items()}
        rows = [{c: row.get(c) for c in types} for row in given.get(name, [])]
        made[name] = pl.DataFrame(rows, schema=types, strict=False)
    return made
