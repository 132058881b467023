"""Every table's columns that name entities, and how their numbers are entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.graph.codes import ENDS, as_places, code_of, coded, codes, keyed
from fraudnet.graph.encode import Book, Codes, Names
from fraudnet.graph.numbers import Texts
from fraudnet.graph.persons import with_account_id, with_sim_id
from fraudnet.identifiers import mac, phone
from fraudnet.identifiers.entity import identity_reference

PIECE = 1 << 22  # rows of a long table that are encoded at a time


@dataclass(frozen=True)
class Naming:
    """A column of a table that names an entity: the text column, the column for its node, the moment it speaks of."""

    table: str
    text: str
    node: str
    moment: tuple[str, ...] = ()
    prefix: str = ""


CARD = "device:mac:"
ACCOUNT = Naming("accounts", "entity", "entity")
PHONE = Naming("accounts", "phone", "phone_node", ("phone_at",), "sim:")
DEVICE = Naming("uses", "device", "device")
CHANGED = Naming("account_events", "entity", "entity", ("at",))
NAMINGS = (
    ACCOUNT,
    Naming("accounts", "holder", "holder"),
    PHONE,
    Naming("sims", "entity", "entity"),
    Naming("sims", "holder", "holder"),
    Naming("identities", "entity", "entity"),
    Naming("holdings", "holder", "holder", ("valid_from",)),
    Naming("holdings", "thing", "thing", ("valid_from",)),
    Naming("uses", "entity", "entity", ("seen_at", "valid_from")),
    DEVICE,
    Naming("sim_events", "number", "entity", ("at",), "sim:"),
    CHANGED,
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


def prepare(records: Records, as_of: datetime, texts: Texts) -> tuple[dict[str, pl.DataFrame], dict[Naming, Codes]]:
    """The tables that name entities, read once, and the numbers of the ids and references in them.

    Holders and people's records are named by reference. Texts that nodes will stand for are let go of at once. Tables
    whose ends are numbers already stay where they are.
    """
    plain = dict.fromkeys(n.table for n in NAMINGS if not coded(records, n.table))
    frames = {table: records.table(table) for table in plain}
    accounts = with_wallet_phones(with_account_id(records), records.table("institutions"))
    frames["accounts"] = _held(accounts, "closed_at", as_of)
    frames["sims"] = _held(with_sim_id(records), "ended_at", as_of)
    own = identity_reference(pl.col("source"), pl.col("source_id"))
    frames["identities"] = records.table("identities").with_columns(entity=own)
    frames["links"] = records.table("links").filter(_begun(as_of))
    frames["holdings"] = records.table("holdings").filter(_begun(as_of))
    tables, found = {}, {}
    for name in plain:
        rows = frames.pop(name).collect(engine="streaming")
        for naming in (n for n in NAMINGS if n.table == name):
            found[naming] = texts.numbers(_references(rows[naming.text], naming))
        if name == "uses":
            rows = with_randomised(rows, found[DEVICE], texts)
        tables[name] = rows.drop(n.text for n in NAMINGS if n.table == name and n.text == n.node)
    return tables, found


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


def with_randomised(uses: pl.DataFrame, devices: Codes, texts: Texts) -> pl.DataFrame:
    """Whether a device's address is made up: as its source says, else as the address itself does; asked once each."""
    seen = np.zeros(len(texts) + 1, np.bool_)
    seen[devices] = True
    names = texts.every().to_frame("device").with_row_index("number").filter(pl.Series(seen[:-1]))
    address = pl.col("device").str.strip_prefix(CARD)
    cards = names.filter(pl.col("device").str.starts_with(CARD)).with_columns(address=mac.normalise(address))
    made_up = np.zeros(len(texts) + 1, np.bool_)
    made_up[cards.filter(mac.is_randomised(pl.col("address")))["number"].to_numpy()] = True
    told = pl.when(pl.Series(made_up[devices])).then(True)
    return uses.with_columns(pl.coalesce("randomised", told).alias("randomised"))


def _begun(as_of: datetime) -> pl.Expr:
    return pl.col("valid_from").is_null() | (pl.col("valid_from") < as_of)


def _held(rows: pl.LazyFrame, end: str, as_of: datetime) -> pl.LazyFrame:
    """Rows with the reference of their holder; an end that lies at or after the snapshot is not known yet."""
    past = pl.when(pl.col(end) < as_of).then(end)
    holder = identity_reference(pl.col("source"), pl.col("holder_key"))
    return rows.with_columns(past.alias(end), holder=holder).drop("holder_key")


def with_registration(tables: dict[str, pl.DataFrame], found: Mapping[Naming, Codes], book: Book) -> pl.DataFrame:
    """Accounts with the moment their phone was registered (`phone_at`): the last change of phone, else the opening.

    Null (as of the snapshot) where that is not known, or lies before anything that is known of the number.
    """
    accounts, events = tables["accounts"], tables["account_events"]
    told = events.select("event", "at", entity=pl.Series(found[CHANGED])).filter(pl.col("event") == "phone_changed")
    changed = told.group_by("entity").agg(changed=pl.col("at").max())
    known = pl.DataFrame({"entity": found[ACCOUNT], "since": book.begins(found[PHONE])})
    moment = pl.coalesce("changed", "opened_at")
    return (
        pl.concat([accounts, known], how="horizontal")
        .join(changed, on="entity", how="left", maintain_order="left")
        .with_columns(pl.when(moment.dt.epoch("us") >= pl.col("since")).then(moment).alias("phone_at"))
        .drop("entity", "changed", "since")
    )


def listed(records: Records, texts: Texts) -> dict[str, Codes]:
    """The numbers of the references that tables have a book of: those whose ends are numbers already."""
    numbered = {n.table: n for n in NAMINGS if coded(records, n.table)}
    return {table: texts.numbers(_references(records.books[table], naming)) for table, naming in numbered.items()}


def meant(tables: Mapping[str, pl.DataFrame], found: Mapping[Naming, Codes], book: Book) -> dict[Naming, Codes]:
    """The entities that the references of tables mean, each at its moment."""
    return {n: book.at(codes, _moments(tables[n.table], n)) for n, codes in found.items()}


def _moments(rows: pl.DataFrame, naming: Naming) -> pl.Series | None:
    return rows.select(pl.coalesce(naming.moment)).to_series() if naming.moment else None


def meant_by_ends(records: Records, lists: Mapping[str, Codes], book: Book) -> dict[Naming, Codes]:
    """As `meant` for tables whose ends are numbers, a piece of each at a time; lists: see `listed`."""
    found: dict[Naming, Codes] = {}
    for table, numbers in lists.items():
        rows, known = codes(records, table), np.r_[numbers, np.int32(-1)]
        for naming in (n for n in NAMINGS if n.table == table):
            pieces = rows.select(code_of(naming.text), "at").iter_slices(PIECE)
            held = [book.at(known[as_places(piece.to_series())], piece["at"]) for piece in pieces]
            found[naming] = np.concatenate([known[:0], *held])
    return found


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
