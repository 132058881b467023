"""Who falls out of the top when a challenger takes over, by trait and by whose labels."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.model.metrics import Floats, places

DOUBT = 0.01
FEWEST = 5
NOBODY = "not reviewed"
TRAIT, LABELS, BOTH = "trait", "labels", "labels and trait"


def fallen(trial: pl.DataFrame, capacity: float) -> pl.DataFrame:
    """One row per trait, per source of labels, and per trait and source: top, fell, cleared, p, doubted.

    top: rows among the champion's first places (`capacity` of all); fell: how many of them the challenger moves out of
    its own first places; cleared: how many of those were cleared by the source. p: chance of that many if clearing and
    falling were spread over the reviewed rows of the top without regard to the source (hypergeometric, exact), adjusted
    over all sources and traits (Benjamini and Hochberg 1995). doubted: p of at most 0.01 on at least five rows. Random
    mistakes do not do that; one institution that clears what others confirm does, and no measure on the labels as
    received can see it.
    """
    top = _top(trial, capacity)
    reviewed = top.filter("reviewed")
    sources = reviewed.select("whose").drop_nulls().unique().sort("whose").to_series().to_list()
    traits = top.select(pl.col("traits").explode()).drop_nulls().unique().sort("traits").to_series().to_list()
    found = [_counted(top, TRAIT, name, pl.col("traits").list.contains(name)) for name in traits]
    found += [_counted(top, LABELS, NOBODY, ~pl.col("reviewed"))]
    for source in sources:
        theirs = pl.col("whose") == source
        found.append(_tested(top, reviewed, (LABELS, source), theirs))
        found += [_tested(top, reviewed, (BOTH, f"{source}, {name}"), theirs & _shows(name)) for name in traits]
    table = pl.DataFrame(found, schema=SCHEMA, orient="row").filter(pl.col("top") > 0)
    adjusted = pl.Series("p", false_discoveries(table["p"].to_numpy()))
    return table.with_columns(adjusted).with_columns(
        doubted=((pl.col("p") <= DOUBT) & (pl.col("cleared") >= FEWEST)).fill_null(value=False)
    )


SCHEMA = {"by": pl.String, "name": pl.String, "top": pl.Int64, "fell": pl.Int64, "cleared": pl.Int64, "p": pl.Float64}


def doubted(table: pl.DataFrame) -> list[str]:
    """The sources whose labels push rows out of the top, in order."""
    named = table.filter("doubted").select(pl.col("name").str.split(", ").list.first())
    return named.unique().sort("name").to_series().to_list()


def false_discoveries(p: Floats) -> Floats:
    """Benjamini and Hochberg's adjusted p-values; NaN where there was no test, which counts for nothing."""
    tested = np.flatnonzero(~np.isnan(p))
    found = np.full(len(p), np.nan)
    order = tested[np.argsort(p[tested], kind="stable")]
    steps = p[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum.accumulate(steps[::-1])[::-1].clip(max=1.0)
    return found


def _top(trial: pl.DataFrame, capacity: float) -> pl.DataFrame:
    k = places(capacity, trial.height)
    # Ties end by the row's place, which follows from the entities' ids.
    ranked = trial.with_columns(
        old=pl.col("champion").rank("ordinal", descending=True),
        new=pl.col("challenger").rank("ordinal", descending=True),
    )
    top = ranked.filter(pl.col("old") <= k)
    return top.with_columns(fell=pl.col("new") > k, cleared=pl.col("reviewed") & (pl.col("y") == 0))


def _shows(name: str) -> pl.Expr:
    return pl.col("traits").list.contains(name)


def _counted(top: pl.DataFrame, by: str, name: str, mine: pl.Expr) -> tuple[str, str, int, int, int, float]:
    part = top.filter(mine.fill_null(value=False))
    fell = part.filter("fell")
    return by, name, part.height, fell.height, fell.filter("cleared").height, float("nan")


def _tested(
    top: pl.DataFrame, reviewed: pl.DataFrame, key: tuple[str, str], mine: pl.Expr
) -> tuple[str, str, int, int, int, float]:
    from scipy.stats import hypergeom

    by, name, seen, fell, cleared, _ = _counted(top, *key, mine)
    both = pl.col("fell") & pl.col("cleared")
    marked = reviewed.filter(both).height
    drawn = reviewed.filter(mine.fill_null(value=False)).height
    p = float(hypergeom.sf(cleared - 1, reviewed.height, marked, drawn)) if marked and drawn else float("nan")
    return by, name, seen, fell, cleared, p
