"""Records become one dated graph: entities as dense nodes, relations as links, ids replaced by node keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import STATES, Records
from fraudnet.contracts.graph import IdentityMap, Linked, Node
from fraudnet.expressions import known_before
from fraudnet.graph.encode import Meaning, name_all
from fraudnet.graph.hold import schedule
from fraudnet.graph.persons import to_reference
from fraudnet.graph.resolve import resolution
from fraudnet.graph.tables import encode, movements, prepare, with_nodes, with_registration
from fraudnet.graph.ties import all_ties
from fraudnet.identifiers.entity import kind_of

Tables = Mapping[str, pl.DataFrame]
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
    known = known_before(records, as_of)
    # The last rows of accounts, SIMs and people are found once for all who read them, and let go of when they were.
    last = {name: known.table(name).collect(engine="streaming").lazy() for name in STATES if known.has(name)}
    resolved = resolution(known.with_tables(**last))
    people = resolved.identities
    tables = prepare(known.with_tables(**last), people, as_of)
    last.clear()
    holdings = schedule(tables["sims"], as_of)
    tables["accounts"] = with_registration(tables["accounts"], tables["account_events"], holdings)
    meaning = Meaning(holdings, people.select(to_reference().alias("reference"), "entity_id"))
    book, encoded = encode(tables, known, meaning)
    names = name_all(book, encoded.values(), [people["entity_id"]])
    keyed = with_nodes(tables, encoded, names)
    del tables  # both would be held beside the links that are made of them
    nodes = _nodes(names.table, keyed, as_of)
    keyed = _with_holders(keyed, nodes)
    moved = movements(known, keyed, encoded, names)
    tidy = {name: held(name, _tidy(name, keyed[name] if name in TIED else keyed.pop(name))) for name in list(keyed)}
    ties = [held(f"links_{place}", part) for place, part in enumerate(all_ties(keyed, moved))]
    mapped = (
        people.join(names.table, on="entity_id", how="left")
        .select(IdentityMap.column_names())
        .sort("source", "source_id")
    )
    records = _keyed_records(known, tidy | moved)
    return Linked(as_of, nodes.lazy(), pl.concat(ties), records, mapped.lazy(), resolved.evidence)


def _nodes(names: pl.DataFrame, keyed: Tables, as_of: datetime) -> pl.DataFrame:
    """Every entity once, with what its own institution's latest row says."""
    own = pl.concat([_own(keyed["accounts"], "account_number", "opened_at", "closed_at"), _own_sims(keyed["sims"])])
    own = own.sort("known_at", "row_id").unique("node", keep="last", maintain_order=True).drop("known_at", "row_id")
    listed = (
        pl.concat([own.select("node"), keyed["identities"].select(node="entity")]).unique().with_columns(listed=True)
    )
    joined = (
        names.with_columns(kind=_kind())
        .join(own, on="node", how="left", maintain_order="left")
        .join(listed, on="node", how="left", maintain_order="left")
        .join(_owner_now(keyed["holdings"], as_of), on="node", how="left", maintain_order="left")
        .with_columns(holder=pl.coalesce("holder", "owner"), listed=pl.col("listed").fill_null(False))
    )
    joined = joined.join(_spelled(joined), on="node", how="left", maintain_order="left").with_columns(
        pl.coalesce("institution", "spelled_institution").alias("institution"),
        pl.coalesce("number", "spelled_number").alias("number"),
    )
    return Node.cast(joined.select(Node.column_names()))


def _kind() -> pl.Expr:
    """The kind that an entity id begins with, `other` for one of no kind that is known."""
    kind = kind_of(pl.col("entity_id"))
    return pl.when(kind.is_in(["account", "sim", "identity", "device"])).then(kind).otherwise(pl.lit("other"))


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
