"""The cases of a run: rings among the flagged, as tables beside its scores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from fraudnet.cases.assemble import cases_of
from fraudnet.cases.ledger import ledger
from fraudnet.cases.members import Known
from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.contracts.drop import Records
from fraudnet.errors import FraudnetError
from fraudnet.expressions import latest, told_before
from fraudnet.identifiers.entity import account_id, sim_id
from fraudnet.runs.folder import Workbench, list_runs
from fraudnet.runs.manifest import read_manifest, verify

LEDGER_DAYS = 120
LOOKED_AT = {
    "accounts": ("source", "holder_source_id", "holder_name", "kind", "opened_at"),
    "sims": ("source", "holder_source_id", "holder_name"),
    "identities": ("kind",),
}  # of tables of states, beside their keys
FILES = ("cases.parquet", "case_members.parquet")


@dataclass(frozen=True)
class CaseWork:
    """What the cases of a run are made from; nothing is made before a table is asked for.

    scores: contract Score of all kinds; hits: entity_id, typology, strength; before: the run that keys are kept from.
    """

    records: Records
    as_of: datetime
    scores: pl.DataFrame
    hits: pl.DataFrame
    before: Path | None
    bench: Workbench

    @cached_property
    def made(self) -> dict[str, pl.DataFrame]:
        """All tables by name; groups are found beside the ledger, of which they need nothing."""
        earlier = earlier_tables(self.before)
        with ThreadPoolExecutor(1) as beside:
            return cases_of(self.known(beside), earlier)

    def known(self, beside: ThreadPoolExecutor) -> Known:
        """The run's tables, and the ledger of the months before its cut-off, which another thread writes."""
        past = latest(told_before(self.records, self.as_of), LOOKED_AT)
        recent = {name: past.table(name).filter(pl.col("at") >= self.since) for name in ("transfers", "cash")}
        book = beside.submit(ledger, past.with_tables(**recent))
        folder = self.bench.partial
        nodes, known, where = (pl.read_parquet(folder / f"{name}.parquet") for name in ("nodes", "seeds", "provinces"))
        links = pl.scan_parquet(folder / "links.parquet", glob=False)
        hits = self.hits.select("entity_id", pl.col("typology").cast(pl.String), "strength")
        reports = with_transfers(past.table("reports"), past.table("transfers"))
        return Known(self.as_of, self.scores, nodes, links, known, hits, reports, names_of(past), where, book.result)

    @property
    def since(self) -> datetime:
        """From when on moves are followed."""
        return self.as_of - timedelta(days=LEDGER_DAYS)

    def one(self, name: str) -> pl.DataFrame:
        """One of the tables."""
        return self.made[name]


def keep_cases(work: CaseWork) -> dict[str, pl.DataFrame]:
    """Every case table, kept on the bench."""
    return {name: work.bench.table(name, partial(work.one, name)) for name in CASE_TABLES}


def with_transfers(reports: pl.LazyFrame, transfers: pl.LazyFrame) -> pl.DataFrame:
    """The reports with source and row of the transfers that they name, where one of that key was delivered."""
    told = reports.collect()
    keys = told["transfer_id"].drop_nulls().unique()
    rows = transfers.filter(pl.col("transfer_id").is_in(keys.implode())).select(
        "transfer_id", named_source="source", named_row="row_id", entity="payee"
    )
    known = rows.collect(engine="streaming").sort("transfer_id", "named_source", "named_row")
    once = known.unique(["transfer_id", "entity"], keep="first", maintain_order=True)
    return told.join(once, on=["transfer_id", "entity"], how="left", maintain_order="left")


def names_of(records: Records) -> pl.LazyFrame:
    """entity_id, name, organisation: holders as their own institution delivered them, each as often as it did."""
    kinds = records.table("identities").select(
        "source", holder_source_id="source_id", organisation=pl.col("kind").cast(pl.String) == "organisation"
    )
    accounts = records.table("accounts").select(
        "source", "holder_source_id", name="holder_name",
        entity_id=account_id(pl.col("institution"), pl.col("account_number")),
    )  # fmt: skip
    sims = records.table("sims").select(
        "source", "holder_source_id", name="holder_name", entity_id=sim_id(pl.col("number"), pl.col("valid_from"))
    )
    held = pl.concat([accounts, sims]).join(kinds.unique(["source", "holder_source_id"]), how="left",
                                            on=["source", "holder_source_id"])  # fmt: skip
    return held.select("entity_id", "name", pl.col("organisation").fill_null(False))


def run_before(out: Path, as_of: datetime) -> Path | None:
    """The newest whole run below a folder with an earlier cut-off and cases; None when there is none."""
    found = []
    for folder in list_runs(out):
        try:
            manifest = read_manifest(folder)
        except FraudnetError:  # a damaged run gives nobody its keys
            continue
        if manifest.get("what") == "run" and manifest.get("dated") and set(FILES) <= set(manifest["outputs"]):
            moment = datetime.fromisoformat(manifest["as_of"])
            if moment < as_of:
                found.append((moment, folder.name, folder))
    return max(found)[2] if found else None


def earlier_tables(folder: Path | None) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Cases and members of the run before, after their digests were checked."""
    if folder is None:
        return None
    verify(folder, FILES)
    cases, members = (pl.read_parquet(folder / name) for name in FILES)
    return cases, members
