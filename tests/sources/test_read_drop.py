"""Good drops: values, times, entity ids, extras, splits, several folders, the cache."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from drop_builder import ROWS, read, transfers, write_drop
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.progress import silent
from fraudnet.sources.extras import snake
from fraudnet.sources.read import read_drops
from fraudnet.sources.repeats import Seen
from fraudnet.sources.summary import summarise


def test_a_plain_drop_reads_as_its_contract(tmp_path):
    delivery = read(tmp_path, transfers(), t__csv=ROWS)
    table = delivery.records.table("transfers").collect()
    RECORDS["transfers"].validate(table)
    assert table["payer"].to_list() == ["account:970436:001", "account:970436:002"]
    assert table["at"].to_list() == [datetime(2024, 12, 31, 17, tzinfo=UTC), datetime(2025, 1, 2, 8, 30, tzinfo=UTC)]
    assert table["known_at"].to_list() == table["at"].to_list()
    assert table["row_id"].to_list() == ["t.csv#1", "t.csv#2"]
    assert table["source"].unique().to_list() == ["vcb"]
    assert table["currency"].unique().to_list() == ["VND"]
    assert delivery.counts.rows() == [("transfers", "t.csv", 2, 2, 0, 0)]
    assert [name for name, _, _ in delivery.inputs] == ["t.csv", "mapping.toml 1"]


def test_bad_rows_go_to_quarantine_with_every_rule(tmp_path):
    rows = ROWS + (
        "T1,2025-01-03 00:00:00,001,002,1\n"
        "T3,no time,001,001,-5\n"
        "T4,2025-01-03 00:00:00,,002,1.5\n"
        "T5,2025-01-03 00:00:00,001,002,99999999999999999999999999\n"
        "T6,2025-01-03 00:00:00,001,002\n"
        "T7,2025-01-03 00:00:00,001,002,7,8\n"
        "T8,2025-01-03 00:00:00,001,002,8\n"
    )
    delivery = read(tmp_path, transfers(), t__csv=rows)
    ledger = delivery.quarantine.collect().sort("row")
    rules = dict(zip(ledger["row"].to_list(), ledger["rules"].to_list(), strict=True))
    cannot = "amount cannot be read as a whole number of minor units"
    assert rules == {
        3: ["duplicate key"],
        4: ["amount is below 0", "at cannot be read as a time", "payer_is_not_payee"],
        5: [cannot, "payer is missing"],
        6: [cannot],
        7: ["4 values instead of 5"],
        8: ["6 values instead of 5"],
    }
    assert delivery.counts.rows() == [("transfers", "t.csv", 9, 3, 6, 0)]
    assert json.loads(ledger["raw"][1])["time"] == "no time"
    assert delivery.records.table("transfers").collect()["row_id"].to_list() == ["t.csv#1", "t.csv#2", "t.csv#9"]
    assert summarise(delivery).rules.filter(pl.col("rule") == cannot)["rows"].to_list() == [2]


def test_formats_agree(tmp_path):
    frame = pl.read_csv(ROWS.encode(), infer_schema=False)
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_excel(tmp_path / "t.xlsx")
    frame.write_ndjson(tmp_path / "t.jsonl")
    expected = read(tmp_path / "csv", transfers(), t__csv=ROWS).records.table("transfers").drop("row_id").collect()
    for name in ("t.parquet", "t.xlsx", "t.jsonl"):
        content = {name.replace(".", "__"): (tmp_path / name).read_bytes()}
        delivery = read(tmp_path / name.replace(".", "_"), transfers(name), **content)
        assert delivery.records.table("transfers").drop("row_id").collect().equals(expected), name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_a_stated_encoding_is_followed(tmp_path, encoding):
    said = "utf-8" if encoding == "utf-8-sig" else encoding
    rows = "id;time;from;to;amount;note\nT1;2025-01-01;001;002;5;đông\n"
    mapping = transfers(extra=f'encoding = "{said}"\nseparator = ";"')
    table = read(tmp_path, mapping, t__csv=rows.encode(encoding)).records.table("transfers").collect()
    assert table["x_note"].to_list() == ["đông"]


@pytest.mark.parametrize(
    ("value", "factor", "expected"),
    [
        (147.8, 100, 14780), (57.16, 100, 5716), (0.1 + 0.2, 100, 30), (1.005, 100, None), (3.0, 1, 3), (3.5, 1, None),
        ("147.80", 100, 14780), ("0.29", 100, 29), ("-1.10", 100, -110), ("1e3", 1, None), ("1,000", 1, None),
        ("9007199254740993", 1, 9007199254740993), ("92233720368547758.07", 100, None), ("12.345", 100, None),
        (2**62, 100, None), (7, 100, 700), (float("nan"), 1, None),
    ],
)  # fmt: skip
def test_amounts_are_exact(tmp_path, value, factor, expected):
    frame = pl.DataFrame({"id": ["T1"], "time": ["2025-01-01"], "from": ["1"], "to": ["2"], "amount": [value]})
    frame.write_parquet(tmp_path / "t.parquet")
    mapping = transfers("t.parquet").replace(
        'amount = "amount"', f'fee = {{ column = "amount", minor_units = {factor} }}'
    )
    mapping += 'amount = { constant = "1" }\n'
    delivery = read(tmp_path, mapping, t__parquet=(tmp_path / "t.parquet").read_bytes())
    fees = delivery.records.table("transfers").collect()["fee"].to_list()
    if expected is None and str(value) != "nan":
        assert fees == [] and delivery.quarantine.collect().height == 1
    else:
        assert fees == [expected]


@given(st.integers(-(10**14), 10**14), st.sampled_from([1, 10, 100, 1000]))
@settings(max_examples=200, deadline=None)
def test_any_decimal_amount_comes_back_exactly(minor, factor):
    from decimal import Decimal

    from fraudnet.sources.values import whole_number

    text = format(Decimal(minor) / factor, "f")
    frame = pl.DataFrame({"text": [text], "float": [float(Decimal(minor) / factor)]})
    assert frame.select(whole_number(pl.col("text"), pl.String(), factor)).item() == minor
    if abs(minor) < 2**46:
        assert frame.select(whole_number(pl.col("float"), pl.Float64(), factor)).item() == minor


def test_times_in_every_form(tmp_path):
    mapping = """
