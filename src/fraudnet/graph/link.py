"""Records become one dated graph: entities as dense nodes, relations as links, ids replaced by node keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import STATES, Records
from fraudnet.contracts.graph import NODE_KINDS, IdentityMap, Linked, Node
from fraudnet.expressions import one_of_each, told_before
from fraudnet.graph.encode import Meaning, name_all
from fraudnet.graph.hold import schedule
from fraudnet.graph.numbers import Texts
from fraudnet.graph.persons import to_reference
from fraudnet.graph.resolve import resolution
from fraudnet.graph.tables import listed, meant, meant_by_ends, movements, prepare, with_nodes, with_registration
from fraudnet.graph.ties import all_ties

Tables = Mapping[str, pl.DataFrame]
HANDS = 2  # links that are made at a time
TIED = ("links", "uses", "accounts", "sims", "holdings")  # the tables, besides transfers and calls, that links are of


@dataclass(frozen=True)
class KeyedRecords(Records):
    """Records whose entity columns are node keys, also in the empty tables that stand for what a drop lacks."""

    blank: Mapping[str, pl.LazyFrame] = field(default_factory=dict)

    def table(self, name: str) -> pl.LazyFrame:
        """The table, or an empty one with node keys."""
        if name in self.tables or name not in self.blank:
            return super().table(name)
        return self.blank[name]


def _keyed_records(known: Records, keyed: Mapping[str, pl.LazyFrame]) -> KeyedRecords:
    """The keyed tables in place of the drop's own; a table that the drop lacks stays lacking."""
    tables = {**known.tables, **{name: frame for name, frame in keyed.items() if known.has(name)}}
    missing = {name: frame for name, frame in keyed.items() if not known.has(name)}
    return KeyedRecords(tables, known.dated, known.outcome_extras, known.allowed_extras, blank=missing)


def in_memory(name: str, frame: pl.DataFrame) -> pl.LazyFrame:
    """A linked table that stays in memory."""
    return frame.lazy()


def link(records: Records, as_of: datetime, held: Callable[[str, pl.DataFrame], pl.LazyFrame] = in_memory) -> Linked:
    """The graph of everything that had happened and was known strictly before `as_of`.

    `records` (after one_transfer_each and one_call_each) may name entities by full id or by reference: `sim:<number>`
    means the holding in force at the row's moment, `identity:<source>:<source_id>` the resolved identity. Nodes are
    sorted by entity_id. A node is listed when an accounts, sims or identities row of its own says so. An end of an
    account or holding at or after `as_of` is not known yet and therefore null. held: where a linked table is kept (by
    name), in memory unless said; of the largest two only the node keys are held anyway, and links are made in parts.
    """
    known = told_before(records, as_of)
    # The last rows of accounts, SIMs and people are found once for all who read them, and let go of when they were.
    last, texts = {name: _last(known, name) for name in STATES if known.has(name)}, Texts()
    with ThreadPoolExecutor(1) as beside:  # who is who, by one thread for the most part, and what all tables say
        resolving = beside.submit(resolution, known.with_tables(**last))
        tables, found = prepare(known.with_tables(**last), as_of, texts)
        last.clear()
        lists = listed(known, texts)
        holdings = schedule(tables["sims"], as_of)
        resolved = resolving.result()
    people = resolved.identities
    book, persons = Meaning(holdings, people.select(to_reference().alias("reference"), "entity_id")).of(texts)
    tables["accounts"] = with_registration(tables, found, book)
    encoded = meant(tables, found, book) | meant_by_ends(known, lists, book)
    names = name_all(texts, [*encoded.values(), persons])
    del texts, book, found, lists  # as all else below that is in the way of the links
    keyed = with_nodes(tables, encoded, names)
    del tables
    nodes = _nodes(names.table, keyed, as_of)
    keyed = _with_holders(keyed, nodes)
    moved = movements(known, keyed, encoded, names)
    tidy = {name: held(name, _tidy(name, keyed[name] if name in TIED else keyed.pop(name))) for name in list(keyed)}
    with ThreadPoolExecutor(HANDS) as pool:
        ties = list(pool.map(lambda told: held(f"links_{told[0]}", told[1]()), enumerate(all_ties(keyed, moved))))
    mapped = people.with_columns(names.nodes(persons).alias("node")).select(IdentityMap.column_names())
    records = _keyed_records(known, tidy | moved)
    return Linked(as_of, nodes.lazy(), pl.concat(ties), records, mapped.lazy(), resolved.evidence)


