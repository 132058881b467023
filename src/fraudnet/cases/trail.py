"""Where a victim's money is now: forward in time, by four rules, with bounds where a balance is not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.cases import kernels
from fraudnet.cases.ledger import CASH, CODE, OUTSIDE, Ledger
from fraudnet.contracts.cases import RULES
from fraudnet.errors import InputError

BOUNDS = ("", "_least", "_most")


@dataclass(frozen=True)
class Paid:
    """What a victim reports: paid into which account, when, how much; `number` of the move, when there is one."""

    account: str
    at: datetime
    amount: int
    number: int | None = None


@dataclass(frozen=True)
class Trail:
    """accounts: account, bank, state (held, cash, crypto, abroad, seller, beyond), certain, until (as the
    ledger's), first_at, last_at, floor, and per rule what came (`came_<rule>`) and what is left (`<rule>`,
    `_least`, `_most`).

    moves: number, at, payer, payee, amount, source, row_id, table, and victims' money in it per rule. until: the last
    moment that was followed. total: what was reported.
    """

    accounts: pl.DataFrame
    moves: pl.DataFrame
    until: datetime
    total: int


def follow(book: Ledger, paid: list[Paid], until: datetime | None = None) -> Trail:
    """Follow reported sums through a ledger, up to a moment (the last one in the data unless said).

    Rules: first in first out (Clayton's case, 1816), last in first out, in proportion, and lowest intermediate balance
    (Roscoe v Winder, 1915: own money leaves last). Inside one credit victims' and other money go in proportion, rounded
    down. Money that comes to an exit, an honest seller or an account nobody tells about stays there. Every rule keeps
    the whole: what was reported is what is left over all accounts. The ledger must know the reported accounts. Raises
    InputError for sums that are no whole positive number below 70,000 billion.
    """
    check_amounts(pl.Series([one.amount for one in paid], dtype=pl.Int64))
    end = until or book.until() or max(one.at for one in paid)
    start = min(one.at for one in paid)
    near, touched = reached(book, paid, (start, end))
    some = pl.concat([near["payee"], near["payer"].rename("payee"), touched.rename("payee")]).unique()
    accounts = book.accounts.join(some.to_frame("code"), on="code", how="semi", maintain_order="left")
    accounts = with_states(accounts, [one.account for one in paid])
    base = balances(near, accounts.filter(pl.col("code").is_in(touched.implode())), start)
    known = accounts.join(base, on="code", how="left", maintain_order="left")
    return Trail(*settled(near.filter(pl.col("at") >= start), known), end, sum(one.amount for one in paid))


def check_amounts(amounts: pl.Series) -> None:
    """Raises InputError where a reported amount cannot be."""
    if not amounts.is_between(1, kernels.LIMIT - 1).all():
        raise InputError("a reported amount is not between 1 and 70,000 billion; check it")


def reached(book: Ledger, paid: list[Paid], span: tuple[datetime, datetime]) -> tuple[pl.DataFrame, pl.Series]:
    """The moves that matter, with `put`, and the accounts (codes) that reported money can come to in a span.

    Whatever balances are: bounds need all of them.
    """
    stops = (with_states(book.accounts, [one.account for one in paid])["state"] != "held").to_numpy()
    moves = with_reports(book, book.moves.filter(pl.col("at") <= span[1]), paid)
    touched = kernels.reached(arrays(moves.filter(pl.col("at") >= span[0])), book.accounts.height, stops)
    return moves.filter(pl.Series(_touch(arrays(moves), touched))), pl.Series(np.flatnonzero(touched)).cast(CODE)


def _touch(moves: kernels.Moves, touched: kernels.Flags) -> kernels.Flags:
    payer, payee, _, put = moves
    return touched[payee] | (touched[np.maximum(payer, 0)] & (payer >= 0)) | (put > 0)


def arrays(moves: pl.DataFrame) -> kernels.Moves:
    """The moves as arrays: payer (-1 from outside), payee, amount, put."""
    payer, payee, amount, put = (
        moves[name].to_numpy().astype(np.int64) for name in ("payer", "payee", "amount", "put")
    )
    return payer, payee, amount, put


def with_reports(book: Ledger, moves: pl.DataFrame, paid: list[Paid]) -> pl.DataFrame:
    """The moves with `put`: the reported money in each; a report without a move becomes one from nobody."""
    put: dict[int, int] = {}
    typed = []
    for place, one in enumerate(paid):
        if one.number is not None:
            put[one.number] = put.get(one.number, 0) + one.amount
            continue
        typed.append({
            "number": -1 - place, "at": one.at, "payer": OUTSIDE, "payee": book.code(one.account), "amount": one.amount,
            "put": one.amount, "source": "report", "row_id": f"report#{place + 1}", "table": "reports",
        })  # fmt: skip
    sums = pl.DataFrame({"number": list(put), "put": list(put.values())}, schema={"number": pl.Int64, "put": pl.Int64})
    joined = moves.join(sums, on="number", how="left", maintain_order="left").with_columns(pl.col("put").fill_null(0))
    if not typed:
        return joined
    return pl.concat([joined, pl.DataFrame(typed, schema=joined.schema)]).sort("at", pl.col("number") >= 0, "number")


def with_states(accounts: pl.DataFrame, reported: list[str]) -> pl.DataFrame:
    """The accounts with `state`."""
    return accounts.with_columns(state=state(pl.col("account").is_in(reported)))


def state(reported: pl.Expr) -> pl.Expr:
    """Where money is that came to an account (account, why, until): held, or where it ended.

    A reported account is followed whatever it looks like, if anybody tells about it.
    """
    return (
        pl.when(pl.col("account") == CASH)
        .then(pl.lit("cash"))
        .when(pl.col("why").is_not_null() & ~reported)
        .then(pl.col("why").str.strip_prefix("exit:"))
        .when(pl.col("until").is_null())
        .then(pl.lit("beyond"))
        .otherwise(pl.lit("held"))
    )


def balances(near: pl.DataFrame, touched: pl.DataFrame, start: datetime) -> pl.DataFrame:
    """code, base, certain: other money on each account at the start, as small as its moves allow.

    Certain where the account was opened after what tells about it begins, or its statement shows a balance.
    """
    signed = [
        near.with_row_index("order").select(
            "order", "at", "balance_after", code=side, change=pl.col("amount") * sign, paying=pl.lit(sign < 0)
        )
        for side, sign in (("payer", -1), ("payee", 1))
    ]
    mine = pl.concat(signed).join(touched.select("code", "statement"), on="code")
    rows = mine.sort("code", "order", "paying").with_columns(level=pl.col("change").cum_sum().over("code"))
    # A balance stands on the reporting side: only of a statement is it sure whose it is.
    shown = pl.col("balance_after").is_not_null() & pl.col("statement")
    told = rows.group_by("code").agg(
        lowest=pl.col("level").min(),
        before=pl.col("change").filter(pl.col("at") < start).sum(),
        opening=(pl.col("balance_after") - pl.col("level")).filter(shown).first(),
    )
    known = touched.join(told, on="code", how="left", maintain_order="left")
    need = pl.max_horizontal(pl.lit(0), -pl.col("lowest").fill_null(0))
    base = pl.max_horizontal(need, pl.col("opening").fill_null(0)) + pl.col("before").fill_null(0)
    fresh = (pl.col("opened_at") >= pl.col("since")).fill_null(False)
    return known.select("code", base=base.clip(0), certain=fresh | pl.col("opening").is_not_null()).sort("code")


def settled(moves: pl.DataFrame, accounts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Run every rule over the moves: the accounts with what they got and kept, and the moves that carried it."""
    named = [moves["payee"], moves["payer"].filter(moves["payer"] != OUTSIDE).rename("payee")]
    some = pl.concat(named).unique().sort()
    few = accounts.join(some.to_frame("code"), on="code", how="semi", maintain_order="left")
    place = pl.DataFrame({"code": few["code"], "place": np.arange(few.height)})
    payer = moves.select(code="payer").join(place, on="code", how="left", maintain_order="left")["place"].fill_null(-1)
    payee = moves.select(code="payee").join(place, on="code", how="left", maintain_order="left")["place"]
    kept, carried = run_rules(arrays(moves.with_columns(payer=payer, payee=payee)), few)
    marked = moves.with_columns(**carried).filter(pl.max_horizontal(*RULES) > 0)
    who = accounts.select("code", "account")
    said = marked.join(who.rename({"account": "from"}), left_on="payer", right_on="code", how="left")
    said = said.join(who.rename({"account": "to"}), left_on="payee", right_on="code", how="left").sort("at", "number")
    source, table = (pl.col(name).cast(pl.String) for name in ("source", "table"))
    told = said.select("number", "at", "amount", source, "row_id", table, *RULES, payer="from", payee="to")
    return table_of(few.with_columns(**kept), told), told


def run_rules(moves: kernels.Moves, few: pl.DataFrame) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """Every rule under every bound: what each account keeps, and what each move carries."""
    book = (
        few["base"].fill_null(0).to_numpy().astype(np.int64),
        few["certain"].fill_null(False).to_numpy().astype(np.bool_),
        (few["state"] != "held").to_numpy().astype(np.bool_),
    )
    carried, kept = {}, {}
    for number, rule in enumerate(RULES):
        for bound, ending in enumerate(BOUNDS):
            moved, left = kernels.follow(number, bound, moves, book)
            kept[f"{rule}{ending}"] = pl.Series(left)
            if bound == kernels.LIKELY:
                carried[rule] = pl.Series(moved)
    return kept, carried


def table_of(few: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """One row per account that victims' money came to by any rule, or may lie on by a bound, largest floor first."""
    sums = {f"came_{rule}": pl.col(rule).sum() for rule in RULES}
    came = told.group_by(account="payee").agg(first_at=pl.col("at").min(), last_at=pl.col("at").max(), **sums)
    columns = [f"{rule}{ending}" for rule in RULES for ending in BOUNDS]
    here = few.join(came, on="account", how="left").filter(
        pl.col("first_at").is_not_null() | (pl.max_horizontal(*columns) > 0)
    )
    found = here.with_columns(
        pl.col(list(sums)).fill_null(0), floor=pl.min_horizontal(*RULES), certain=pl.col("certain").fill_null(False)
    )
    order = ("account", "bank", "state", "certain", "until", "first_at", "last_at", "floor")
    every = found.select(*order, *sums, *columns)
    return every.sort("floor", "fifo", "account", descending=[True, True, False])
