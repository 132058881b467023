"""Records become one ledger: every move of money in its order, and how far each account's own bank tells about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.drop import Records
from fraudnet.graph import codes
from fraudnet.identifiers.entity import account_id

CASH, CRYPTO, ABROAD, SELLER = "exit:cash", "crypto", "abroad", "seller"
SPEAKS = 0.95  # share of a delivery's moves that an institution is part of when the delivery is its own
FEWEST = 2  # moves from which one account in all of them is whose statement it is
HOME_CURRENCY, HOME_COUNTRY = "VND", "VN"
SWIFT = "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$"  # ISO 9362: bank, country, place
MOVE = ("at", "payer", "payee", "amount", "source", "row_id", "balance_after", "table")
OUTSIDE = -1
CODE = pl.Int32
ENDS = ("payer", "payee")
WHOLE = 1 << 30
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
        names = self.accounts["account"]  # in order, and the code is the place
        place = int(names.search_sorted(account))
        return place if place < len(names) and names[place] == account else None

    @cached_property
    def sellers(self) -> frozenset[str]:
        """The accounts whose owners take money in good faith."""
        return frozenset(self.accounts.filter(pl.col("why") == SELLER)["account"])


def ledger(records: Records, currency: str = HOME_CURRENCY, also: tuple[str, ...] = ()) -> Ledger:
    """The ledger of all transfers and cash of one currency; each transfer told once. `also`: accounts to know besides.

    Moves are ordered by moment, cash paid in before the rest, then by source; by line where a balance is told, else by
    what they say: never by the order of rows.
    """
    told, names = told_moves(records, currency, also)
    moves = in_order(told)
    accounts = names.join(reach_of(moves, names), on="code", how="left", maintain_order="left")
    listed = listed_in(records)
    accounts = accounts.join(ends_of(records, moves, (accounts, listed)), on="code", how="left", maintain_order="left")
    return Ledger(moves, accounts.join(opened_of(listed), on="account", how="left", maintain_order="left"), currency)


def told_moves(records: Records, currency: str, also: tuple[str, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Transfers and cash as moves between two accounts (codes), and the accounts by code.

    Cash goes out to `exit:cash` and comes in from nobody (-1).
    """
    transfers, book = with_places(records, currency)
    inward = pl.col("amount") > 0
    drawn = records.table("cash").select(
        "at",
        payer=pl.when(~inward).then("entity"),
        payee=pl.when(inward).then("entity").otherwise(pl.lit(CASH)),
        amount=pl.col("amount").abs(),
        source="source",
        row_id="row_id",
        balance_after=pl.lit(None, pl.Int64),
    )
    cash = drawn.collect(engine="streaming").filter(_moves())
    names = named([book.gather(used(transfers)), *(cash[end] for end in ENDS), pl.Series(also, dtype=pl.String)])
    place = names.select("code", text="account")
    of_book = book.alias("text").to_frame().join(place, on="text", how="left", maintain_order="left")["code"]
    coded = transfers.with_columns(of_book.gather(transfers[end]).alias(end) for end in ENDS)
    drawn_codes = [cash.select(text=end).join(place, on="text", how="left", maintain_order="left")["code"].alias(end)
                   for end in ENDS]  # fmt: skip
    kept = [name for name in MOVE if name not in (*ENDS, "source", "table")]
    parts = [
        part.select(*kept, pl.col("source").cast(pl.Categorical), pl.col("payer").fill_null(OUTSIDE), "payee",
                    table=pl.lit(table, pl.Categorical))
        for table, part in (("transfers", coded), ("cash", cash.with_columns(drawn_codes)))
    ]  # fmt: skip
    return pl.concat(parts), names


def with_places(records: Records, currency: str) -> tuple[pl.DataFrame, pl.Series]:
    """Transfers of a currency with the places of both ends in a book of texts, and that book."""
    rows = records.table("transfers").filter(pl.col("currency") == currency)
    if codes.coded(records, "transfers"):
        book = records.books["transfers"]
    else:
        rows, book = codes.with_codes(rows, "transfers")
    ends = {end: pl.col(codes.code_of(end)) for end in ENDS}
    kept = [name for name in MOVE if name not in (*ENDS, "table")]
    return rows.select(*kept, **ends).filter(_moves()).collect(engine="streaming"), book


def _moves() -> pl.Expr:
    return (pl.col("amount") > 0) & pl.col("payer").ne_missing(pl.col("payee"))


def used(transfers: pl.DataFrame) -> pl.Series:
    """The places of the book that a transfer of these names."""
    every = pl.concat([transfers[end].drop_nulls().rename("place") for end in ENDS])
    return every.unique().sort()


def named(texts: list[pl.Series]) -> pl.DataFrame:
    """code, account, bank: every account that a move names, in order of its id."""
    every = [one.cast(pl.String).drop_nulls().unique().rename("account") for one in texts]
    names = pl.concat(every).unique().sort().to_frame()
    bank = pl.col("account").str.split(":").list.get(1, null_on_oob=True)
    return names.with_row_index("code").select(pl.col("code").cast(CODE), "account", bank=bank)