version = 1
name = "toy"
[[tables]]
table = "links"
file = "t.csv"
extras = false
[tables.columns]
source_entity = { kind = "sim", number = "a" }
target_entity = { kind = "device", type = { constant = "imei" }, value = "b" }
kind = { constant = "seen" }
directed = { constant = true }
at = { column = "steps", unit = "days", origin = "2020-01-01", timezone = "UTC" }
valid_from = { column = "local", format = "%d/%m/%Y %H:%M" }
valid_to = { column = "epoch", unit = "ms", timezone = "UTC" }
weight = "w"
"""
    rows = "a,b,steps,local,epoch,w\n0912345678,35,1.5,02/01/2025 07:00,1735776000123,0.5\n17,36,2,,,\n"
    table = read(tmp_path, mapping, t__csv=rows).records.table("links").collect()
    assert table["source_entity"].to_list() == ["sim:84912345678", "sim:17"]
    assert table["target_entity"].to_list() == ["device:imei:35", "device:imei:36"]
    assert table["at"].to_list() == [datetime(2020, 1, 2, 12, tzinfo=UTC), datetime(2020, 1, 3, tzinfo=UTC)]
    assert table["valid_from"].to_list() == [datetime(2025, 1, 2, tzinfo=UTC), None]
    assert table["valid_to"].to_list() == [datetime(2025, 1, 2, 0, 0, 0, 123000, tzinfo=UTC), None]


def test_extra_attributes_and_their_marks(tmp_path):
    head, *lines = ROWS.splitlines()
    rows = "\n".join([head + ",Số dư TB,caseStep,note,SECRET", lines[0] + ",1.5,,a,s", lines[1] + ",0012,3,7,s"])
    mapping = transfers(extra='ignore = ["SECRET"]\noutcome = ["caseStep"]').replace(
        "[tables.columns]", '[tables.allow]\nnote = "typed by the teller beforehand"\n[tables.columns]'
    )
    delivery = read(tmp_path, mapping, t__csv=rows + "\n")
    table = delivery.records.table("transfers").collect()
    assert table["x_so_du_tb"].to_list() == [1.5, 12.0]
    assert table["x_note"].to_list() == ["a", "7"]
    assert not [name for name in table.columns if "secret" in name.lower()]
    assert delivery.records.extras("transfers") == ["x_note", "x_so_du_tb"]
    assert delivery.records.outcome_extras == {"transfers": ("x_case_step",)}
    assert delivery.records.allowed_extras == {"x_note": "typed by the teller beforehand"}


def test_an_extra_attribute_has_one_type_over_all_files(tmp_path):
    one, two = "id,time,from,to,amount,v\nA,2025-01-01,1,2,3,5\n", "id,time,from,to,amount,v\nB,2025-01-01,1,2,3,x\n"
    table = read(tmp_path, transfers("*.csv"), a__csv=one, b__csv=two).records.table("transfers").collect()
    assert table["x_v"].to_list() == ["5", "x"]


def test_a_table_reads_twice_the_same_file_with_where_and_distinct(tmp_path):
    mapping = (
        transfers()
        + """
