"""What a kind is scored from, for each of the three kinds of drops; every table is kept in the run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Protocol

import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.graph import Link, Linked, Seed
from fraudnet.contracts.results import Hit, HitEvidence, Statement
from fraudnet.features.compute import FeatureTable
from fraudnet.graph.hubs import hubs
from fraudnet.graph.link import link
from fraudnet.graph.resolve import group_sizes
from fraudnet.labels.seeds import seeds
from fraudnet.labels.statements import statements
from fraudnet.model.matrix import Matrix
from fraudnet.pipeline import events, undated
from fraudnet.pipeline.examples import matrix_of
from fraudnet.pipeline.snapshot import Cut, Snapshot, describe, kept_snapshot
from fraudnet.pipeline.source import Source
from fraudnet.runs.folder import Workbench
from fraudnet.settings import Settings
from fraudnet.typologies.evidence import evidence_of

AGE_BREAKS, AGE_BANDS = (25, 40, 60), ("under_25", "25_to_39", "40_to_59", "60_and_over")
ADDRESS = ("known_at", "source", "province")


def provinces(linked: Linked) -> pl.DataFrame:
    """Where people and organisations live by the newest record that says so: node, province."""
    told = linked.records.table("identities").select(pl.col("entity").cast(pl.Int64), *ADDRESS)
    newest = told.drop_nulls(["entity", "province"]).sort("entity", *ADDRESS, descending=[False, True, False, False])
    return newest.unique("entity", keep="first", maintain_order=True).select("province", node="entity").collect()


def ages(linked: Linked) -> pl.DataFrame:
    """How old people are, in bands of years, by the newest record that says so: node, age_band.

    For the fairness of what follows; never a feature.
    """
    told = linked.records.table("identities").select(
        pl.col("entity").cast(pl.Int64), "known_at", "source", "birth_date"
    )
    order = ("entity", "known_at", "source", "birth_date")
    newest = told.drop_nulls(["entity", "birth_date"]).sort(order, descending=[False, True, False, False])
    years = (pl.lit(linked.as_of.date()) - pl.col("birth_date")).dt.total_days() / 365.25
    band = pl.lit(AGE_BANDS[-1])
    for limit, name in reversed(list(zip(AGE_BREAKS, AGE_BANDS, strict=False))):
        band = pl.when(years < limit).then(pl.lit(name)).otherwise(band)
    one = newest.unique("entity", keep="first", maintain_order=True)
    return one.select(node="entity", age_band=band).collect()


LINKED_TABLES: dict[str, Callable[[Linked], pl.DataFrame]] = {
    "nodes": lambda linked: linked.nodes.sort("node").collect(),
    "links": lambda linked: linked.links.sort("kind", "source", "target").collect(engine="streaming"),
    "identity_map": lambda linked: linked.identities.sort("source", "source_id").collect(),
    "identity_sizes": lambda linked: group_sizes(linked.identities.collect()),
    "merge_evidence": lambda linked: linked.evidence.collect(),
    "hubs": hubs,
    "seeds": seeds,
    "statements": statements,
    "provinces": provinces,
    "ages": ages,
}


@dataclass(frozen=True)
class Material:
    """One kind at one moment: the model's input, who the rows are, what patterns they show, the money in 30 days.

    statements, seeds, links: contracts Statement, Seed and Link; what flags may rest on.
    """

    matrix: Matrix
    nodes: pl.DataFrame
    hits: pl.DataFrame
    at_risk: pl.DataFrame
    statements: pl.DataFrame
    seeds: pl.DataFrame
    links: pl.DataFrame


class Ground(Protocol):
    """Where the material of each kind comes from."""

    def of(self, kind: str, bench: Workbench) -> Material:
        """The material of one kind, its tables kept on the bench."""
        ...

    def behind(self, hits: pl.DataFrame) -> pl.DataFrame:
        """Contract HitEvidence of some hits of one kind: the delivered rows that they are made of."""
        ...


class DatedGround:
    """Everything strictly before a moment."""

    def __init__(self, source: Source, as_of: datetime, kinds: tuple[str, ...], settings: Settings) -> None:
        self.source, self.cut, self.settings = source, Cut(as_of, kinds), settings

    @cached_property
    def linked(self) -> Linked:
        """The graph, linked only when a table of it is not there yet."""
        return link(self.source.records, self.cut.as_of)

    @cached_property
    def snapshot(self) -> Snapshot:
        """Features, hits and population; as a training left them, if one did."""
        return kept_snapshot(self.source, self.cut, self.settings) or describe(self.linked, self.cut)

    def _linked_table(self, make: Callable[[Linked], pl.DataFrame]) -> pl.DataFrame:
        return make(self.linked)

    def behind(self, hits: pl.DataFrame) -> pl.DataFrame:
        """Contract HitEvidence of some hits of one kind."""
        return evidence_of(self.linked, hits, seeds(self.linked)) if hits.height else HitEvidence.create_empty()

    def of(self, kind: str, bench: Workbench) -> Material:
        """The material of one kind, its tables kept on the bench."""
        kept = {name: bench.table(name, partial(self._linked_table, make)) for name, make in LINKED_TABLES.items()}
        features = bench.table(f"features-{kind}", lambda: self.snapshot.features[kind].frame)
        columns = bench.document(f"columns-{kind}", lambda: [asdict(c) for c in self.snapshot.features[kind].columns])
        hits = bench.table(f"hits-{kind}", lambda: self.snapshot.hits[kind])
        people = bench.table(f"population-{kind}", lambda: self.snapshot.population[kind])
        left_out = bench.table(f"excluded-{kind}", lambda: self.snapshot.excluded[kind])
        table = FeatureTable(features, tuple(Column(**{**c, "categories": tuple(c["categories"])}) for c in columns))
        again = Snapshot(self.cut.as_of, kept["nodes"], {kind: table}, {kind: hits}, {kind: people}, {kind: left_out})
        rest = (kept[name] for name in ("statements", "seeds", "links"))
        return Material(matrix_of(again, kind).of(people), kept["nodes"], hits, money_in(features), *rest)


class UndatedGround:
    """Everything there is, for drops whose labels have no dates."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self.source, self.settings = source, settings

    def behind(self, hits: pl.DataFrame) -> pl.DataFrame:
        """Contract HitEvidence of some hits of one kind; a drop without dates has no rows in order of time to show."""
        return HitEvidence.create_empty()

    def of(self, kind: str, bench: Workbench) -> Material:
        """The material of one kind, its tables kept on the bench."""
        ground = undated.prepare(self.source, kind, without_graph=False, settings=self.settings)
        kept = {name: bench.table(name, partial(make, ground.linked)) for name, make in LINKED_TABLES.items()}
        matrix = undated.matrix_with(ground, ground.known_fraud).of(ground.answers)
        bench.table(f"features-{kind}", lambda: ground.base.frame)
        bench.table(f"hits-{kind}", lambda: ground.hits)
        nodes = ground.linked.nodes.collect()
        rest = (kept[name] for name in ("statements", "seeds", "links"))
        return Material(matrix, nodes, ground.hits, money_in(ground.base.frame), *rest)


