"""What a mapping expects of each source, held against what came: below a minimum fails, above a maximum warns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from fraudnet.errors import TooLittleDataError
from fraudnet.messages.telling import Joined
from fraudnet.sources.mapping import Expect, Mapping
from fraudnet.sources.quality.material import Material

EVERY = "*"  # as a source: all sources together
MET, BELOW, ABOVE = "met", "below", "above"


@dataclass(frozen=True)
class Verdict:
    """One expectation: good rows of a table, or (table null) the share of a source's rows in quarantine."""

    source: str
    table: str | None
    got: float
    low: int | None
    high: float | None

    @property
    def result(self) -> str:
        """met, below (fails) or above (warns)."""
        if self.low is not None and self.got < self.low:
            return BELOW
        return ABOVE if self.high is not None and self.got > self.high else MET


def verdicts(mappings: tuple[Mapping, ...], material: Material) -> list[Verdict]:
    """Every expectation of every mapping; a source that brought nothing has 0 rows. In order of the mappings."""
    found: dict[tuple[str, str | None], Verdict] = {}
    for said in mappings:
        for source, expect in said.expect.items():
            for verdict in _held(source, expect, material):
                found[source, verdict.table] = verdict
    return list(found.values())


def _held(source: str, expect: Expect, material: Material) -> Iterator[Verdict]:
    theirs = pl.lit(True) if source == EVERY else pl.col("source") == source
    good = material.rows.filter(theirs)
    for table, bounds in expect.rows.items():
        got = int(good.filter(pl.col("table") == table)["rows"].sum())
        yield Verdict(source, table, got, bounds.min, bounds.max)
    if expect.quarantine_share_max is not None:
        turned = int(material.turned.filter(theirs)["rows"].sum())
        rows = turned + int(good["rows"].sum())
        yield Verdict(source, None, turned / rows if rows else 0.0, None, expect.quarantine_share_max)


def enforce(held: list[Verdict]) -> None:
    """Raise TooLittleDataError naming every table that lies below its minimum, eight at most."""
    below = [each for each in held if each.result == BELOW]
    if below:
        told = Joined(
            ", ", (f"{each.source}/{each.table}: {each.got:,.0f} rows of at least {each.low:,}" for each in below[:8])
        )
        more = f" and {len(below) - 8} more" if len(below) > 8 else ""
        raise TooLittleDataError(
            "less than [expect] in the mapping asks for: {told}{more}; ask the source for the rest, or correct it",
            told=told,
            more=more,
        )
