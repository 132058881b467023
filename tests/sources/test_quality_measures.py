"""Every measure that looks across rows and tables, against plain loops over small random tables."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from drop_builder import ROWS, read, transfers
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_drop import BANKS, measured
from quality_drop import clean as tables_of

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.quality import QUALITIES, Quality, QualityPart
from fraudnet.identifiers import cccd
from fraudnet.sources.quality import clean, complete, consistent, material, shareable, sides, up_to_date
from fraudnet.sources.quality.material import Material, gather
from fraudnet.sources.quality.measure import FEW, HALF, measure
from fraudnet.sources.quality.part import PART
from fraudnet.sources.quality.sides import both_sides

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def records(**tables: list[dict[str, object]]) -> Records:
    """Tables under their contracts; columns that a row does not name are null."""
    frames = {}
    for name, rows in tables.items():
        empty = RECORDS[name].create_empty()
        given_rows = [{"source": "s", "row_id": f"f#{at}", "known_at": NOON, **row} for at, row in enumerate(rows)]
        frames[name] = pl.concat([empty, pl.DataFrame(given_rows, schema_overrides=empty.schema, strict=False).select(
            [pl.col(c) if c in given_rows[0] else pl.lit(None, dtype=t).alias(c) for c, t in empty.schema.items()]
        )]).lazy()  # fmt: skip
    return Records(frames)


def of(found: Records, as_of_day: int = 20_600) -> Material:
    """Material of records that nothing was turned away from."""
    turned = pl.DataFrame(schema={"source": pl.String, "institution": pl.String, "table": pl.String, "why": pl.String, "rows": pl.Int64})  # fmt: skip
    days = pl.concat([material._days(found, name) for name in found.tables])
    return Material(found, turned, days, material._named(found), as_of_day, frozenset(), both_sides(found))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_both_sides_of_transfers(seed: int) -> None:
    rng = random.Random(seed)
    rows = []
    for n in range(rng.randint(2, 14)):
        one, two = rng.sample(["a", "b", "c"], 2)
        for bank in (one, two):
            if rng.random() < 0.8:
                rows.append({
                    "source": bank, "transfer_id": f"{bank}{n}", "payer": f"account:{one}:1", "payee": f"account:{two}:2",
                    "amount": 100 + (rng.random() < 0.3), "currency": "VND", "rail_ref": f"R{n}",
                    "at": NOON + timedelta(seconds=rng.choice([0, 0, 100, 500])),
                })  # fmt: skip
    found = both_sides(records(transfers=rows)) if rows else None
    names = {row["source"] for row in rows}
    if len(names) < 2:
        assert found is None
        return
    assert found is not None
    by_reference = defaultdict(list)
    for row in rows:
        by_reference[row["rail_ref"]].append(row)
    pairs, agree, absent = defaultdict(int), defaultdict(int), defaultdict(int)
    for told in by_reference.values():
        if len(told) == 2:
            same = told[0]["amount"] == told[1]["amount"] and abs(told[0]["at"] - told[1]["at"]) <= timedelta(
                seconds=sides.WINDOW_S
            )
            for row in told:
                pairs[row["source"]] += 1
                agree[row["source"]] += same
        else:
            banks = {told[0][side].split(":")[1] for side in ("payer", "payee")}
            other = (banks - {told[0]["source"]}).pop()
            absent[other] += other in names
    assert {row["source"]: (row["pairs"], row["agree"]) for row in found.pairs.to_dicts()} == {
        name: (pairs[name], agree[name]) for name in pairs
    }
    assert {row["source"]: row["absent"] for row in found.absent.to_dicts()} == {k: v for k, v in absent.items() if v}


def test_a_reference_that_many_transfers_share_pairs_nobody() -> None:
    row = {
        "payer": "account:a:1",
        "payee": "account:b:2",
        "amount": 5,
        "currency": "VND",
        "rail_ref": "N/A",
        "at": NOON,
    }
    rows = [{**row, "source": "ab"[n % 2], "transfer_id": str(n)} for n in range(6)]
    found = both_sides(records(transfers=rows))
    assert found is not None and found.pairs.height == 0 and found.absent.height == 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_people_of_one_number_in_several_sources(seed: int) -> None:
    rng = random.Random(seed)
    numbers = ["001090000001", "079185000002", "999", None]
    people = [
        {
            "source": rng.choice("abc"), "source_id": str(n), "id_number": rng.choice(numbers),
            "full_name": rng.choice(["Nguyễn Văn An", "NGUYEN VAN AN", "An Nguyễn Văn", "Trần Bê", None]),
            "birth_date": rng.choice([date(1990, 1, 1), date(1990, 1, 2), None]), "sex": rng.choice([0, 1]),
        }
        for n in range(rng.randint(1, 16))
    ]  # fmt: skip
    parts = pl.concat(consistent._compared(of(records(identities=people))))
    told = {(r["source"], r["measure"]): (r["numerator"], r["denominator"]) for r in parts.to_dicts()}
    expected: dict[tuple[str, str], list[int]] = {}
    plain = {"Nguyễn Văn An": 1, "NGUYEN VAN AN": 1, "An Nguyễn Văn": 1, "Trần Bê": 2}
    for one in people:
        for two in people:
            if one["source"] != two["source"] and one["id_number"] == two["id_number"] and _valid(one["id_number"]):
                for measure_name, column in (
                    ("name", "full_name"),
                    ("birth_date_agrees", "birth_date"),
                    ("sex", "sex"),
                ):
                    a, b = (plain.get(p[column], p[column]) if column == "full_name" else p[column] for p in (one, two))
                    if a is not None and b is not None:
                        counted = expected.setdefault((one["source"], measure_name), [0, 0])
                        counted[0] += a == b
                        counted[1] += 1
    assert told == {key: tuple(value) for key, value in expected.items()}


def _valid(number: object) -> bool:
    return bool(pl.select(cccd.is_valid(pl.lit(number, dtype=pl.String))).item())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_is_named_and_listed_and_known_elsewhere(seed: int) -> None:
    rng = random.Random(seed)
    accounts = [
        {"source": b, "institution": b, "account_number": str(n), "currency": "VND"}
        for b in "ab"
        for n in range(3)
        if rng.random() < 0.7
    ]
    accounts = accounts or [{"source": "a", "institution": "a", "account_number": "0", "currency": "VND"}]
    moves = [
        {
            "source": rng.choice("abc"), "transfer_id": str(n), "at": NOON, "currency": "VND", "amount": 1,
            "payer": f"account:{rng.choice('abz')}:{rng.randrange(4)}", "payee": f"account:{rng.choice('abz')}:{rng.randrange(4)}",
        }
        for n in range(rng.randint(1, 12))
    ]  # fmt: skip
    made = of(records(accounts=accounts, transfers=moves))
    listed = {(row["source"], f"account:{row['institution']}:{row['account_number']}") for row in accounts}
    named = {(row["source"], row[side]) for row in moves for side in ("payer", "payee")}
    known = defaultdict(set)
    for source, entity in listed | named:
        known[entity].add(source)

    missing: dict[str, list[int]] = {}
    for entity in {entity for _, entity in named}:
        bank = entity.split(":")[1]
        if bank in {source for source, _ in listed}:
            counted = missing.setdefault(bank, [0, 0])
            counted[0] += (bank, entity) in listed
            counted[1] += 1
    told = pl.concat([pl.DataFrame(schema=PART), *complete._accounts(made)])
    assert {r["source"]: [r["numerator"], r["denominator"]] for r in told.to_dicts()} == missing

    linked: dict[str, list[int]] = {}
    for source, entity in named - listed:
        counted = linked.setdefault(source, [0, 0])
        counted[0] += len(known[entity]) > 1
        counted[1] += 1
    told = pl.concat(shareable._entities(made))
    assert {r["source"]: [r["numerator"], r["denominator"]] for r in told.to_dicts()} == linked


@settings(max_examples=30, deadline=None)
@given(days=st.lists(st.integers(0, 60), min_size=1, max_size=80), as_of=st.integers(61, 90))
def test_freshness_and_days_with_rows(days: list[int], as_of: int) -> None:
    start = 20_000
    rows = [{"source": "a", "caller": "84912345678", "callee": "84912345679", "kind": "voice",
             "at": datetime(1970, 1, 1, 3, tzinfo=UTC) + timedelta(days=start + d)} for d in days]  # fmt: skip
    made = of(records(calls=rows), start + as_of)
    told = {r["measure"]: (r["numerator"], r["denominator"]) for f in up_to_date._compared(made) for r in f.to_dicts()}
    span, age = as_of - min(days), as_of - 1 - max(days)
    stale = max(0, math.ceil(age - 3 * span / len(days)))
    assert told["freshness"] == (max(0, 30 - stale), 30)
    if span < up_to_date.SHORTEST_DAYS:
        assert "days_with_rows" not in told
        return
    expected = max(1, math.floor(span * (1 - math.exp(-len(days) / span))))
    assert told["days_with_rows"] == (min(len(set(days)), expected), expected)


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("Nguyễn Văn Ánh", True), ("NGUYEN VAN AN", True), ("Đặng Thị Ôn", True), ("Công ty TNHH A&B (Hà Nội)", True),
        ("D'Angelo Ngô", True), ("Phường 5, Quận 10", True), ("Số 12½", True),
        ("Nguyễn Đức".encode().decode("latin-1"), False), ("NguyÔn V¨n §øc", False), ("Nguye\u0302\u0303n", False),
        ("Nguy\ufffdn", False), ("Trần\u200b An", False), ("Đỗ Hùng".encode().decode("cp1252", errors="replace"), False),
    ],
)  # fmt: skip
def test_readable_text(text: str, readable: bool) -> None:
    assert pl.select(~pl.lit(text).str.contains(clean.UNREADABLE)).item() is readable


@pytest.mark.parametrize("text", ["N/A", "null", "không có", "KHONG RO", "xxx", "---", "???", "0", "000000"])
def test_texts_that_say_nothing(text: str) -> None:
    assert pl.select(pl.lit(text).str.contains(clean.NOTHING)).item()


@pytest.mark.parametrize(
    ("number", "empty"),
    [("0999999999", True), ("84888888888", True), ("123456789", True), ("111111111111", True),
     ("0912345678", False), ("001090012345", False), ("84909000000", False)],
)  # fmt: skip
def test_numbers_that_say_nothing(number: str, empty: bool) -> None:
    assert pl.select(pl.lit(number).str.contains(f"{clean.SAME_DIGIT}|{clean.COUNTED_UP}")).item() is empty


def test_the_value_is_what_the_definition_says_and_few_things_have_none(tmp_path: Path) -> None:
    good = "".join(f"T{n},2025-01-{n % 27 + 1:02d} 00:00:00,001{n},002,1000\n" for n in range(60))
    bad = "".join(f"B{n},2025-01-05 00:00:00,001,002,-1\n" for n in range(20))
    found = measure(gather(read(tmp_path, transfers(), t__csv=ROWS.splitlines()[0] + "\n" + good + bad)))
    Quality.validate(found.quality)
    QualityPart.validate(found.parts)
    assert set(found.quality["criterion"].cast(str)) == set(QUALITIES)
    for row in found.quality.to_dicts():
        mine = found.parts.filter(pl.col("criterion") == row["criterion"]).to_dicts()
        weights = [part["denominator"] / (part["denominator"] + HALF) for part in mine]
        short = [w * (1 - part["numerator"] / part["denominator"]) for w, part in zip(weights, mine, strict=True)]
        if sum(part["denominator"] for part in mine) < FEW:
            assert row["value"] is None and row["note"] in ("too_few", "no_other_source", "no_keys")
        else:
            assert row["value"] == pytest.approx(100 - 50 * (sum(short) / sum(weights) + max(short)))
    values = {str(row["criterion"]): row for row in found.quality.to_dicts()}
    assert (values["correct"]["numerator"], values["correct"]["denominator"]) == (120, 140)
    assert values["correct"]["note"] == "transfers.contract"
    assert values["consistent"]["value"] is None and values["consistent"]["note"] == "no_other_source"


def test_an_institution_of_a_source_that_tells_about_several_has_its_own_values(tmp_path: Path) -> None:
    tables = tables_of()
    pooled = {
        name: frame.with_columns(source=pl.lit("pool")) if "source" in frame.columns else frame
        for name, frame in tables.items()
    }
    pooled["identities"] = pooled["identities"].unique("source_id", keep="first", maintain_order=True)
    pooled["transfers"] = pooled["transfers"].unique("transfer_id", keep="first", maintain_order=True)
    hit = pl.col("institution") == BANKS[1]
    pooled["accounts"] = pooled["accounts"].with_columns(
        phone=pl.when(hit).then(pl.lit("84100000001")).otherwise("phone")
    )
    _, found = measured(tmp_path, pooled)
    rows = found.quality.filter((pl.col("criterion") == "correct") & pl.col("institution").is_not_null())
    told = dict(zip(rows["institution"], rows["value"], strict=True))
    assert set(told) == {*BANKS, "452-98", "452-99"}
    assert told[BANKS[1]] < 60 and all(told[bank] == 100 for bank in (BANKS[0], BANKS[2]))