class EventGround:
    """Single transfers of the last days before a moment, each as of its own time."""

    def __init__(self, source: Source, until: datetime) -> None:
        self.source, self.until = source, until

    def behind(self, hits: pl.DataFrame) -> pl.DataFrame:
        """Single transfers show no patterns."""
        return HitEvidence.create_empty()

    def of(self, kind: str, bench: Workbench) -> Material:
        """The material of the transfers, their features kept on the bench."""
        last = events.windows(self.source).test
        flow = events.stream(self.source, self.until)
        rows = flow.rows.filter(pl.col("at") >= self.until - last)
        nodes = rows.select(
            "node",
            "entity_id",
            kind=pl.lit(kind),
            institution=pl.lit(None, pl.String),
            number=pl.lit(None, pl.String),
        )
        features = rows.select("node", "transfer_id", "at").join(flow.table.frame, on="node", maintain_order="left")
        bench.table(f"features-{kind}", lambda: features)
        at_risk = flow.table.frame.select("node", at_risk="amount")
        nothing = (Statement.create_empty(), Seed.create_empty(), Link.create_empty())
        return Material(flow.matrix(rows), nodes, Hit.create_empty(), at_risk, *nothing)


def ground_of(source: Source, as_of: datetime, kinds: tuple[str, ...], settings: Settings) -> Ground:
    """The way of scoring that suits the drop."""
    if source.delivery.mapping.score.unit == "transfers":
        return EventGround(source, as_of)
    return DatedGround(source, as_of, kinds, settings) if source.records.dated else UndatedGround(source, settings)


def money_in(features: pl.DataFrame) -> pl.DataFrame:
    """node and at_risk: what came in over 30 days, 0 where the kind has no money."""
    column = pl.col("in_amount_30d") if "in_amount_30d" in features.columns else pl.lit(0, pl.Int64)
    return features.select("node", at_risk=column.cast(pl.Int64).fill_null(0))
