"""What a kind is scored from, for each of the three kinds of drops; every table is kept in the run folder."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.features import Column
from fraudnet.contracts.graph import Link, Linked, Seed
from fraudnet.contracts.results import Hit, HitEvidence, Statement
from fraudnet.files import write_parquet
from fraudnet.graph.codes import large
from fraudnet.graph.hubs import hubs
from fraudnet.graph.link import in_memory, link
from fraudnet.graph.resolve import group_sizes
from fraudnet.labels.seeds import seeds
from fraudnet.labels.statements import statements
from fraudnet.model.matrix import Rows, hit_columns, with_hits
from fraudnet.model.stored import Stored
from fraudnet.pipeline.batch.snapshot import Cut, described
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.training import events, undated
from fraudnet.runs.folder import Workbench
from fraudnet.settings import Settings
from fraudnet.typologies import typologies
from fraudnet.typologies.evidence import evidence_of, near
from fraudnet.typologies.evidence import in_memory as here

AGE_BREAKS, AGE_BANDS = (25, 40, 60), ("under_25", "25_to_39", "40_to_59", "60_and_over")
ADDRESS = ("known_at", "source", "province", "commune")
HANDS = 2  # tables of the graph that are made at a time
OF_A_KIND = ("features", "hits", "population", "excluded")


def provinces(linked: Linked) -> pl.DataFrame:
    """Where people and organisations live by the newest record that says so: node, province, commune (may be null)."""
    told = linked.records.table("identities").select(pl.col("entity").cast(pl.Int64), *ADDRESS)
    newest = told.drop_nulls(["entity", "province"]).sort(
        "entity", *ADDRESS, descending=[False, True, False, False, False], nulls_last=True
    )
    once = newest.unique("entity", keep="first", maintain_order=True)
    return once.select("province", "commune", node="entity").collect()


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


LINKED_TABLES: dict[str, Callable[[Linked], pl.DataFrame | pl.LazyFrame]] = {
    "nodes": lambda linked: linked.nodes.sort("node").collect(),
    "links": lambda linked: linked.links,  # in order of kind, source and target
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

    matrix: Rows
    nodes: pl.DataFrame
    hits: pl.DataFrame
    at_risk: pl.DataFrame
    statements: pl.DataFrame
    seeds: pl.DataFrame
    links: pl.LazyFrame


class Ground(Protocol):
    """Where the material of each kind comes from."""

    def of(self, kind: str, bench: Workbench) -> Material:
        """The material of one kind, its tables kept on the bench."""
        ...

    def behind(self, hits: pl.DataFrame, every: pl.Series) -> pl.DataFrame:
        """Contract HitEvidence of some hits of one kind: the delivered rows that they are made of.

        every: the nodes of all kinds that will be asked about.
        """
        ...


class DatedGround:
    """Everything strictly before a moment."""

    def __init__(self, source: Source, as_of: datetime, kinds: tuple[str, ...], settings: Settings) -> None:
        self.source, self.cut, self.settings = source, Cut(as_of, kinds), settings
        self._ready = False
        self._near: Linked | None = None
        self._shared: dict[str, pl.DataFrame] = {}  # read once for all kinds
        self._scratch: Path | None = None

    @cached_property
    def linked(self) -> Linked:
        """The graph, linked only when a table of it is not there yet; of a large drop its tables are kept on disk."""
        held = in_memory if self._scratch is None else partial(_on_disk, self._scratch)
        return link(self.source.records, self.cut.as_of, held)

    @cached_property
    def seeds(self) -> pl.DataFrame:
        """Contract Seed, found once for all kinds."""
        return seeds(self.linked)

    def behind(self, hits: pl.DataFrame, every: pl.Series) -> pl.DataFrame:
        """Contract HitEvidence of some hits of one kind; the movements of all kinds are looked through once."""
        if hits.is_empty():
            return HitEvidence.create_empty()
        if self._near is None:
            held = here if self._scratch is None else partial(_on_disk, self._scratch)
            self._near = replace(self.linked, records=near(self.linked.records, every, held))
        return evidence_of(self._near, hits, self.seeds)

    def of(self, kind: str, bench: Workbench) -> Material:
        """The material of one kind, its tables kept on the bench; the features stay there, unread."""
        if not self._ready:
            self._scratch = bench.scratch if large(self.source.records) else None
            self._keep_linked(bench)
            if "linked" in self.__dict__:
                self.linked = _let_go(self.linked, bench.partial)
            self._describe(bench)
            self._ready = True
        kept = self._shared = self._shared or {
            name: pl.read_parquet(bench.partial / f"{name}.parquet") for name in ("nodes", "statements", "seeds")
        }
        hits, people = (pl.read_parquet(bench.partial / f"{name}-{kind}.parquet") for name in ("hits", "population"))
        path = bench.partial / f"features-{kind}.parquet"
        columns = tuple(_column(told) for told in bench.document(f"columns-{kind}", list))
        matrix = self._matrix(path, columns, (hits, kept["nodes"], people))
        links = pl.scan_parquet(bench.partial / "links.parquet")
        at_risk = money_in(pl.scan_parquet(path))
        return Material(matrix, kept["nodes"], hits, at_risk, kept["statements"], kept["seeds"], links)

    def _keep_linked(self, bench: Workbench) -> None:
        """What is told of the graph as a whole onto the bench, two tables at a time."""
        missing = [name for name in LINKED_TABLES if not bench.has(f"{name}.parquet")]
        if missing:
            linked = self.linked  # before there are two who ask for it
            with ThreadPoolExecutor(HANDS) as pool:
                list(pool.map(lambda name: bench.file(name, partial(LINKED_TABLES[name], linked)), missing))

    def _describe(self, bench: Workbench) -> None:
        """Features, hits and population of every kind onto the bench, one kind after the other."""
        files = [f"{name}-{kind}.parquet" for kind in self.cut.kinds for name in OF_A_KIND]
        if all(bench.has(name) for name in (*files, *(f"columns-{kind}.json" for kind in self.cut.kinds))):
            return
        for kind, table, hits, people in described(self.source, self.cut, self.settings, lambda: self.linked):
            for name, frame in zip(OF_A_KIND, (table.frame, hits, *people), strict=True):
                bench.file(f"{name}-{kind}", partial(_same, frame))
            bench.document(f"columns-{kind}", partial(_told, table.columns))
            del table, hits, people, frame  # or the next kind would be made beside them

    def _matrix(
        self, path: Path, columns: tuple[Column, ...], tables: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
    ) -> Stored:
        """The model's input for those of a kind that can be scored; tables: hits, nodes, population."""
        hits, nodes, people = tables
        kind_of = path.stem.removeprefix("features-")
        names = tuple(t.name for t in typologies() if t.kind == kind_of)
        rows = pl.read_parquet(path, columns=["node"]).with_row_index("place")
        who = rows.join(nodes.select("node", "entity_id"), on="node", maintain_order="left")
        mine = who.join(people.select("entity_id"), on="entity_id", how="semi", maintain_order="left")
        mine = mine.sort("entity_id")
        wide = with_hits(mine.select("node"), hits, names).drop("node")
        keys = mine.select("entity_id", at=pl.lit(self.cut.as_of).cast(INSTANT))
        return Stored(path, mine["place"], keys, wide, columns + hit_columns(names))


