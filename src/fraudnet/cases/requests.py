"""Where the data end: to which institution the money went, when, how much, and the letter that asks for more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from fraudnet.cases.exports import table
from fraudnet.cases.trail import Trail
from fraudnet.cases.wording import money
from fraudnet.contracts.cases import RULES
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.messages import text

COLUMNS = ("institution", "account", "arrived", "amount", "victims_money", "from_account", "file_row")


@dataclass(frozen=True)
class Ask:
    """What one institution is asked: the arrivals on its accounts, earliest first."""

    institution: str
    arrivals: pl.DataFrame

    @property
    def sum(self) -> int:
        """The most of victims' money that any rule finds in them."""
        return int(self.arrivals["victims_money"].sum())


def asks(trail: Trail) -> list[Ask]:
    """One request per institution on whose accounts, told about by nobody, victims' money came; the largest first."""
    beyond = trail.accounts.filter(pl.col("state") == "beyond").select(account="account", institution="bank")
    came = trail.moves.join(beyond, left_on="payee", right_on="account").with_columns(
        victims_money=pl.max_horizontal(*RULES)
    )
    told = came.sort("at", "number").select(
        "institution", "amount", "victims_money", account="payee", arrived="at", from_account="payer", file_row="row_id"
    )
    found = [
        Ask(str(bank[0]), rows.select(COLUMNS)) for bank, rows in told.group_by("institution", maintain_order=True)
    ]
    return sorted(found, key=lambda ask: (-ask.sum, ask.institution))


def letter(ask: Ask, name: str) -> bytes:
    """The letter to the institution, in Vietnamese, as plain text to be put on letter paper and signed."""
    lines = [
        text("trace.letter.line", "vi", number=number, account=str(row["account"]).rpartition(":")[2],
             at=minute(row["arrived"]), amount=money(row["amount"]), part=money(row["victims_money"]))
        for number, row in enumerate(ask.arrivals.iter_rows(named=True), 1)
    ]  # fmt: skip
    said = text("trace.letter", "vi", name=name, code=ask.institution, lines="\n".join(lines), sum=money(ask.sum),
                first=minute(ask.arrivals["arrived"].min()))  # fmt: skip
    return said.encode()


def listing(ask: Ask) -> bytes:
    """The arrivals as CSV: institution, account, minute (UTC), amount, victims' money, from, file and row."""
    return table(ask.arrivals.to_dicts(), COLUMNS)


def minute(value: object) -> str:
    """A moment in Vietnam to the minute: `08:31 21/09/2026`."""
    assert isinstance(value, datetime)  # noqa: S101  # columns of moments
    return value.astimezone(ZoneInfo(LOCAL_ZONE)).strftime("%H:%M %d/%m/%Y")
