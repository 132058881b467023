"""A small random snapshot for the families that read the graph."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Link, Node
from fraudnet.features import families
from fraudnet.features.family import Family, Inputs

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNTS, SIMS, PEOPLE, DEVICES = range(0, 12), range(12, 20), range(20, 26), range(26, 29)
TABLES = ("transfers", "calls", "uses", "identities", "accounts", "sims")


def links(rows: list[tuple[int, int, str, bool, float]]) -> pl.LazyFrame:
    frame = pl.DataFrame(rows, schema=["source", "target", "kind", "directed", "weight"], orient="row")
    schema = Link.create_empty().schema
    filled = frame.with_columns(n=1, amount=0, **dict.fromkeys(("first_at", "last_at", "valid_from", "valid_to")))
    return filled.lazy().select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def seeds(nodes: list[int], weight: float = 1.0) -> pl.DataFrame:
    return pl.DataFrame(
        {"node": nodes, "weight": [weight] * len(nodes)}, schema={"node": pl.Int64, "weight": pl.Float64}
    )


def random_inputs(seed: int, known: list[int] | None = None) -> Inputs:
    rng = np.random.default_rng(seed)
    rows = []

    def meet(source: range, target: range, kind: str, directed: bool, n: int) -> None:
        pairs = {(int(rng.choice(source)), int(rng.choice(target))) for _ in range(n)}
        pairs = {(a, b) for a, b in pairs if a != b and (directed or a < b)}
        rows.extend((a, b, kind, directed, float(rng.integers(1, 9))) for a, b in sorted(pairs))

    meet(ACCOUNTS, ACCOUNTS, "transfer", True, 30)
    meet(SIMS, SIMS, "call", True, 20)
    meet(ACCOUNTS, ACCOUNTS, "link:same_address", False, 8)
    meet(ACCOUNTS, SIMS, "registered_phone", True, 10)
    meet(range(20), DEVICES, "uses", True, 18)
    kinds = ["account"] * 12 + ["sim"] * 8 + ["identity"] * 6 + ["device"] * 3
    holder = [int(rng.choice(PEOPLE)) if rng.random() < 0.8 else None for _ in range(20)] + [None] * 9
    nodes = pl.DataFrame(
        {
            "node": range(29),
            "entity_id": [f"n{i:02}" for i in range(29)],
            "kind": kinds,
            "holder": holder,
            "listed": True,
        }
    )
    schema = Node.create_empty().schema
    nodes = nodes.select(
        (pl.col(c) if c in nodes.columns else pl.lit(None)).cast(dtype).alias(c) for c, dtype in schema.items()
    )
    blank = Records({})
    records = Records({name: blank.table(name) for name in TABLES})
    base = {kind: _base(kind, nodes, rng) for kind in ("account", "sim", "identity")}
    return Inputs(records, nodes, links(rows), seeds(known or []), base, AS_OF)


def _base(kind: str, nodes: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Random values, some unknown, under the names of the registered plain families."""
    mine = nodes.filter(pl.col("kind") == kind)["node"]
    plain = [f for f in families() if not f.graph and f.kind == kind and f.schema is not None]
    names = [c for f in plain for c in f.schema.column_names() if c != "node"]
    values = {n: np.where(rng.random(len(mine)) < 0.2, np.nan, rng.integers(0, 50, len(mine))) for n in names}
    return pl.DataFrame({"node": mine, **values}).with_columns(pl.all().exclude("node").fill_nan(None))


def computed(family: Family, inputs: Inputs) -> pl.DataFrame:
    return family.compute(inputs).collect().sort("node")