def _let_go(linked: Linked, folder: Path) -> Linked:
    """The same graph, read from the tables that are kept already, so that they need not be held as well."""
    nodes, links, identities, evidence = (
        pl.scan_parquet(folder / f"{name}.parquet") for name in ("nodes", "links", "identity_map", "merge_evidence")
    )
    return replace(linked, nodes=nodes, links=links, identities=identities, evidence=evidence)


def _on_disk(folder: Path, name: str, frame: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """A linked table, written and read again whenever it is asked for."""
    return pl.scan_parquet(write_parquet(folder / f"{name}.parquet", frame, lasting=False), glob=False)


def _same(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def _told(columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    return [asdict(column) for column in columns]


def _column(told: dict[str, Any]) -> Column:
    return Column(**{**told, "categories": tuple(told["categories"])})


class UndatedGround:
    """Everything there is, for drops whose labels have no dates."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self.source, self.settings = source, settings

    def behind(self, hits: pl.DataFrame, every: pl.Series) -> pl.DataFrame:
        """Contract HitEvidence of some hits of one kind; a drop without dates has no rows in order of time to show."""
        return HitEvidence.create_empty()

    def of(self, kind: str, bench: Workbench) -> Material:
        """The material of one kind, its tables kept on the bench."""
        ground = undated.prepare(self.source, kind, without_graph=False, settings=self.settings)
        whole = {name: lambda make=make: make(ground.linked).lazy().collect() for name, make in LINKED_TABLES.items()}
        kept = {name: bench.table(name, make) for name, make in whole.items()}
        matrix = undated.matrix_with(ground, ground.known_fraud).of(ground.answers)
        bench.table(f"features-{kind}", lambda: ground.base.frame)
        bench.table(f"hits-{kind}", lambda: ground.hits)
        nodes = ground.linked.nodes.collect()
        statements, seeds_there, links = (kept[name] for name in ("statements", "seeds", "links"))
        at_risk = money_in(ground.base.frame.lazy())
        return Material(matrix, nodes, ground.hits, at_risk, statements, seeds_there, links.lazy())


class EventGround:
    """Single transfers of the last days before a moment, each as of its own time."""

    def __init__(self, source: Source, until: datetime) -> None:
        self.source, self.until = source, until

    def behind(self, hits: pl.DataFrame, every: pl.Series) -> pl.DataFrame:
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
        nothing = (Statement.create_empty(), Seed.create_empty(), Link.create_empty().lazy())
        return Material(flow.matrix(rows), nodes, Hit.create_empty(), at_risk, *nothing)


def ground_of(source: Source, as_of: datetime, kinds: tuple[str, ...], settings: Settings) -> Ground:
    """The way of scoring that suits the drop."""
    if source.delivery.mapping.score.unit == "transfers":
        return EventGround(source, as_of)
    return DatedGround(source, as_of, kinds, settings) if source.records.dated else UndatedGround(source, settings)


def money_in(features: pl.LazyFrame) -> pl.DataFrame:
    """node and at_risk: what came in over 30 days, 0 where the kind has no money."""
    column = pl.col("in_amount_30d") if "in_amount_30d" in features.collect_schema() else pl.lit(0, pl.Int64)
    return features.select("node", at_risk=column.cast(pl.Int64).fill_null(0)).collect()
