"""What each flag rests on, row by row: so that a flag can fall when what it rested on falls."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.results import SUPPORTS, Support
from fraudnet.typologies import counts_alone

SEEDS_NAMED = 5
# Nobody is two steps from fraud because both deal with the same large shop, or were seen on the same shared device.
FLOWS, FLOW_HUB, SHARING_HUB = ("transfer", "call"), 1_000, 50
HELD = 20_000_000  # of more links, those of a part of the nodes are held at a time
KEYS = 1 << 32  # nodes are dense: two of them fit into one number
NAMES = ("flag_id", "kind", "ref_id", "basis", "weight", "known_at")


def flag_id(entity_id: pl.Expr, as_of: pl.Expr) -> pl.Expr:
    """The key of a flag: the entity and the snapshot at which it was flagged."""
    return pl.concat_str(entity_id, as_of.dt.strftime("%Y-%m-%dT%H:%MZ"), separator="|")


def support(
    scores: pl.DataFrame, alone: pl.DataFrame, hits: pl.DataFrame, statements: pl.DataFrame, seeds: pl.DataFrame
) -> dy.DataFrame[Support]:
    """Everything that the flags of one kind rest on, sorted by flag, kind and reference.

    scores: contract Score. alone: entity_id, stands_alone; a flag that holds without known fraud near it has a row of
    kind `own`. hits: entity_id, typology, strength. statements: entity_id and contract Statement. seeds: as `nearest`
    gives them; a flag that stands on its own names them too, since they raised its score.
    """
    flags = scores.filter("flagged").select(
        "entity_id", "as_of", "model", "probability", flag_id=flag_id(pl.col("entity_id"), pl.col("as_of"))
    )
    told = statements.filter(~pl.col("in_favour")).with_columns(pl.col("kind").cast(pl.String))
    parts = [
        flags.join(alone.filter(pl.col("stands_alone")), on="entity_id").select(
            "flag_id", pl.lit("own").alias("kind"), ref_id="model", basis=pl.lit("model"), weight="probability",
            known_at="as_of",
        ),
        flags.join(told, on="entity_id").select(*NAMES),
        flags.join(_independent(hits), on="entity_id").select(
            "flag_id", pl.lit("hit").alias("kind"), ref_id=pl.col("typology").cast(pl.String),
            basis=pl.lit("typology"), weight="strength", known_at="as_of",
        ),
        flags.join(seeds, on="entity_id").select(
            "flag_id", pl.lit("seed").alias("kind"), ref_id="seed_id", basis="basis", weight="share",
            known_at="known_at",
        ),
    ]  # fmt: skip
    typed = [part.select(NAMES).with_columns(pl.col("known_at").cast(INSTANT)) for part in parts]
    whole = pl.concat(typed).with_columns(pl.col("kind").cast(pl.Enum(SUPPORTS)))
    return Support.validate(whole.sort("flag_id", "kind", "ref_id"), cast=True)


def _independent(hits: pl.DataFrame) -> pl.DataFrame:
    """The patterns that may carry a flag; what never leads to one by itself carries none."""
    names = hits["typology"].cast(pl.String).unique().sort()
    return hits.filter(pl.col("typology").cast(pl.String).is_in([name for name in names if counts_alone(name)]))


def nearest(
    flagged: pl.DataFrame, links: pl.DataFrame | pl.LazyFrame, seeds: pl.DataFrame, nodes: pl.DataFrame
) -> pl.DataFrame:
    """The up to five known frauds with the largest share of each entity's dealings within two steps.

    flagged: entity_id. links: contract Link; seeds: contract Seed; nodes: node, entity_id. The share over one step is
    that of the link's weight (money, seconds) among all links of its kind, the largest over the kinds; over two steps
    shares are multiplied and summed over whom both deal with, hubs left out. Returns entity_id, seed_id, share, basis,
    known_at.
    """
    people = flagged.select("entity_id").join(nodes.select("node", "entity_id"), on="entity_id")
    first, into = _leading(links.lazy(), people.select("node"), seeds.select(other="node"))
    one = first.join(seeds.select(other="node"), on="other", how="semi").select("node", "other", "share")
    two = first.rename({"other": "middle"}).join(into, on="middle").filter(pl.col("node") != pl.col("other"))
    both = pl.concat([one, two.select("node", "other", share=pl.col("share") * pl.col("onward"))])
    # Sums of fractions in a fixed order: equal inputs give equal bytes.
    summed = both.group_by("node", "other").agg(pl.col("share").sort().implode().list.sum().clip(0.0, 1.0))
    named = (
        summed.join(people, on="node")
        .join(nodes.select(other="node", seed_id="entity_id"), on="other")
        .join(seeds.select("basis", "known_at", other="node"), on="other")
        .sort("entity_id", "share", "seed_id", descending=[False, True, False])
    )
    best = named.group_by("entity_id", maintain_order=True).head(SEEDS_NAMED)
    return best.select("entity_id", "seed_id", "share", "basis", "known_at")


def _leading(links: pl.LazyFrame, people: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The steps of these people (node, other, share), and those to known fraud (middle, other, onward).

    The latter only from whom these people deal with and through whom others may pass.
    """
    seeds = known.select(node="other")
    touching = _from(links, pl.concat([people, seeds])["node"]).select("node", "other")
    beside, partners = (touching.join(one, on="node", how="semi").select(node="other") for one in (seeds, people))
    some = pl.concat([people, partners.join(beside, on="node", how="semi")]).unique()
    del touching, beside, partners
    parts = 1 + links.select(pl.len()).collect(engine="streaming").item() // HELD
    first, into = [], []
    for part in range(parts):  # what is asked of a node depends on its own links alone
        near = _from(links, some["node"].filter(some["node"] % parts == part))
        for one in near.partition_by("kind"):
            steps = _steps(one, people["node"].implode(), known["other"].implode())
            first.append(steps.join(people, on="node", how="semi").select("node", "other", "share"))
            onward = steps.join(known, on="other", how="semi").filter("through")
            into.append(onward.select("node", "other", "share"))
    nothing = pl.DataFrame(schema={"node": pl.Int64, "other": pl.Int64, "share": pl.Float64})
    one, two = (
        pl.concat([nothing, *some]).group_by("node", "other").agg(pl.col("share").max()) for some in (first, into)
    )
    return one, two.rename({"node": "middle", "share": "onward"})