def in_order(told: pl.DataFrame) -> pl.DataFrame:
    """The moves in their order, numbered."""
    words = {name: pl.Enum(told[name].unique().cast(pl.String).sort()) for name in ("table", "source")}
    table, source = (pl.col(name).cast(word).to_physical().cast(pl.Int64) for name, word in words.items())
    rank = (pl.col("payer") != OUTSIDE).cast(pl.Int64) * len(words["table"].categories) + table
    ranks = 2 * len(words["table"].categories) * len(words["source"].categories)
    # Moment and rank in one number: a sort of one whole number is quick.
    since = pl.col("at").dt.epoch("us") - pl.col("at").dt.epoch("us").min()
    turn = told.select(turn=since * ranks + rank * len(words["source"].categories) + source).to_series()
    order = turn.arg_sort()
    moves, turn = told[order], turn.gather(order)
    same = (turn == turn.shift()).fill_null(value=False)
    tied = same | same.shift(-1, fill_value=False)
    if tied.any():  # few rows: only those are put in order of their texts
        places = tied.arg_true()
        # Lines tell an order only where a balance stands beside them; elsewhere rows are ordered by what they say.
        free = pl.col("balance_after").is_null()
        said = (pl.when(free).then(pl.col(name)).otherwise(0).alias(f"said_{name}") for name in (*ENDS, "amount"))
        texts = moves[places].select(*said, "row_id").with_columns(turn=turn.gather(places), place=places)
        within = texts.sort("turn", pl.all().exclude("turn", "place"))["place"]
        moves = moves[moves.with_row_index("place")["place"].scatter(places, within)]
    return moves.with_row_index("number").with_columns(pl.col("number").cast(pl.Int64)).select(
        "number", "at", "amount", "source", "row_id", "balance_after", "table", "payer", "payee"
    )  # fmt: skip


