"""Feature family `onward`: money that an account passes on, rejoins or takes a cut of, seen from all who touch it."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import ratio
from fraudnet.features import history_kernels as kernels
from fraudnet.features.family import Family
from fraudnet.features.histories import History, moved, window_start
from fraudnet.features.legs import PASSED_US, packed, unpacked
from fraudnet.features.shape import complete, owned, real, schema, share, whole

DAYS = 90
PASSED_ON = (0.5, 1.05)  # of the credit before it
CUT_PERMILLE = (3, 120)
STEP_PERMILLE = 5
MINUTE_US = 60_000_000
ENDS = ("source", "target")

SCHEMA = schema(
    "Onward",
    {
        "rejoined_width_90d": whole(
            "most accounts between one payer and one payee of the same money, itself being one of these, "
            "during the last 90 days"
        ),
        "rejoined_minutes_90d": real("usual minutes that this money stood with the accounts between, last 90 days"),
        "cut_payers_90d": whole("accounts that sent it a small cut of what they had just received, last 90 days"),
        "even_cuts_90d": whole("most credits that were one and the same small percentage of what their payer had got"),
        "even_cut_share_90d": share("share of the last 90 days' credits that are that same small percentage"),
    },
)


def onward(
    records: Records, nodes: pl.DataFrame, history: History, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Transfers of the last 90 days, each beside the credit that its payer had before it, at most two days earlier.

    Rejoined: at least half of each credit went on to the same third account. A cut is 0.3 to 12 % of the credit, even
    when it is the same to half a percent. Without a transfers table every column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    passed = _moved(history, as_of).lazy()
    credits = moved(history.received, as_of, lately=DAYS).select("node", credits="n_lately")
    return complete(nodes, "account", SCHEMA, keep, owned(_rejoined(passed), keep), owned(_cuts(passed, credits), keep))


def _moved(history: History, as_of: datetime) -> pl.DataFrame:
    """As `legs.after_credit` of all transfers: source, node, target, came, went, waited."""
    got, made = history.received, history.made
    ends, came = kernels.handed_on(got.columns, made.columns, window_start(as_of, DAYS), PASSED_US)
    at = ends[:, 0]
    columns = {"node": ends[:, 1], "came": came[:, 1], "went": made.amount[at], "waited": made.at[at] - came[:, 0]}
    numbers = pl.DataFrame({name: np.ascontiguousarray(values) for name, values in columns.items()})
    source, target = (pl.Series(np.ascontiguousarray(v).astype(np.int64)) for v in (ends[:, 2], made.other[at]))
    both = numbers.with_columns(source=source, target=target)
    return both.with_columns(pl.when(pl.col(c) >= 0).then(c).alias(c) for c in ENDS)


def _rejoined(handed_on: pl.LazyFrame) -> pl.LazyFrame:
    """Per account, the most different middles of one (source, target) that it belongs to."""
    part = pl.col("went") / pl.col("came")
    passed = (
        handed_on.filter(
            part.is_between(*PASSED_ON), pl.col("source").is_not_null(), pl.col("source") != pl.col("target")
        )
        .select("node", "waited", ends=packed("source", "target"))
        .cache()
    )
    # Nearly all money goes through one account alone, and one number is grouped faster than two.
    several = passed.group_by("ends").agg(low=pl.col("node").min(), high=pl.col("node").max())
    joined = passed.join(several.filter(pl.col("low") < pl.col("high")), on="ends", how="semi")
    ways = joined.group_by("node", "ends").agg(waited=pl.col("waited").min()).cache()
    met = ways.group_by("ends").agg(width=pl.len(), waited=pl.col("waited").median()).cache()
    ends = met.with_columns(**unpacked("ends", "source", "target"))
    seen = [ways.drop("waited").join(met, on="ends", how="inner"), *(ends.with_columns(node=s) for s in ENDS)]
    widest = pl.concat([s.select("node", "width", "waited") for s in seen])
    most = pl.col("width") == pl.col("width").max()
    return widest.group_by("node").agg(
        rejoined_width_90d=pl.col("width").max(),
        rejoined_minutes_90d=pl.col("waited").filter(most).min() / MINUTE_US,
    )


def _cuts(handed_on: pl.LazyFrame, credits: pl.LazyFrame) -> pl.LazyFrame:
    permille = pl.col("went") * 1000 // pl.col("came")
    cuts = handed_on.filter(permille.is_between(*CUT_PERMILLE)).select(
        "target", payer="node", step=(permille + STEP_PERMILLE // 2) // STEP_PERMILLE
    )
    payers = cuts.group_by(node="target").agg(cut_payers_90d=pl.col("payer").n_unique())
    even = cuts.group_by("target", "step").agg(n=pl.len()).group_by(node="target").agg(even_cuts_90d=pl.col("n").max())
    both = payers.join(even, on="node", how="inner").join(credits, on="node", how="inner")
    return both.with_columns(even_cut_share_90d=ratio(pl.col("even_cuts_90d"), pl.col("credits"))).drop("credits")


FAMILY = Family("onward", "account", onward, SCHEMA)
