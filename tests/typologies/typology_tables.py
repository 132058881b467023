"""A small world as the tables of a linked snapshot, and the features over them."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import polars as pl
from people_tables import adverts, closings, holders, identities, seeds, swaps, while_open
from typology_world import AS_OF, DEVICE, END_US, IDENTITY, SIM, SmallScene

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.graph import IdentityMap, Link, Linked, Node, Seed
from fraudnet.features.compute import feature_tables
from fraudnet.typologies import grades
from fraudnet.typologies.typology import Typology

FAMILIES = (
    "money", "tempo", "bursts", "partners", "account_sharing", "account_life", "calling", "sim_life", "sim_sharing",
    "after_changes", "openings", "opened_beside", "phone_owner", "identity_file", "faces", "holder_state", "advertised",
    "holder_sims", "number_past",
    "cash_use", "onward", "probes", "exits", "trade", "firms", "known_fraud",
)  # fmt: skip


def _records(table: str, frame: pl.DataFrame) -> pl.LazyFrame:
    """The columns of a contract, in order, with nulls where the small world has nothing; entity columns stay keys."""
    fixed = {"source": pl.lit("small"), "row_id": pl.int_range(pl.len()).cast(pl.String), "known_at": pl.lit(0)}
    columns = []
    for name, column in RECORDS[table].columns().items():
        if name in frame.columns:
            columns.append(
                pl.col(name).cast(column.dtype)
                if frame[name].dtype != pl.Int64 or column.dtype == INSTANT
                else pl.col(name)
            )
        else:
            columns.append(fixed.get(name, pl.lit(None)).cast(column.dtype).alias(name))
    extra = [c for c in frame.columns if c not in RECORDS[table].columns()]
    return frame.select(*columns, *extra).lazy()


def linked(scene: SmallScene) -> Linked:
    """The snapshot of a small world, with dense keys already in place."""
    persons = holders(scene) + IDENTITY
    bank, branch, staff, online = scene.desk.T
    accounts = pl.DataFrame(
        {
            "entity": np.arange(len(scene.opened)),
            "holder": scene.account_holder + IDENTITY,
            "source": "bank",
            "holder_source_id": [str(i) for i in range(len(scene.opened))],
            "opened_at": scene.opened,
            "closed_at": [None if end == END_US else int(end) for end in closings(scene)],
            "phone": [str(s) for s in scene.sim_number[scene.account_sim]],
            "institution": [f"bank{b}" for b in bank],
            "branch": [f"{b}-{place}" for b, place in zip(bank, branch, strict=True)],
            "staff": [None if o else f"{b}-{s}" for b, s, o in zip(branch, staff, online, strict=True)],
            "account_number": [str(i) for i in range(len(scene.opened))],
            "currency": "VND",
            "kind": scene.account_kind,
            "channel": np.where(online, "ekyc", "counter"),
        }
    )
    sims = pl.DataFrame(
        {
            "entity": np.arange(len(scene.begun)) + SIM,
            "holder": scene.sim_owner + IDENTITY,
            "valid_from": scene.begun,
            "number": [str(i) for i in scene.sim_number],
            "ended_at": [int(end) if end >= 0 else None for end in scene.sim_ended],
            "institution": "viettel",
            "dealer": [str(d) for d in scene.dealer],
            "plan": "prepaid",
        }
    )
    uses = pl.concat(
        [
            scene.table("account_uses", ("entity", "device", "seen_at")),
            scene.table("sim_uses", ("entity", "device", "seen_at")).with_columns(pl.col("entity") + SIM),
        ]
    ).with_columns(pl.col("device") + DEVICE)
    kinds = ("voice", "sms", "otp")
    calls = pl.concat(
        scene.table(k, ("caller", "callee", "at", "duration_s")).with_columns(kind=pl.lit(k)) for k in kinds
    ).with_columns(pl.col("caller") + SIM, pl.col("callee") + SIM, answered=pl.col("duration_s") > 0)
    events = [
        scene.table(name, ("entity", "device", "at")).with_columns(event=pl.lit(name.split(":")[1]))
        for name in sorted(scene.rows)
        if name.startswith("event:")
    ]
    activations = sims.select("entity", "number", "dealer", at="valid_from", event=pl.lit("activate"))
    tables = {
        "accounts": accounts,
        "sims": sims,
        "uses": uses,
        "calls": calls,
        "transfers": while_open(scene, transfers(scene)),
        "cash": scene.table("cash", ("entity", "place", "at", "amount")).with_columns(pl.col("place").cast(pl.String)),
        "account_events": pl.concat(events).with_columns(
            device=pl.when(pl.col("device") >= 0).then(pl.col("device") + DEVICE)
        ),
        "sim_events": pl.concat([activations, swaps(scene)], how="diagonal_relaxed"),
        "identities": identities(scene),
        "adverts": adverts(scene),
    }
    before = {"seen_at", "at"}
    for name, frame in tables.items():
        times = [c for c in frame.columns if c in before]
        tables[name] = frame.filter(pl.all_horizontal([pl.col(c) < END_US for c in times] or [pl.lit(True)]))
    records = Records({name: _records(name, frame) for name, frame in tables.items()})
    nodes = pl.concat(
        [
            accounts.select(
                node="entity",
                kind=pl.lit("account"),
                holder="holder",
                number="account_number",
                valid_from="opened_at",
                valid_to="closed_at",
            ),
            sims.select(
                node="entity",
                kind=pl.lit("sim"),
                holder="holder",
                number="number",
                valid_from="valid_from",
                valid_to="ended_at",
            ),
            pl.DataFrame({"node": persons, "kind": "identity"}),
            pl.DataFrame({"node": np.arange(scene.devices) + DEVICE, "kind": "device"}),
        ],
        how="diagonal_relaxed",
    ).with_columns(
        entity_id=pl.format("{}:{}", "kind", "node"),
        institution=pl.lit("x"),
        listed=pl.lit(True),
    )
    nodes = nodes.select(pl.col(n).cast(c.dtype) for n, c in Node.columns().items())
    return Linked(AS_OF, nodes.lazy(), Link.create_empty().lazy(), records, IdentityMap.create_empty().lazy())


def transfers(scene: SmallScene) -> pl.DataFrame:
    """All transfers; a refund is called one."""
    paid = scene.table("transfers", ("payer", "payee", "at", "amount")).with_columns(currency=pl.lit("VND"))
    keys = ("payer", "payee", "at", "amount")
    back = scene.table("refunds", keys).unique().with_columns(text_class=pl.lit("refund"))
    return paid.join(back, on=keys, how="left", maintain_order="left")


def features_read(known: Typology) -> set[str]:
    """The features that a typology asks a table for."""
    with patch.object(grades, "column_or_null", wraps=grades.column_or_null) as asked:
        known.hits(pl.LazyFrame({"node": [1]})).collect()
    return {call.args[0] for call in asked.call_args_list}


def features(scene: SmallScene) -> dict[str, pl.DataFrame]:
    """The features that typologies read, of every account and every SIM of a small world."""
    tables = feature_tables(linked(scene), ("account", "sim"), Seed.cast(seeds(scene)), FAMILIES)
    return {kind: table.frame for kind, table in tables.items()}
