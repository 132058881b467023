"""Records become one ledger: every move of money in its order, and how far each account's own bank tells about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.drop import Records
from fraudnet.identifiers.entity import account_id

CASH, CRYPTO, ABROAD, SELLER = "exit:cash", "crypto", "abroad", "seller"
SPEAKS = 0.95  # share of a delivery's moves that an institution is part of when the delivery is its own
FEWEST = 2  # moves from which one account in all of them is whose statement it is
HOME_CURRENCY, HOME_COUNTRY = "VND", "VN"
SWIFT = "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$"  # ISO 9362: bank, country, place
MOVE = ("at", "payer", "payee", "amount", "source", "row_id", "balance_after", "table")
OUTSIDE = -1
ACCOUNT = account_id(pl.col("institution"), pl.col("account_number"))
# Merchants take money for goods; many different payers over months make a shop too, whatever the bank calls it.
SHOP_PAYERS, OLD_PAYERS, SHOP_DAYS = 50, 20, 60


@dataclass(frozen=True)
class Ledger:
    """moves: `number` (their order), at, payer, payee (codes, -1 from outside), amount, source, row_id, table,
    balance_after.

    accounts: code, account, bank (the institution in its id), since, until (from when to when its bank's delivery or a
    statement tells about it; null when nobody does), statement (told by a statement of its own), why (exit:crypto,
    exit:abroad or seller where its money is not followed further), opened_at. currency: of all amounts.
    """

    moves: pl.DataFrame
    accounts: pl.DataFrame
    currency: str

    def until(self) -> datetime | None:
        """The last moment that any row tells of."""
        return self.moves["at"].max()  # type: ignore[return-value]  # a column of moments

    def code(self, account: str) -> int | None:
        """The number of an account; None when no move names it."""
        found = self.accounts.filter(pl.col("account") == account)["code"]
        return int(found[0]) if len(found) else None


def ledger(records: Records, currency: str = HOME_CURRENCY, also: tuple[str, ...] = ()) -> Ledger:
    """The ledger of all transfers and cash of one currency; each transfer told once. `also`: accounts to know besides.

    Moves are ordered by moment, cash paid in before the rest, then by delivery and row: never by the order of rows.
    """
    told = told_moves(records, currency)
    names = named(told, also)
    moves = coded(told, names)
    sided = sides(moves, names)
    accounts = names.join(reach_of(sided), on="code", how="left", maintain_order="left")
    accounts = accounts.join(ends_of(records, moves, accounts), on="code", how="left", maintain_order="left")
    return Ledger(moves, accounts.join(opened_of(records), on="account", how="left", maintain_order="left"), currency)


def told_moves(records: Records, currency: str) -> pl.DataFrame:
    """Transfers and cash as moves between two accounts; cash goes out to `exit:cash` and comes in from nobody."""
    transfers = records.table("transfers").filter(pl.col("currency") == currency)
    paid = transfers.select(
        "at", "payer", "payee", "amount", "source", "row_id", "balance_after", table=pl.lit("transfers")
    )
    inward = pl.col("amount") > 0
    drawn = records.table("cash").select(
        "at",
        payer=pl.when(~inward).then("entity"),
        payee=pl.when(inward).then("entity").otherwise(pl.lit(CASH)),
        amount=pl.col("amount").abs(),
        source="source",
        row_id="row_id",
        balance_after=pl.lit(None, pl.Int64),
        table=pl.lit("cash"),
    )
    moves = pl.concat([paid, drawn.select(MOVE)], how="vertical_relaxed").filter(
        (pl.col("amount") > 0) & pl.col("payer").ne_missing(pl.col("payee"))
    )
    return moves.collect(engine="streaming")


def named(told: pl.DataFrame, also: tuple[str, ...]) -> pl.DataFrame:
    """code, account, bank: every account that a move names, in order of its id."""
    every = [told["payer"].drop_nulls().unique(), told["payee"].unique(), pl.Series(also, dtype=pl.String)]
    names = pl.concat([one.rename("account") for one in every]).unique().sort().to_frame()
    bank = pl.col("account").str.split(":").list.get(1, null_on_oob=True)
    return names.with_row_index("code").select(pl.col("code").cast(pl.Int64), "account", bank=bank)


def coded(told: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The moves with accounts as codes, in their order."""
    who = names.select("code", "account")
    both = told.join(who.rename({"code": "from"}), left_on="payer", right_on="account", how="left")
    both = both.join(who.rename({"code": "to"}), left_on="payee", right_on="account", how="left")
    moves = both.select("at", "amount", "source", "row_id", "balance_after", "table", payer="from", payee="to")
    ordered = moves.with_columns(pl.col("payer").fill_null(OUTSIDE)).sort(
        "at", pl.col("payer") != OUTSIDE, "table", "source", "row_id"
    )
    return ordered.with_row_index("number").with_columns(pl.col("number").cast(pl.Int64))