def _last(known: Records, name: str) -> pl.LazyFrame:
    return one_of_each(known.table(name).collect(engine="streaming"), STATES[name], "last").lazy()


def _nodes(names: pl.DataFrame, keyed: Tables, as_of: datetime) -> pl.DataFrame:
    """Every entity once, with what its own institution's latest row says."""
    own = pl.concat([_own(keyed["accounts"], "account_number", "opened_at", "closed_at"), _own_sims(keyed["sims"])])
    own = one_of_each(own, ("node",), "last").drop("known_at", "row_id")
    listed = pl.concat([own["node"], keyed["identities"]["entity"].alias("node")]).unique().to_frame()
    owners = _owner_now(keyed["holdings"], as_of)
    every = pl.concat([names, *(_beside(part, names.height) for part in (own, owners))], how="horizontal")
    told = every.with_columns(
        kind=_kind(),
        holder=pl.coalesce("holder", "owner"),
        listed=_beside(listed.with_columns(listed=True), names.height).to_series().fill_null(False),
    )
    silent = _beside(_spelled(told), names.height)
    return Node.cast(
        pl.concat([told, silent], how="horizontal")
        .with_columns(institution=pl.coalesce("institution", "spelled_institution"))
        .with_columns(number=pl.coalesce("number", "spelled_number"))
        .select(Node.column_names())
    )


def _beside(part: pl.DataFrame, n: int) -> pl.DataFrame:
    """The columns of a table of nodes, each at most once, with a row for every one of n nodes."""
    known = part.filter(pl.col("node").is_not_null())
    place = np.full(n, known.height, np.uint32)
    place[known["node"].to_numpy()] = np.arange(known.height, dtype=np.uint32)
    there = pl.Series(place)
    return known.drop("node").select(pl.all().gather(there.set(there == known.height, None)))


def _kind() -> pl.Expr:
    """The kind that an entity id begins with, `other` for one of no kind that is known."""
    kinds, name = pl.Enum(NODE_KINDS), pl.col("entity_id")
    found = pl.lit("other", dtype=kinds)
    for kind in NODE_KINDS:
        found = pl.when(name.str.starts_with(f"{kind}:")).then(pl.lit(kind, dtype=kinds)).otherwise(found)
    return found


def _spelled(nodes: pl.DataFrame) -> pl.DataFrame:
    """What the ids of accounts and SIMs say that no row of their own describes."""
    silent = nodes.filter(
        pl.col("kind").is_in(["account", "sim"]) & pl.any_horizontal(pl.col("institution", "number").is_null())
    )
    parts, account = pl.col("entity_id").str.split(":"), pl.col("kind") == "account"
    number = parts.list.get(1, null_on_oob=True).str.extract(r"^([^@]*)")
    return silent.select(
        "node",
        spelled_institution=pl.when(account).then(parts.list.get(1, null_on_oob=True)),
        spelled_number=pl.when(account).then(parts.list.slice(2).list.join(":")).otherwise(number),
    )


def _own(rows: pl.DataFrame, number: str, start: str, end: str) -> pl.DataFrame:
    names = {"node": "entity", "number": number, "valid_from": start, "valid_to": end}
    return rows.select("institution", "holder", "known_at", "row_id", **names)


def _own_sims(rows: pl.DataFrame) -> pl.DataFrame:
    return _own(rows, "number", "valid_from", "ended_at")


def _owner_now(holdings: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Who owns a thing at the snapshot by asserted holdings, the latest first; silence and doubt say nothing."""
    valid = pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of)
    sure = holdings.filter((pl.col("role") == "owner") & (pl.col("asserted") == "yes") & valid)
    latest = sure.drop_nulls(["thing", "holder"]).sort(
        "valid_from", "holder", descending=[True, False], nulls_last=True
    )
    return latest.unique("thing", keep="first", maintain_order=True).select(node="thing", owner="holder")


def _with_holders(keyed: Tables, nodes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Accounts and SIMs with the holder of their node, also where only a holding names it."""
    holder = nodes.select(entity="node", holder="holder")
    tables = dict(keyed)
    for name in ("accounts", "sims"):
        tables[name] = tables[name].drop("holder").join(holder, on="entity", how="left", maintain_order="left")
    return tables


def _tidy(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Without the columns that only linking needed."""
    return frame.drop("phone_node", "phone_at") if name == "accounts" else frame
