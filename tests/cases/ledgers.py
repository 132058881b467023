"""Small ledgers for the tests of the money trail, and the same rules told slowly and plainly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from fraudnet.contracts.drop import RECORDS, Records

START = datetime(2026, 9, 1, tzinfo=UTC)


def name(number: int) -> str:
    return f"account:970436:{number}" if number >= 0 else "exit:cash"


def records(moves: list[tuple[int, int, int, int]], opened: bool, whole: bool = True) -> Records:
    """moves: minute, payer, payee (-1 for cash), amount. Opened: every account began with nothing, and we know it.

    Whole: a bank's own delivery, strangers' moves included, and no statement of one account.
    """
    moves = [*moves, (0, 90, 91, 1), (0, 92, 93, 1)] if whole else moves
    paid = [m for m in moves if m[1] >= 0 and m[2] >= 0]
    cash = [m for m in moves if m[2] < 0]
    base = {"known_at": START, "source": "970436"}
    transfers = pl.DataFrame([
        {**base, "row_id": f"t.csv#{i:04d}", "transfer_id": str(i), "at": START + timedelta(minutes=m[0]),
         "payer": name(m[1]), "payee": name(m[2]), "amount": m[3], "currency": "VND"} for i, m in enumerate(paid)
    ], schema_overrides={"amount": pl.Int64})  # fmt: skip
    drawn = pl.DataFrame([
        {**base, "row_id": f"c.csv#{i:04d}", "cash_id": str(i), "at": START + timedelta(minutes=m[0]),
         "entity": name(m[1]), "amount": -m[3]} for i, m in enumerate(cash)
    ])  # fmt: skip
    listed = sorted({a for m in moves for a in (m[1], m[2]) if a >= 0})
    accounts = pl.DataFrame([
        {**base, "row_id": f"a.csv#{i}", "institution": "970436", "account_number": str(a), "currency": "VND",
         "opened_at": START + timedelta(days=1) if opened else START - timedelta(days=900)} for i, a in enumerate(listed)
    ])  # fmt: skip
    tables = {"transfers": transfers, "cash": drawn, "accounts": accounts}
    made = {k: RECORDS[k].create_empty().lazy() for k in tables}
    for key, frame in tables.items():
        if frame.height:
            schema = RECORDS[key].create_empty().schema
            given = {c: (pl.col(c) if c in frame.columns else pl.lit(None)).cast(t) for c, t in schema.items()}
            made[key] = frame.select(**given).lazy()
    return Records(made)


def slowly(
    rule: str, moves: list[tuple[int, int, int, int]], put: dict[int, int], base: dict[int, int]
) -> dict[int, int]:
    """What of the victims' money is left on each account: every credit a list entry, every rule as it is told."""
    order = sorted(range(len(moves)), key=lambda i: (moves[i][0], moves[i][2] >= 0 and moves[i][1] >= 0, i))
    piles: dict[int, list[list[int]]] = {a: [[sum_, 0]] if sum_ else [] for a, sum_ in base.items()}
    for i in order:
        _, payer, payee, amount = moves[i]
        marked = put.get(i, 0) + (taken(rule, piles.setdefault(payer, []), amount) if payer >= 0 else 0)
        piles.setdefault(payee, []).append([amount, min(marked, amount)])
    return {a: sum(m for _, m in pile) for a, pile in piles.items()}


def taken(rule: str, pile: list[list[int]], amount: int) -> int:
    """Take an amount from a pile of credits (amount, victims' part); how much of it is the victims'."""
    whole, marked = sum(a for a, _ in pile), sum(m for _, m in pile)
    if rule in ("proportional", "lowest"):
        amount = min(amount, whole)
        if rule == "proportional":
            found = marked * amount // whole if whole else 0
        else:
            found = max(0, marked - (whole - amount))
        pile[:] = [[whole - amount, marked - found]]
        return found
    found = 0
    while amount and pile:
        at = 0 if rule == "fifo" else len(pile) - 1
        size, part = pile[at]
        take = min(size, amount)
        share = part * take // size
        pile[at] = [size - take, part - share]
        found, amount = found + share, amount - take
        if pile[at][0] == 0:
            pile.pop(at)
    return found