def sides(moves: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """number, at, source, file, code, bank: every account that a move names, exits left out."""
    file = pl.col("row_id").str.extract("^([^#]*)", 1)
    delivery = pl.struct(pl.col("source"), file.alias("file")).rank("dense")
    told = moves.select("number", "at", "payer", "payee", delivery=delivery, source=pl.col("source").rank("dense"))
    both = pl.concat([told.select("number", "at", "source", "delivery", code=side) for side in ("payer", "payee")])
    who = names.filter(~pl.col("account").str.starts_with("exit:"))
    return both.join(who.select("code", bank=pl.col("bank").rank("dense")), on="code")


def reach_of(sided: pl.DataFrame) -> pl.DataFrame:
    """code, since, until, statement: accounts about which their own bank's delivery or a statement tells.

    A file in which one account is part of every move is that account's statement, and tells of no other. A delivery
    whose moves nearly all have one institution on a side is that institution's own, and tells of all its accounts.
    """
    span = {"since": pl.col("at").min(), "until": pl.col("at").max()}
    rows = sided.group_by("delivery").agg(rows=pl.col("number").n_unique())
    own = sided.group_by("delivery", "code").agg(pl.len().alias("n"), **span).join(rows, on="delivery")
    hubs = own.filter((pl.col("n") == pl.col("rows")) & (pl.col("rows") >= FEWEST))
    alone = hubs.filter(pl.len().over("delivery") == 1)
    full = sided.join(hubs, on="delivery", how="anti")
    total = full.group_by("source").agg(rows=pl.col("number").n_unique())
    banks = full.group_by("source", "bank").agg(pl.col("number").n_unique().alias("n"), **span)
    most = banks.join(total, on="source").filter(pl.col("n") >= SPEAKS * pl.col("rows"))
    most = most.sort("source", "n", "bank", descending=[False, True, False])
    speaking = most.unique("source", keep="first", maintain_order=True)
    spoken = speaking.group_by("bank").agg(pl.col("since").min(), pl.col("until").max())
    whole = full.select("code", "bank").unique().join(spoken, on="bank").with_columns(statement=False)
    single = alone.with_columns(statement=True)
    both = pl.concat([one.select("code", "since", "until", "statement") for one in (whole, single)])
    summed = both.group_by("code").agg(pl.col("since").min(), pl.col("until").max(), pl.col("statement").any())
    return summed.sort("code")


def ends_of(records: Records, moves: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """code, why: where money leaves what can be held (crypto, abroad) or is taken in good faith (seller).

    A bank whose key looks like a SWIFT code is abroad by its country, unless it is one of the unit's institutions.
    """
    listed = records.table("accounts").select(account=ACCOUNT, kind=pl.col("kind").cast(pl.String)).drop_nulls()
    kinds = accounts.select("code", "account").join(listed.unique().collect(), on="account")
    known = records.table("institutions").select("institution", kind=pl.col("kind").cast(pl.String)).collect()
    desks = known.filter(pl.col("kind") == "exchange")
    desk = accounts.join(desks, left_on="bank", right_on="institution", how="semi")
    foreign = pl.col("bank").str.contains(SWIFT) & (pl.col("bank").str.slice(4, 2) != HOME_COUNTRY)
    ours = pl.col("bank").is_in(known["institution"].implode())
    parts = [
        kinds.filter(pl.col("kind") == "exchange").select("code", why=pl.lit(f"exit:{CRYPTO}")),
        desk.select("code", why=pl.lit(f"exit:{CRYPTO}")),
        accounts.filter(foreign & ~ours).select("code", why=pl.lit(f"exit:{ABROAD}")),
        kinds.filter(pl.col("kind") == "merchant").select("code", why=pl.lit(SELLER)),
        busy_shops(moves, accounts),
    ]
    return pl.concat(parts).sort("code", "why").unique("code", keep="first", maintain_order=True)


def busy_shops(moves: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Accounts that over 50 others paid, 20 of them for the first time over 60 days before the last move."""
    if moves.is_empty():
        return pl.DataFrame(schema={"code": pl.Int64, "why": pl.String})
    edge = moves.select(pl.col("at").max() - pl.duration(days=SHOP_DAYS)).item()
    first = moves.filter(pl.col("payer") != OUTSIDE).group_by("payee", "payer").agg(pl.col("at").min())
    counted = first.group_by("payee").agg(payers=pl.len(), old=(pl.col("at") < edge).sum())
    many = counted.filter((pl.col("payers") > SHOP_PAYERS) & (pl.col("old") >= OLD_PAYERS))
    cash = accounts.filter(pl.col("account") == CASH).select(payee="code")
    return many.join(cash, on="payee", how="anti").select(code="payee", why=pl.lit(SELLER))


def opened_of(records: Records) -> pl.DataFrame:
    """account, opened_at: when each account was opened, where its bank says so."""
    told = records.table("accounts").select(account=ACCOUNT, opened_at=pl.col("opened_at").cast(INSTANT))
    return told.drop_nulls().group_by("account").agg(pl.col("opened_at").min()).sort("account").collect()
