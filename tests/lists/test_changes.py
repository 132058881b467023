"""Deltas played one after the other are what stands; against entries kept in a plain dictionary."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.lists.changes import Verdicts, changes
from fraudnet.lists.held import beyond
from fraudnet.lists.live import Change, LiveEntry, completed, empty, replayed

KEYS = ["institution", "entity_id"]
ENTITIES = ["e0", "e1", "e2"]
TYPES = {name: column.dtype for name, column in LiveEntry.columns().items()}
T0 = date(2026, 8, 1)


def entry(entity: str, band: str, evidence: list[str], until: date) -> dict[str, Any]:
    return {
        "institution": "b", "entity_id": entity, "kind": "account", "number": entity, "holder_name": None,
        "holder_kind": None, "cif": None, "status": None, "code": 6, "note": "n", "reasons": [], "probability": 0.5,
        "grade": "D", "action": "review", "hold": None, "references": None, "source": "model", "band": band, "position": 1,
        "as_of": datetime(2026, 8, 1, tzinfo=UTC), "expires_on": until, "model": "m", "entry_id": entity,
        "flag_id": f"{entity}|x", "evidence": evidence, "state": "live", "listed_on": T0, "review_on": until,
    }  # fmt: skip


def keyed(entities: list[str], reason: str) -> pl.DataFrame:
    schema = {"institution": pl.String, "entity_id": pl.String, "reason": pl.String}
    return pl.DataFrame([("b", one, reason) for one in entities], schema=schema, orient="row")


days = st.lists(
    st.tuples(
        st.integers(1, 20),
        st.dictionaries(
            st.sampled_from(ENTITIES), st.tuples(st.sampled_from(["under_20", "20_to_40"]), st.sampled_from("abc"))
        ),
        st.lists(st.sampled_from(ENTITIES), unique=True, max_size=1),
        st.lists(st.sampled_from(ENTITIES), unique=True, max_size=1),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(days)
def test_replayed_deltas_are_what_stands(story):
    today, told, stands = T0, [], {}
    for turn, (later, wanted, gone, asked) in enumerate(story):
        today += timedelta(days=later)
        live = replayed(told)
        rows = [entry(e, band, [what], today + timedelta(days=30)) for e, (band, what) in sorted(wanted.items())]
        offered = pl.DataFrame(rows, schema=TYPES)
        resting = [e for e in asked if e not in gone]
        verdicts = Verdicts(keyed(gone, "cleared"), keyed(resting, "ruled"))
        found = changes(live, offered, verdicts, today).with_columns(turn=pl.lit(turn, pl.Int64))
        assert not found.select(KEYS).is_duplicated().any()
        told.append(found.select(Change.column_names()))
        stands = after(stands, wanted, (gone, resting), today)
    rows = replayed(told).select("entity_id", pl.col("state").cast(pl.String), "expires_on").rows()
    assert {e: (state, until) for e, state, until in rows} == {e: (s, u) for e, (s, u, _) in stands.items()}
    assert all(until > today for _, until, _ in stands.values())


def after(stands: dict, wanted: dict, verdict: tuple[list[str], list[str]], today: date) -> dict:
    """What stands after a day: entity to state, expiry, evidence."""
    gone, resting = verdict
    now = {}
    for entity in {*stands, *wanted} - set(gone):
        known, offer = stands.get(entity), wanted.get(entity)
        if entity in resting:
            offer = None
        if known is None:
            if offer:
                now[entity] = ("live", today + timedelta(days=30), {offer[1]})
            continue
        _, until, evidence = known
        if offer and offer[1] not in evidence:
            until, evidence = max(until, today + timedelta(days=30)), evidence | {offer[1]}
        if until > today:
            now[entity] = ("suspended" if entity in resting else "live", until, evidence)
    return now


def test_a_run_that_says_nothing_new_is_no_news():
    rows = pl.DataFrame([entry("e0", "under_20", ["a"], T0 + timedelta(days=30))], schema=TYPES)
    none = keyed([], "")
    again = rows.with_columns(probability=pl.lit(0.9), position=pl.lit(7, pl.Int64))
    assert changes(rows, again, Verdicts(none, none), T0).is_empty()
    assert changes(empty(LiveEntry), rows, Verdicts(none, none), T0)["operation"].to_list() == ["add"]


def test_the_cap_keeps_the_strongest_grades_whatever_the_order_of_rows():
    rows = [{**entry(f"e{n}", "under_20", ["a"], T0), "grade": "EDCBA"[n % 5], "position": n} for n in range(10)]
    wanted = pl.DataFrame(rows, schema=TYPES)
    sent = pl.DataFrame({"institution": ["b"], "entries": [1]}, schema={"institution": pl.String, "entries": pl.Int64})
    for table in (wanted, wanted.reverse()):
        kept = table.join(beyond(table, sent, 4), on=KEYS, how="anti")
        assert sorted(kept["entity_id"]) == ["e3", "e4", "e9"]


def test_what_an_earlier_version_packed_is_read_with_nothing_known_of_newer_columns():
    before = empty(Change).drop("hold")
    assert completed(before, Change).select(Change.column_names()).schema == empty(Change).schema
