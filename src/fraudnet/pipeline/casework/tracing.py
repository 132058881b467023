"""From a victim's report to where the money is now: no run, no model, no label needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.cases.hold import smallest_hold, ways
from fraudnet.cases.ledger import OUTSIDE, Ledger, ledger
from fraudnet.cases.requests import Ask, asks, letter, listing
from fraudnet.cases.trail import Paid, Trail, follow
from fraudnet.contracts.cases import RULES
from fraudnet.contracts.progress import Progress
from fraudnet.errors import ConfigurationError, InputError
from fraudnet.expressions import local_day, start_of_day
from fraudnet.files import digest_of, write_bytes, write_parquet
from fraudnet.pipeline.reading.source import Source, open_drops
from fraudnet.pipeline.request import Request
from fraudnet.settings import Settings

NEAR, LIFE = timedelta(days=1), timedelta(days=90)
FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M")
PLAIN = re.compile("[A-Za-z0-9_-]+")
LEAST = 100_000  # đồng below which a hold is not worth a call


@dataclass(frozen=True)
class Report:
    """What a victim says: account (paid into, or the victim's own), moment, amount in minor units."""

    account: str
    at: datetime
    amount: int


def report(account: str, at: str, amount: str) -> Report:
    """A typed report. Raises ConfigurationError for a moment or an amount that cannot be read."""
    for form in FORMATS:
        try:
            said = datetime.strptime(at.strip(), form)  # the wall clock of Vietnam
            break
        except ValueError:
            continue
    else:
        raise ConfigurationError(
            "--at: got {at!r}, expected a moment such as '2026-09-21 08:31' (Vietnam's clock)", at=at
        )
    digits = amount.replace(".", "").replace(" ", "").replace("_", "")
    if not digits.isdigit() or int(digits) == 0:
        raise ConfigurationError(
            "--amount: got {amount!r}, expected a whole number of đồng such as 51.355.000", amount=amount
        )
    moment = start_of_day(said.date()) + timedelta(hours=said.hour, minutes=said.minute, seconds=said.second)
    return Report(account.strip(), moment, int(digits))


def trace_money(
    request: Request, reports: list[Report], out: Path | None, settings: Settings, progress: Progress
) -> dict[str, Any]:
    """Follow what victims report through everything the drops tell; written below `out` when it is given.

    Returns where the money is (accounts), the moves that carried it, what to hold, what to ask whom. Raises InputError
    when no account fits what was typed.
    """
    source = open_drops(request, settings, progress)
    progress("trace", 0, 1)
    book, paid = found(source, reports)
    trail = follow(book, paid, request.as_of)
    held = to_hold(book, trail)
    touched = touches(book, trail, [account for account, _, _ in held])
    wanted = asks(trail)
    names = named(source)
    files = [] if out is None else write(trail, (held, wanted), names, out)
    progress("trace", 1, 1)
    return {
        "until": trail.until, "total": trail.total,
        "reports": [{**vars(one), "found": one.number is not None} for one in paid],
        "accounts": trail.accounts.to_dicts(), "moves": trail.moves.to_dicts(),
        "hold": [
            {"account": account, "amount": amount, "stops": stops, "touches": touched.get(account, 0)}
            for account, amount, stops in held
        ],
        "beyond": [
            {"institution": ask.institution, "name": names.get(ask.institution, ask.institution), **row}
            for ask in wanted for row in ask.arrivals.drop("institution").to_dicts()
        ],
        "files": files,
    }  # fmt: skip


def to_hold(book: Ledger, trail: Trail) -> list[tuple[str, int, str]]:
    """account, amount, what it stops: the smallest amount to hold, sums below 100,000 đồng left out."""
    held = trail.accounts.filter(pl.col("state") == "held").with_columns(case=0)
    worth = held.filter(pl.col("floor") >= LEAST)
    likely = held.filter(pl.max_horizontal(*(f"came_{rule}" for rule in RULES)) >= LEAST)
    return smallest_hold(dict(worth.select("account", "floor").iter_rows()), ways(book, likely, trail.until))


def touches(book: Ledger, trail: Trail, accounts: list[str]) -> dict[str, int]:
    """With how many accounts outside the trail each dealt in 90 days: whose payments a hold could stop besides."""
    inside = set(trail.accounts["account"])
    who = book.accounts.select("code", "account")
    mine = who.filter(pl.col("account").is_in(accounts))
    others = who.filter(~pl.col("account").is_in(sorted(inside))).select(other="code")
    recent = book.moves.filter(pl.col("at") >= trail.until - LIFE, pl.col("at") <= trail.until)
    ends = (("payer", "payee"), ("payee", "payer"))
    met = pl.concat([recent.select(code=pl.col(me), other=pl.col(them)) for me, them in ends])
    told = met.join(mine, on="code").join(others, on="other", how="semi")
    return dict(told.group_by("account").agg(pl.col("other").n_unique()).iter_rows())


def found(source: Source, reports: list[Report]) -> tuple[Ledger, list[Paid]]:
    """The ledger, and each report with the account that was paid and the move that it means.

    A payment that is reported twice counts once; two reports of one sum mean two moves where there are two.
    """
    typed = tuple(full for one in reports if (full := full_id(one.account)) is not None)
    book = ledger(source.records, also=typed)
    paid: list[Paid] = []
    for one in reports:
        taken = [other.number for other in paid if other.number is not None]
        this = meant(book, one, taken)
        if this.number is None or this.number not in taken:
            paid.append(this)
    return book, paid


def full_id(account: str) -> str | None:
    """`account:<institution>:<number>` from an id or `<institution>:<number>`; None for a bare number."""
    if account.startswith("account:"):
        return account
    return f"account:{account}" if ":" in account else None


def meant(book: Ledger, one: Report, taken: Sequence[int] = ()) -> Paid:
    """The account a report means and the move into it: the one of that amount within a day, the nearest in time.

    Where the account named is the victim's own, the move out of it. `taken` moves, which other reports mean, come
    last. Raises InputError when the number is unknown or
    belongs to several accounts.
    """
    codes = _codes(book, one.account)
    near = book.moves.filter(
        (pl.col("amount") == one.amount)
        & pl.col("at").is_between(one.at - NEAR, one.at + NEAR)
        & (pl.col("payee").is_in(codes) | pl.col("payer").is_in(codes))
        & (pl.col("payer") != OUTSIDE)
    )
    gap = (pl.col("at") - one.at).abs()
    best = near.sort(pl.col("number").is_in(taken), ~pl.col("payee").is_in(codes), gap, "number").head(1)
    names = dict(book.accounts.select("code", "account").iter_rows())
    if best.is_empty():
        return Paid(names[codes[0]], one.at, one.amount)
    row = best.row(0, named=True)
    return Paid(names[row["payee"]], row["at"], one.amount, row["number"])


def _codes(book: Ledger, account: str) -> list[int]:
    full = full_id(account)
    same = pl.col("account") == full if full else pl.col("account").str.ends_with(f":{account}")
    codes = book.accounts.filter(same)["code"].to_list()
    if len(codes) != 1:
        what = "no account" if not codes else f"{len(codes)} accounts"
        raise InputError(
            "--account: {what} of the drops has the number that was typed; name it as <institution>:<number>", what=what
        )
    return codes


def named(source: Source) -> dict[str, str]:
    """Names of institutions by key."""
    table = source.records.table("institutions").select("institution", "name").drop_nulls().collect()
    return dict(table.sort("institution", "name").iter_rows())


def for_file(institution: str) -> str:
    """The key of an institution in the name of a file; its digest where the key could name another folder."""
    return institution if PLAIN.fullmatch(institution) else digest_of(institution)[:8]


def write(
    trail: Trail, told: tuple[list[tuple[str, int, str]], list[Ask]], names: dict[str, str], out: Path
) -> list[str]:
    """Tables of the trail, and a letter and a list for each institution that must be asked; the files' names."""
    held, wanted = told
    hold = pl.DataFrame(held, schema={"account": pl.String, "hold": pl.Int64, "stops": pl.String}, orient="row")
    accounts = trail.accounts.join(hold, on="account", how="left", maintain_order="left")
    write_parquet(out / "trail-accounts.parquet", accounts)
    write_parquet(out / "trail-moves.parquet", trail.moves)
    made = ["trail-accounts.parquet", "trail-moves.parquet"]
    day = local_day(trail.until)
    for ask in wanted:
        base = f"request-{for_file(ask.institution)}-{day}"
        write_bytes(out / f"{base}.txt", letter(ask, names.get(ask.institution, ask.institution)))
        write_bytes(out / f"{base}.csv", listing(ask))
        made += [f"{base}.txt", f"{base}.csv"]
    return made