def _from(links: pl.LazyFrame, some: pl.Series) -> pl.DataFrame:
    """Links in both directions from some nodes: node, other, kind, weight."""
    asked = some.unique().implode()
    ends = pl.col("source").is_in(asked) | pl.col("target").is_in(asked)
    there = links.filter(ends, pl.col("source") != pl.col("target"))
    found = there.select("kind", "weight", node="source", other="target").collect(engine="streaming")
    both = pl.concat([found, found.select("kind", "weight", node="other", other="node")])
    return both.filter(pl.col("node").is_in(asked))


def _steps(near: pl.DataFrame, people: pl.Series, seeds: pl.Series) -> pl.DataFrame:
    """From whom to whom one step leads, with its share and whether others may pass through whom it starts at.

    near: the links of one kind from whom is asked, in both directions. All links of these people are told, of others
    those to known fraud.
    """
    asked, fraud = pl.col("node").is_in(people), pl.col("other").is_in(seeds)
    near = near.filter(asked | pl.col("node").is_in(near.filter(fraud)["node"].unique().implode()))
    # In each direction there is at most one link: two numbers add up to the same in any order.
    pair = (pl.col("node") * KEYS + pl.col("other")).alias("pair")
    joint = near.group_by(pair).agg(pl.col("weight").sum(), pl.col("kind").first())
    joint = joint.with_columns(node=pl.col("pair") // KEYS, other=pl.col("pair") % KEYS)
    whole = pl.col("weight").sort().implode().list.sum()
    of_node = joint.group_by("node").agg(whole=whole, degree=pl.len().cast(pl.Int64))
    return (
        joint.filter(asked | fraud)
        .join(of_node, on="node")
        .select(
            "node",
            "other",
            share=pl.when(pl.col("whole") > 0).then(pl.col("weight") / pl.col("whole")).otherwise(0.0),
            through=pl.col("degree") <= _limit(),
        )
    )


def _limit() -> pl.Expr:
    """With how many others of a kind of links somebody may deal for others to pass through."""
    flow = pl.col("kind").is_in(FLOWS) | pl.col("kind").str.starts_with("link:")
    return pl.when(flow).then(FLOW_HUB).otherwise(SHARING_HUB)
