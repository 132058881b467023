"""Every table's columns that name entities, and how their numbers are entered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.graph.codes import ENDS, as_places, code_of, coded, codes, keyed
from fraudnet.graph.encode import Book, Codes, Meaning, Names
from fraudnet.graph.hold import Schedule
from fraudnet.graph.persons import with_account_id, with_sim_id
from fraudnet.identifiers import mac, phone

PIECE = 1 << 22  # rows of a long table that are encoded at a time


@dataclass(frozen=True)
class Naming:
    """A column of a table that names an entity: the text column, the column for its node, the moment it speaks of."""

    table: str
    text: str
    node: str
    moment: tuple[str, ...] = ()
    prefix: str = ""


NAMINGS = (
    Naming("accounts", "entity", "entity"),
    Naming("accounts", "holder", "holder"),
    Naming("accounts", "phone", "phone_node", ("phone_at",), "sim:"),
    Naming("sims", "entity", "entity"),
    Naming("sims", "holder", "holder"),
    Naming("identities", "entity", "entity"),
    Naming("holdings", "holder", "holder", ("valid_from",)),
    Naming("holdings", "thing", "thing", ("valid_from",)),
    Naming("uses", "entity", "entity", ("seen_at", "valid_from")),
    Naming("uses", "device", "device"),
    Naming("sim_events", "number", "entity", ("at",), "sim:"),
    Naming("account_events", "entity", "entity", ("at",)),
    Naming("transfers", "payer", "payer", ("at",)),
    Naming("transfers", "payee", "payee", ("at",)),
    Naming("cash", "entity", "entity", ("at",)),
    Naming("calls", "caller", "caller", ("at",), "sim:"),
    Naming("calls", "callee", "callee", ("at",), "sim:"),
    Naming("links", "source_entity", "source_entity", ("at", "valid_from")),
    Naming("links", "target_entity", "target_entity", ("at", "valid_from")),
    Naming("events", "entity", "entity", ("at",)),
    Naming("events", "counterparty", "counterparty", ("at",)),
    Naming("reports", "entity", "entity", ("event_at", "at")),
    Naming("dispositions", "entity", "entity", ("decided_at",)),
    Naming("splits", "entity", "entity"),
)


def prepare(records: Records, identities: pl.DataFrame, as_of: datetime) -> dict[str, pl.DataFrame]:
    """The tables that name entities, read once, with ids of accounts, SIMs, identities and holders as text.

    Those whose ends are numbers already stay where they are.
    """
    whose = identities.lazy().select("source", holder_key="source_id", holder="entity_id")
    frames = {t: records.table(t) for t in {n.table for n in NAMINGS} if not coded(records, t)}
    accounts = with_wallet_phones(with_account_id(records), records.table("institutions"))
    frames["accounts"] = _held(accounts, whose, "closed_at", as_of)
    frames["sims"] = _held(with_sim_id(records), whose, "ended_at", as_of)
    frames["identities"] = records.table("identities").join(
        identities.lazy().select("source", "source_id", entity="entity_id"),
        on=["source", "source_id"],
        how="left",
        maintain_order="left",
    )
    frames["links"] = records.table("links").filter(_begun(as_of))
    frames["uses"] = records.table("uses").with_columns(_randomised())
    frames["holdings"] = records.table("holdings").filter(_begun(as_of))
    return {name: frame.collect(engine="streaming") for name, frame in frames.items()}


def with_wallet_phones(accounts: pl.LazyFrame, institutions: pl.LazyFrame) -> pl.LazyFrame:
    """Accounts of wallets whose number is a phone number are registered on it, unless their row names another.

    A wallet is an account of that kind, or of an institution of that kind, whatever its code. The number says which SIM
    the wallet is used from while it is open; it never says who its holder is.
    """
    kind = pl.col("kind").cast(pl.String)
    wallets = institutions.filter(kind == "wallet").select("institution", wallet=pl.lit(value=True)).unique()
    of_one = (kind == "wallet") | pl.col("wallet").fill_null(value=False)
    # Few rows are wallets without a phone: only their numbers are brought into the form of one.
    silent = accounts.filter(pl.col("phone").is_null()).join(wallets, on="institution", how="left").filter(of_one)
    numbers = silent.select("row_id", number=phone.normalise(pl.col("account_number"))).filter(
        phone.is_valid(pl.col("number"))
    )
    return (
        accounts.join(numbers.unique("row_id"), on="row_id", how="left", maintain_order="left")
        .with_columns(phone=pl.coalesce("phone", "number"))
        .drop("number")
    )


def _randomised() -> pl.Expr:
    """Whether a device's address is made up: as its source says, else as the address itself does."""
    address = mac.normalise(pl.col("device").str.strip_prefix("device:mac:"))
    told = pl.col("device").str.starts_with("device:mac:") & mac.is_randomised(address)
    return pl.coalesce("randomised", pl.when(told).then(True)).alias("randomised")


