from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from graph_drops import T0, table
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.graph.collapse import one_call_each, one_transfer_each

transfer = st.fixed_dictionaries(
    {
        "payer": st.sampled_from("ab"),
        "amount": st.sampled_from([1, 2]),
        "rail_ref": st.sampled_from([None, None, None, "R1", "R2"]),
        "at": st.integers(0, 500),
        "known_at": st.integers(500, 503),
        "source": st.sampled_from(["s1", "s2", "s3"]),
    }
)


def moment(seconds: int) -> datetime:
    return T0 + timedelta(seconds=seconds)


def frame(rows: list[dict]) -> pl.LazyFrame:
    filled = [
        {
            **row,
            "transfer_id": f"{i:02}",
            "payee": "z",
            "currency": "VND",
            "row_id": f"r{i:02}",
            "at": moment(row["at"]),
            "known_at": moment(row["known_at"]),
        }
        for i, row in enumerate(rows)
    ]
    return table("transfers", filled)


def known_order(row: dict) -> tuple:
    return row["known_at"], row["at"], row["source"], row["row_id"]


def oracle(rows: list[dict]) -> dict[str, str | None]:
    """Row id that stays -> the ids it swallowed, by nested loops."""
    stays: dict[str, str | None] = {}
    free = []
    named: set[str] = set()
    reference = ("rail_ref", "payer", "payee", "amount", "currency")
    for key in {tuple(r[c] for c in reference) for r in rows if r["rail_ref"]}:
        group = sorted((r for r in rows if tuple(r[c] for c in reference) == key), key=known_order)
        if len({r["source"] for r in group}) < len(group):
            free += group
        elif len(group) > 1:
            stays[group[0]["row_id"]] = " ".join(r["row_id"] for r in group[1:])
        else:
            free.append(group[0])
            named.add(group[0]["row_id"])
    free += [r for r in rows if r["rail_ref"] is None]
    free.sort(key=lambda r: (r["at"], r["source"], r["row_id"]))
    taken: set[str] = set()
    for i, a in enumerate(free):
        if a["row_id"] in taken:
            continue
        for b in free[i + 1 :]:
            alike = all(a[c] == b[c] for c in ("payer", "payee", "amount", "currency"))
            near = (b["at"] - a["at"]).total_seconds() <= 120
            both_named = a["row_id"] in named and b["row_id"] in named
            if b["row_id"] not in taken and alike and near and a["source"] != b["source"] and not both_named:
                first, second = sorted((a, b), key=known_order)
                stays[first["row_id"]] = second["row_id"]
                taken |= {a["row_id"], b["row_id"]}
                break
        else:
            stays[a["row_id"]] = None
    return stays


@settings(max_examples=50, deadline=None)
@given(st.lists(transfer, max_size=14), st.randoms())
def test_transfers_collapse_as_by_nested_loops_in_any_row_order(rows, random):
    lazy = frame(rows)
    expected = oracle(lazy.collect().to_dicts())
    order = list(range(len(rows)))
    random.shuffle(order)
    result = one_transfer_each(lazy.collect()[order].lazy()).collect()
    assert dict(result.select("row_id", "other_row_id").iter_rows()) == expected
    kept = lazy.collect().filter(pl.col("row_id").is_in(list(expected)))
    assert result.drop("other_row_id").sort("row_id").equals(kept.sort("row_id"))


def test_both_sides_of_a_transfer_become_one_with_the_values_known_first():
    rows = [
        {"payer": "a", "amount": 5, "rail_ref": None, "at": 100, "known_at": 900, "source": "s1"},
        {"payer": "a", "amount": 5, "rail_ref": None, "at": 40, "known_at": 901, "source": "s2"},
        {"payer": "a", "amount": 5, "rail_ref": None, "at": 161, "known_at": 901, "source": "s2"},
    ]
    result = one_transfer_each(frame(rows)).collect()
    assert result["row_id"].to_list() == ["r00", "r02"]
    assert result["other_row_id"].to_list() == ["r01", None]
    assert result["at"][0] == moment(100)


def test_three_reports_of_one_reference_name_each_other():
    row = {"payer": "a", "amount": 5, "rail_ref": "R", "at": 100, "known_at": 900}
    result = one_transfer_each(frame([{**row, "source": s} for s in ("s3", "s1", "s2")])).collect()
    assert result.select("row_id", "other_row_id").rows() == [("r01", "r02 r00")]


def test_a_placeholder_for_the_reference_merges_nothing_but_what_time_pairs():
    row = {"rail_ref": "0", "known_at": 9000, "source": "s1"}
    seconds = [0, 10, 2000, 2010, 4000, 6000]
    rows = [{**row, "payer": "a", "amount": 5, "at": at, "source": f"s{1 + n % 2}"} for n, at in enumerate(seconds)]
    rows += [{**row, "payer": "b", "amount": n, "at": n} for n in range(20)]
    result = one_transfer_each(frame(rows)).collect()
    assert result.height == 24
    told = result.filter(pl.col("other_row_id").is_not_null()).select("row_id", "other_row_id")
    assert told.rows() == [("r00", "r01"), ("r02", "r03")]


def test_calls_of_one_kind_collapse_across_operators_only():
    def call(seconds: int, source: str, kind: str = "voice") -> dict:
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        return {"at": at, "known_at": at, "caller": "1", "callee": "2", "kind": kind, "source": source}

    rows = [call(0, "o1"), call(30, "o2"), call(50, "o1"), call(60, "o1"), call(70, "o2", "sms"), call(400, "o2")]
    result = one_call_each(table("calls", rows)).collect()
    assert result["row_id"].to_list() == ["calls:0", "calls:2", "calls:3", "calls:4", "calls:5"]
    assert result["other_row_id"].to_list() == ["calls:1", None, None, None, None]


def test_nothing_in_nothing_out():
    assert one_transfer_each(table("transfers", [])).collect().columns[-1] == "other_row_id"
    assert one_call_each(table("calls", [])).collect().is_empty()
