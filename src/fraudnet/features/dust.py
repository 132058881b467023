"""From what sum on money out of known fraud says anything about who got it.

Anybody can be sent money. Whoever wants honest people flagged, or a real mule lost among them, has known mules send
them small sums ("dusting": in India such credits froze accounts of people who had done nothing). So up to the sum below
money from known fraud counts for nothing; what an account itself pays to known fraud always counts.
"""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records

# Ten credits of 200,000 đồng, the strongest dusting that an account must withstand; a mule's share of a single fraud is
# above it, and whoever dusts by more gives away real money. Other currencies have no floor of their own yet.
FLOOR = {"VND": 2_000_000}
LEFT_OUT = "sums of up to 2,000,000 đồng between two left out"


def floor_of(records: Records) -> int:
    """The sum, in minor units, up to which money from known fraud says nothing; 0 for currencies without a floor."""
    if not records.has("transfers"):
        return 0
    known = records.table("transfers").select(pl.col("currency").unique()).collect(engine="streaming")
    return max((FLOOR.get(currency, 0) for currency in known["currency"].drop_nulls()), default=0)