def deliveries(moves: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """The delivery (a number for each file of each source) of every move, and the deliveries' sources."""
    file = pl.col("row_id").str.head(pl.col("row_id").str.find("#", literal=True).fill_null(WHOLE))
    told = moves.lazy().select("source", file=file.cast(pl.Categorical)).collect(engine="streaming")
    which = told.unique().with_row_index("delivery")
    numbered = told.join(which, on=["source", "file"], how="left", maintain_order="left")["delivery"]
    return numbered, which.select("delivery", "source")


def reach_of(moves: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """code, since, until, statement: accounts about which their own bank's delivery or a statement tells.

    A file in which one account is part of every move is that account's statement, and tells of no other. A delivery
    whose moves nearly all have one institution on a side is that institution's own, and tells of all its accounts.
    """
    delivery, sources = deliveries(moves)
    exits = names["account"].str.starts_with("exit:")
    rank = names.with_columns(bank=pl.when(~exits).then(pl.col("bank").rank("dense").cast(pl.Int32)))
    # 0: no bank; so has whoever is outside, whose code -1 means the last place.
    bank = np.append(rank["bank"].fill_null(0).to_numpy(), np.int32(0))
    sides = {side: bank[moves[end].to_numpy()] for side, end in zip(("a", "b"), ENDS, strict=True)}
    banks = moves.select("at", *ENDS).with_columns(delivery, **{side: pl.Series(of) for side, of in sides.items()})
    pairs = paired(banks.lazy(), int(bank.max()) + 1).join(sources, on="delivery")
    hubs = in_every_move(banks, pairs, rank.filter(~exits).select("code"))
    alone = hubs.filter(pl.len().over("delivery") == 1)
    spoken = speaking(pairs.join(hubs, on="delivery", how="anti"))
    full = banks if hubs.is_empty() else banks.filter(~pl.col("delivery").is_in(hubs["delivery"].implode()))
    met = np.zeros(names.height + 1, np.bool_)
    for end in ENDS:
        met[full[end].to_numpy()] = True
    whole = rank.filter(pl.Series(met[:-1])).join(spoken, on="bank").with_columns(statement=False)
    single = alone.with_columns(statement=True)
    both = pl.concat([one.select("code", "since", "until", "statement") for one in (whole, single)])
    summed = both.group_by("code").agg(pl.col("since").min(), pl.col("until").max(), pl.col("statement").any())
    return summed.sort("code")


SPAN = {"n": pl.len(), "since": pl.col("at").min(), "until": pl.col("at").max()}
OF_A_BANK = pl.any_horizontal(pl.col("a", "b") > 0)


def paired(banks: pl.LazyFrame, size: int) -> pl.DataFrame:
    """delivery, a, b, n, since, until: the moves between two banks (null: none) in each delivery. size: over all."""
    key = (pl.col("delivery").cast(pl.Int64) * size + pl.col("a")) * size + pl.col("b")
    found = banks.filter(OF_A_BANK).group_by(key=key).agg(**SPAN).collect(engine="streaming")
    bank = {"a": pl.col("key") // size % size, "b": pl.col("key") % size}
    return found.select(
        (pl.col("key") // size // size).cast(pl.UInt32).alias("delivery"), *SPAN,
        **{side: pl.when(of > 0).then(of).cast(pl.Int32) for side, of in bank.items()},
    )  # fmt: skip


def in_every_move(banks: pl.DataFrame, pairs: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """delivery, code, since, until: accounts that are part of every move of a delivery, of two moves or more.

    Whoever is in every move is in any of them: only both ends of one are looked for in the others.
    """
    rows = pairs.group_by("delivery").agg(rows=pl.col("n").sum()).filter(pl.col("rows") >= FEWEST)
    counted = banks.lazy().filter(OF_A_BANK)
    first = banks.lazy().with_row_index("place").filter(OF_A_BANK).group_by("delivery").agg(pl.col("place").min())
    one = banks[first.collect(engine="streaming")["place"]]
    some = one.select("delivery", pl.col(ENDS).name.prefix("any_")).join(rows, on="delivery")
    met = counted.join(some.lazy(), on="delivery")
    looked = [
        met.filter((pl.col(f"any_{end}") == pl.col("payer")) | (pl.col(f"any_{end}") == pl.col("payee")))
        .group_by("delivery", "rows", code=f"any_{end}").agg(**SPAN)
        for end in ENDS
    ]  # fmt: skip
    found = pl.concat(pl.collect_all(looked, engine="streaming")).filter(pl.col("n") == pl.col("rows"))
    return found.join(accounts, on="code", how="semi").select("delivery", "code", "since", "until")


def speaking(pairs: pl.DataFrame) -> pl.DataFrame:
    """bank, since, until: the institutions whose own delivery a source is, from moves by the banks of both ends."""
    total = pairs.group_by("source").agg(rows=pl.col("n").sum())
    sides = [pairs.select("source", "n", "since", "until", bank=end) for end in ("a", "b")]
    sides[1] = sides[1].filter(pairs.select(pl.col("a").ne_missing(pl.col("b"))).to_series())  # one move counts once
    told = pl.concat(sides).drop_nulls("bank").group_by("source", "bank")
    banks = told.agg(pl.col("n").sum(), pl.col("since").min(), pl.col("until").max())
    most = banks.join(total, on="source").filter(pl.col("n") >= SPEAKS * pl.col("rows"))
    most = most.sort("source", "n", "bank", descending=[False, True, False])
    first = most.unique("source", keep="first", maintain_order=True)
    return first.group_by("bank").agg(pl.col("since").min(), pl.col("until").max())


def listed_in(records: Records) -> pl.DataFrame:
    """account, kind, opened_at: what is told about each account, as often as it was told."""
    kind, opened = pl.col("kind").cast(pl.String), pl.col("opened_at").cast(INSTANT)
    return records.table("accounts").select(account=ACCOUNT, kind=kind, opened_at=opened).collect(engine="streaming")


def ends_of(records: Records, moves: pl.DataFrame, known: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    """code, why: where money leaves what can be held (crypto, abroad) or is taken in good faith (seller).

    A bank whose key looks like a SWIFT code is abroad by its country, unless it is one of the unit's institutions.
    known: the accounts, and those that are listed (`listed_in`).
    """
    accounts, listed = known
    special = listed.filter(pl.col("kind").is_in(["exchange", "merchant"])).select("account", "kind").unique()
    kinds = accounts.select("code", "account").join(special, on="account")
    banks = records.table("institutions").select("institution", kind=pl.col("kind").cast(pl.String)).collect()
    desks = banks.filter(pl.col("kind") == "exchange")
    desk = accounts.join(desks, left_on="bank", right_on="institution", how="semi")
    foreign = pl.col("bank").str.contains(SWIFT) & (pl.col("bank").str.slice(4, 2) != HOME_COUNTRY)
    ours = pl.col("bank").is_in(banks["institution"].implode())
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
        return pl.DataFrame(schema={"code": CODE, "why": pl.String})
    edge = moves.select(pl.col("at").max() - pl.duration(days=SHOP_DAYS)).item()
    paid = moves.lazy().select("at", "payer", "payee").filter(pl.col("payer") != OUTSIDE)
    often = paid.group_by("payee").agg(n=pl.len()).filter(pl.col("n") > SHOP_PAYERS).collect(engine="streaming")
    some = paid.filter(pl.col("payee").is_in(often["payee"].implode()))
    pair = pl.col("payee").cast(pl.Int64) * accounts.height + pl.col("payer")
    first = some.group_by(pair=pair).agg(pl.col("at").min())
    payee = (pl.col("pair") // accounts.height).cast(CODE)
    counted = first.group_by(payee=payee).agg(payers=pl.len(), old=(pl.col("at") < edge).sum())
    many = counted.filter((pl.col("payers") > SHOP_PAYERS) & (pl.col("old") >= OLD_PAYERS)).collect(engine="streaming")
    cash = accounts.filter(pl.col("account") == CASH).select(payee="code")
    return many.join(cash, on="payee", how="anti").select(code="payee", why=pl.lit(SELLER))


def opened_of(listed: pl.DataFrame) -> pl.DataFrame:
    """account, opened_at: when each account was opened, where its bank says so."""
    told = listed.select("account", "opened_at").drop_nulls()
    return told.group_by("account").agg(pl.col("opened_at").min())