def _begun(as_of: datetime) -> pl.Expr:
    return pl.col("valid_from").is_null() | (pl.col("valid_from") < as_of)


def _held(rows: pl.LazyFrame, whose: pl.LazyFrame, end: str, as_of: datetime) -> pl.LazyFrame:
    """Rows with their holder; an end that lies at or after the snapshot is not known yet."""
    past = pl.when(pl.col(end) < as_of).then(end)
    return (
        rows.with_columns(past.alias(end))
        .join(whose, on=["source", "holder_key"], how="left", maintain_order="left")
        .drop("holder_key")
    )


def with_registration(accounts: pl.DataFrame, events: pl.DataFrame, holdings: Schedule) -> pl.DataFrame:
    """When each account's phone was registered (`phone_at`): the last change of phone, else the opening.

    Null (as of the snapshot) where that is not known, or lies before anything that is known of the number.
    """
    changed = events.filter(pl.col("event") == "phone_changed").group_by("entity").agg(changed=pl.col("at").max())
    since = holdings.first().select("since", phone=pl.col("reference").str.strip_prefix("sim:"))
    moment = pl.coalesce("changed", "opened_at")
    return (
        accounts.join(changed, on="entity", how="left", maintain_order="left")
        .join(since, on="phone", how="left", maintain_order="left")
        .with_columns(pl.when(moment.dt.epoch("us") >= pl.col("since").fill_null(0)).then(moment).alias("phone_at"))
        .drop("changed", "since")
    )


def encode(tables: dict[str, pl.DataFrame], records: Records, meaning: Meaning) -> tuple[Book, dict[Naming, Codes]]:
    """Every column that names entities as codes of one book; of tables whose ends are numbers already, those."""
    plain = [n for n in NAMINGS if n.table in tables]
    numbered = [n for n in NAMINGS if n.table in ENDS and coded(records, n.table)]
    texts = [_references(tables[n.table][n.text], n) for n in plain]
    lists = {n.table: _references(records.books[n.table], n) for n in numbered}
    book, places = meaning.of([*texts, *lists.values()])
    found: dict[Naming, Codes] = {}
    for naming, column in zip(plain, places[: len(plain)], strict=True):
        moment = tables[naming.table].select(pl.coalesce(naming.moment)).to_series() if naming.moment else None
        found[naming] = book.at(column, moment)
    for table, column in zip(lists, places[len(plain) :], strict=True):
        rows, known = codes(records, table), np.r_[column, np.int32(-1)]
        for naming in numbered:
            if naming.table == table:
                pieces = rows.select(code_of(naming.text), "at").iter_slices(PIECE)
                held = [book.at(known[as_places(piece.to_series())], piece["at"]) for piece in pieces]
                found[naming] = np.concatenate([known[:0], *held])
    return book, found


def _references(column: pl.Series, naming: Naming) -> pl.Series:
    return naming.prefix + column if naming.prefix else column


def with_nodes(tables: dict[str, pl.DataFrame], encoded: dict[Naming, Codes], names: Names) -> dict[str, pl.DataFrame]:
    """The tables with node keys in place of ids."""
    columns: dict[str, list[pl.Series]] = {name: [] for name in tables}
    for naming, column in encoded.items():
        if naming.table in tables:
            columns[naming.table].append(names.nodes(column).alias(naming.node))
    return {name: frame.with_columns(columns[name]) for name, frame in tables.items()}


def movements(
    records: Records, tables: dict[str, pl.DataFrame], encoded: dict[Naming, Codes], names: Names
) -> dict[str, pl.LazyFrame]:
    """Transfers and calls with node keys: those whose ends are numbers already, else as they are among the tables.

    Of the former nobody needs what is encoded any more, and it is let go.
    """
    found = {}
    for table in ENDS:
        if coded(records, table):
            mine = [naming for naming in encoded if naming.table == table]
            columns = [names.narrow(encoded.pop(naming)).alias(naming.node) for naming in mine]
            found[table] = keyed(records, table, columns)
        else:
            found[table] = tables[table].lazy()
    return found
