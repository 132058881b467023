"""Which flags still stand: a rule over what each rests on, never a new score."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.grades import FLAG_SOURCES

# Reports that carry a flag of each source; a decision about the entity itself carries every one of them.
REPORTS = {
    "institution": ("bank_report", "operator_report", "victim_report", "hotline_report", "police_report"),
    "victim": ("victim_report", "hotline_report", "police_report"),
    "police": ("police_report",),
}
REST_DAYS = 90  # how long a clearing answers whatever is raised about the cleared
GROUND = "ground"  # what everything rests on that rests on nobody


def standing(flags: pl.DataFrame, support: pl.DataFrame, fallen: pl.DataFrame, rests: pl.DataFrame) -> pl.DataFrame:
    """The flags that stand (column flag_id): those of entities that are not cleared, with a live support that suffices.

    flags: flag_id, entity_id, as_of, source (of the grade). support: flag_id, kind, ref_id, basis. fallen: entity_id
    of who was cleared, and since when; a flag that was raised 90 days later may stand in spite of it. rests: entity,
    on: decisions about an entity that rest on other entities or flags alone; such an entity carries a flag only while
    one of those carries it. A flag of the model stands on anything live; one of an institution, a victim or the police
    needs a report or decision of that strength. Cycles carry nothing.
    """
    known = flags.select("flag_id", "entity_id", "as_of", source=pl.col("source").cast(pl.String))
    carried = support.join(known, on="flag_id").filter(_suffices()).select(
        dependent="flag_id",
        on=pl.when(pl.col("kind").cast(pl.String) == "seed").then("ref_id").otherwise(pl.lit(GROUND)),
    )  # fmt: skip
    unfounded = rests.select("entity").unique()
    founded = pl.concat([carried.select(entity="on"), rests.select(entity="on")]).unique()
    people = founded.join(unfounded, on="entity", how="anti").join(
        known, left_on="entity", right_on="flag_id", how="anti"
    )
    answered = known.join(fallen, on="entity_id").filter(
        pl.col("as_of") < pl.col("since") + pl.duration(days=REST_DAYS)
    )
    dead = pl.concat([fallen.select(node="entity_id"), answered.select(node="flag_id")]).unique()
    edges = pl.concat([carried, rests.select(dependent="entity", on="on")]).unique()
    up = grounded(edges, people.select(node="entity"), dead)
    return known.select("flag_id").join(up, left_on="flag_id", right_on="node", how="semi").sort("flag_id")


def grounded(edges: pl.DataFrame, roots: pl.DataFrame, dead: pl.DataFrame) -> pl.DataFrame:
    """Who is held up (column node): the roots, and whoever rests on somebody held up; never the dead, nor a bare cycle.

    edges: dependent, on. roots, dead: node. As many rounds as the longest chain.
    """
    alive = edges.join(dead, left_on="dependent", right_on="node", how="anti")
    up = roots.join(dead, on="node", how="anti").unique()
    newest = up
    while newest.height:
        reached = alive.join(newest, left_on="on", right_on="node", how="semi").select(node="dependent").unique()
        newest = reached.join(up, on="node", how="anti")
        up = pl.concat([up, newest])
    return up.sort("node")


def _suffices() -> pl.Expr:
    kind, basis, source = (pl.col(name).cast(pl.String) for name in ("kind", "basis", "source"))
    rule = (source == FLAG_SOURCES[0]) | (kind == "disposition")
    for name, reports in REPORTS.items():
        rule = rule | ((source == name) & (kind == "report") & basis.is_in(reports))
    return rule
