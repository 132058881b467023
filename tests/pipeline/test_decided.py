"""What was decided here is read with the drops, up to the cut-off; an echo never teaches and never seeds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.graph.link import link
from fraudnet.labels.seeds import seeds
from fraudnet.labels.target import labels
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.pipeline.reading.decided import open_history
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.request import Request
from fraudnet.settings import Settings, load_settings
from fraudnet.store.dispositions import Decision, decision_entry

SAMPLE = Path(__file__).parents[2] / "data" / "synthetic" / "sample" / "drop"
AS_OF = start_of_day(date(2026, 4, 1))
ECHOES = ("list_only", "derived")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return load_settings(None, home=tmp_path / "home", actor="analyst-1", maturity_days=30)


def opened(home: Settings):
    return open_history(Request((SAMPLE,), as_of=AS_OF), home, silent)


def undecided(source: Source) -> list[str]:
    records = source.records
    known = pl.concat(
        [records.table("dispositions").select("entity"), records.table("reports").select("entity")]
    ).collect()["entity"]
    accounts = records.table("accounts").select(
        e=pl.concat_str(pl.lit("account"), "institution", "account_number", separator=":")
    )
    return sorted(set(accounts.collect()["e"]) - set(known))


def decide(home: Settings, told: list[tuple[str, str]], at: datetime) -> None:
    """Confirmations known at a moment, recorded together."""
    made = [
        Decision(name, "confirmed", "bank", basis, at, "knowing_mule", at - timedelta(days=20), at)
        for name, basis in told
    ]
    with open_store(home) as store:
        store.append_all([decision_entry(one, "analyst-1", f"{one.entity}:{at}") for one in made], at)


def test_decisions_join_those_of_the_drop_and_an_echo_is_neither_a_label_nor_a_seed(home):
    before, t = opened(home), AS_OF - timedelta(days=60)
    names = undecided(before)
    decide(home, [(names[0], "own_documents")], AS_OF)
    assert opened(home).digest == before.digest, "what is known only from the cut-off on is not there"
    echoes = [(name, ECHOES[n % 2]) for n, name in enumerate(names[1:201])]
    decide(home, [(names[0], "own_documents"), *echoes], t + timedelta(days=5))
    now = opened(home)
    assert now.digest != before.digest
    rows = [source.records.table("dispositions").collect() for source in (before, now)]
    assert rows[1].height == rows[0].height + 201
    linked = link(now.records, AS_OF)
    nodes = linked.nodes.select("node", "entity_id").collect()
    sown = seeds(linked).join(nodes, on="node")["entity_id"].to_list()
    people = pl.DataFrame({"entity_id": names[:300]})
    taught = labels(linked, people, "account", t, home)[0].filter(pl.col("y") == 1)["entity_id"].to_list()
    assert [name for name in names if name in sown] == [names[0]]
    assert [name for name in names if name in taught] == [names[0]]