[[tables]]
table = "accounts"
file = "t.csv"
distinct = true
extras = false
[tables.columns]
institution = { constant = "970436" }
account_number = "from"
[[tables]]
table = "reports"
file = "t.csv"
where = { column = "fraud", equals = 1 }
known_after = "7d"
extras = false
[tables.columns]
report_id = "id"
at = "time"
transfer_id = "id"
"""
    )
    mapping = mapping.replace('source = "vcb"', 'source = "vcb"\nignore = ["fraud"]')
    rows = (
        "id,time,from,to,amount,fraud\nT1,2025-01-01,1,2,3,0\nT2,2025-01-02,1,3,3,1\n"
        "T3,2025-01-03,2,3,3,0\nT4,2025-01-04,1,2,3,\n"
    )
    delivery = read(tmp_path, mapping, t__csv=rows)
    counts = delivery.counts.rows()
    assert [row[2:] for row in counts] == [(4, 4, 0, 0), (4, 2, 0, 2), (4, 1, 0, 3)]
    report = delivery.records.table("reports").collect().row(0, named=True)
    assert (report["known_at"] - report["at"]).days == 7 and report["transfer_id"] == "T2"


def test_undated_labels_and_a_declared_split(tmp_path):
    mapping = """
version = 1
name = "toy"
dated = false
[[tables]]
table = "dispositions"
file = "n.csv"
extras = false
[tables.columns]
entity = { kind = "sim", number = "id" }
outcome = { column = "label", map = { "1" = "confirmed", "0" = "cleared" } }
[split]
kind = "column"
file = "n.csv"
entity = { kind = "sim", number = "id" }
column = "fold"
values = { train = "train", val = "validation", test = "test" }
"""
    rows = "id,label,fold\n1,1,train\n2,0,val\n3,7,test\n"
    delivery = read(tmp_path, mapping, n__csv=rows)
    table = delivery.records.table("dispositions").collect()
    assert table["outcome"].to_list() == ["confirmed", "cleared"] and not delivery.records.dated
    assert delivery.quarantine.collect()["rules"].to_list() == [["outcome is not in the mapping's `map`"]]
    assert delivery.records.table("splits").collect()["fold"].to_list() == ["train", "validation", "test"]
    dated = read(tmp_path / "dated", mapping.replace("dated = false", ""), n__csv=rows)
    assert dated.quarantine.collect()["rules"].explode().to_list().count("decided_at is missing") == 3


def test_several_folders_are_one_history(tmp_path):
    first = write_drop(tmp_path / "a", transfers(), t__csv=ROWS)
    second = write_drop(tmp_path / "b", transfers(), t__csv=ROWS + "T9,2025-02-01,5,6,7\n")
    delivery = read_drops([first, second], None, tmp_path / "cache", silent)
    assert delivery.counts.rows() == [("transfers", "a/t.csv", 2, 2, 0, 0), ("transfers", "b/t.csv", 3, 1, 2, 0)]
    assert delivery.records.table("transfers").collect()["row_id"].to_list() == ["a/t.csv#1", "a/t.csv#2", "b/t.csv#3"]


def test_a_cache_is_opened_again_and_a_changed_one_is_rebuilt(tmp_path):
    first = read(tmp_path, transfers(), t__csv=ROWS)
    part = next((first.folder / "transfers").glob("*.parquet"))
    stamp, whole = part.stat().st_mtime_ns, part.read_bytes()
    again = read(tmp_path, transfers(), t__csv=ROWS)
    assert part.stat().st_mtime_ns == stamp and again.digest == first.digest
    part.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    rebuilt = read(tmp_path, transfers(), t__csv=ROWS)
    assert part.read_bytes() == whole
    assert rebuilt.records.table("transfers").collect().equals(first.records.table("transfers").collect())
    changed = read(tmp_path, transfers(), t__csv=ROWS.replace("2500", "2600"))
    assert changed.digest != first.digest
    assert changed.records.table("transfers").collect()["amount"].to_list() == [1000, 2600]
    # Whoever still reads the delivery of before goes on reading that one.
    assert first.records.table("transfers").collect()["amount"].to_list() == [1000, 2500]


def test_a_folder_of_truths_changes_nothing(tmp_path):
    first = read(tmp_path, transfers("**/*.csv"), t__csv=ROWS)
    truth = tmp_path / "drop" / "truth"
    truth.mkdir()
    (truth / "t.csv").write_text("not,even,a,transfer\n1,2,3,4\n")
    assert read(tmp_path, transfers("**/*.csv"), t__csv=ROWS).digest == first.digest


def test_identifiers_are_normalised_and_summarised(tmp_path):
    mapping = """
