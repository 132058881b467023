from __future__ import annotations

from pathlib import Path

import polars as pl

from fraudnet.contracts.progress import silent
from fraudnet.sources.read import read_drops
from fraudnet.synthetic.world import WorldPlan, write_planned

TABLES = {"population": "identities", "registered_phones": "holdings", "uses_accounts": "uses", "uses_sims": "uses", "reports_accounts": "reports", "reports_sims": "reports",
          "dispositions_accounts": "dispositions", "dispositions_sims": "dispositions"}  # fmt: skip


def test_every_row_is_read_or_quarantined_and_only_the_bad_ones_are(tmp_path: Path):
    made = write_planned(tmp_path / "w", WorldPlan(people=400, months=3, share=0.02, seed=5))
    delivery = read_drops([made.folder / "drop"], None, tmp_path / "cache", silent)
    wanted, bad = {}, {}
    for file, rows in made.rows.items():
        table = TABLES.get(file, file)
        wanted[table] = wanted.get(table, 0) + rows
        bad[table] = bad.get(table, 0) + made.bad_rows[file]
    for table, rows in wanted.items():
        good = delivery.records.table(table).select(pl.len()).collect().item()
        assert rows - good == bad[table], table
    assert sum(bad.values()) > 10