version = 1
name = "viettel"
[[tables]]
table = "identities"
file = "i.csv"
[tables.columns]
source_id = "key"
sex = "sex"
birth_date = "born"
id_number = "cccd"
phone = "phone"
[[tables]]
table = "calls"
file = "c.csv"
[tables.columns]
at = "at"
caller = "a"
callee = "b"
kind = { column = "k", map = { V = "voice", "*" = "sms" } }
"""
    people = "key,sex,born,cccd,phone\n1,1,1985-03-02,001085123456,0912345678\n2,0,1990-01-01,1085123457,17\n"
    calls = "at,a,b,k\n2025-01-01,+84912345678,01201234567,V\n2025-01-01,18,0912 345 678,Z\n"
    delivery = read(tmp_path, mapping, i__csv=people, c__csv=calls)
    table = delivery.records.table("calls").collect()
    assert table["caller"].to_list() == ["84912345678", "18"] and table["kind"].to_list() == ["voice", "sms"]
    assert table["callee"].to_list() == ["84701234567", "84912345678"]
    flags = {(row[0], row[2]): row[3:] for row in summarise(delivery).flags.rows()}
    assert flags["identities", "valid phone"] == (2, 0.5)
    assert flags["identities", "CCCD matches sex"] == (2, 0.5)
    assert flags["identities", "CCCD matches birth year"] == (2, 0.5)
    assert flags["calls", "valid caller"] == (2, 0.5)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(0, 3))), max_size=30), max_size=5)
)
@settings(max_examples=60, deadline=None)
def test_repeated_keys_are_found_across_batches(batches):
    seen, known = Seen(("a", "b")), set()
    for batch in batches:
        frame = pl.DataFrame(batch, schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
        expected = []
        for key in batch:
            expected.append(key in known)
            known.add(key)
        assert seen.repeated(frame).to_list() == expected


def test_column_names_become_snake_case():
    names = ["initBalance", "Số dư", "TX_AMOUNT", "ARPUMean", "đ", "%%"]
    assert [snake(name) for name in names] == ["init_balance", "so_du", "tx_amount", "arpu_mean", "d", "column"]


@pytest.mark.parametrize("lines", ["", "T1,no time,1,2,3\nT2,no time,1,2,3\n"])
def test_a_table_without_good_rows_is_an_empty_table(tmp_path, lines):
    delivery = read(tmp_path, transfers(), t__csv=ROWS.splitlines()[0] + "\n" + lines)
    table = delivery.records.table("transfers").collect()
    assert table.height == 0 and table.schema == RECORDS["transfers"].create_empty().schema
    assert delivery.counts.rows() == [("transfers", "t.csv", lines.count("\n"), 0, lines.count("\n"), 0)]


def test_the_order_of_rows_moves_nothing_but_row_ids(tmp_path):
    head, *lines = (ROWS + "".join(f"X{n},2025-01-01,{n},{n % 7},{n}\n" for n in range(300))).splitlines()
    one = read(tmp_path / "a", transfers(), t__csv="\n".join([head, *lines]) + "\n")
    two = read(tmp_path / "b", transfers(), t__csv="\n".join([head, *reversed(lines)]) + "\n")
    tables = [each.records.table("transfers").drop("row_id").sort("transfer_id").collect() for each in (one, two)]
    assert tables[0].equals(tables[1])
    assert one.counts.equals(two.counts)


def test_batches_join_without_a_seam(tmp_path, monkeypatch):
    from fraudnet.sources.formats import csv_file, jsonl_file, parquet_file

    frame = pl.DataFrame({"id": [f"T{n % 25}" for n in range(30)], "time": "2025-01-01", "from": "1", "to": "2"})
    frame = frame.with_columns(amount=pl.int_range(30).cast(pl.String))
    contents = {"t.csv": frame.write_csv().encode(), "t.jsonl": frame.write_ndjson().encode()}
    frame.write_parquet(tmp_path / "t.parquet")
    contents["t.parquet"] = (tmp_path / "t.parquet").read_bytes()
    for module in (csv_file, jsonl_file, parquet_file):
        monkeypatch.setattr(module, "BATCH_ROWS", 7)
    monkeypatch.setattr(csv_file, "LONGEST_ROW", 64)
    for name, content in contents.items():
        delivery = read(tmp_path / name[2:], transfers(name), **{name.replace(".", "__"): content})
        table = delivery.records.table("transfers").collect()
        assert table["row_id"].to_list() == [f"{name}#{n}" for n in range(1, 26)]
        assert table["amount"].to_list() == list(range(25))
        assert delivery.quarantine.collect()["row"].to_list() == [26, 27, 28, 29, 30]
