"""From a delivery to six values per source: every measure, the value of each criterion, the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.quality import QUALITIES, Quality, QualityPart
from fraudnet.sources.quality import criteria
from fraudnet.sources.quality.checks import normal
from fraudnet.sources.quality.material import Material, institution_of
from fraudnet.sources.quality.part import PART, Counts, Criterion

FEW = 20  # fewer things looked at than this tell nothing about a source
HALF = 10  # a measure over this many things counts half as much as one over very many
KNOWN = 4  # with fewer values than this a source has no place in the ranking
TOO_FEW = "too_few"
KEYS = ("source", "institution", "criterion")
RANKING: dict[str, pl.DataType] = {
    "place": pl.Int64(), "source": pl.String(), "overall": pl.Float64(), "known": pl.Int64(), "rows": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """`quality` and `parts` under their contracts; `ranking`: place, source, overall, known (criteria), rows.

    Every source has one row per criterion; every institution too, of sources that tell about several. Sorted by source,
    institution (the whole source first), criterion.
    """

    quality: pl.DataFrame
    parts: pl.DataFrame
    ranking: pl.DataFrame


def measure(material: Material) -> Measured:
    """Measure every source, and each institution of the sources that tell about several.

    A measure over n things has the weight w = n / (n + 10) and falls short by its share of misses. The value of a
    criterion is 100 less the mean of two shortfalls in percent: the weighted mean over all its measures, and the
    largest w times shortfall: many good measures do not hide a bad one, and few things looked at do not condemn. Null
    with a reason when fewer than 20 things could be looked at in all. A source's overall value is the plain mean of its
    known criteria, null with fewer than four. Order: by overall value, best first, then by source.
    """
    known = criteria()
    several = _several(material)
    parts = pl.concat(_levels(_parts(each, frames), each, several) for each, frames in _all(known, material))
    parts = parts.filter(pl.col("denominator") > 0).sort(*KEYS, "table", "measure", nulls_last=False)
    quality = _values(parts, _owners(material, several), known)
    return Measured(Quality.validate(quality), QualityPart.validate(parts), _ranking(quality, material))


def _all(known: tuple[Criterion, ...], material: Material) -> list[tuple[Criterion, list[pl.DataFrame]]]:
    """The frames of every criterion; each table is passed over once for all of them."""
    found = {each.name: each.compared(material) for each in known}
    for table in RECORDS:
        if material.records.has(table):
            counts = {each.name: each.counts(table, material) for each in known}
            for name, frame in _counted(table, counts, material).items():
                found[name].append(frame)
    return [(each, found[each.name]) for each in known]


def _counted(table: str, counts: Mapping[str, Counts], material: Material) -> dict[str, pl.DataFrame]:
    sums = []
    for criterion, measures in counts.items():
        for name, (holds, stated) in measures.items():
            both = (holds & stated) if name != "fields" else holds  # wanted fields are counted, not tested
            sums += [
                both.fill_null(False).cast(pl.Int64).sum().alias(f"{criterion}|{name}|numerator"),
                stated.fill_null(False).cast(pl.Int64).sum().alias(f"{criterion}|{name}|denominator"),
            ]
    if not sums:
        return {}
    rows = material.records.table(table).with_columns(__institution=institution_of(table), **normal(table))
    wide = rows.group_by("source", institution="__institution").agg(sums).collect(engine="streaming")
    return {criterion: _long(wide, table, criterion, measures) for criterion, measures in counts.items() if measures}


def _long(wide: pl.DataFrame, table: str, criterion: str, measures: Counts) -> pl.DataFrame:
    return pl.concat(
        wide.select(
            "source",
            "institution",
            table=pl.lit(table),
            measure=pl.lit(name),
            numerator=f"{criterion}|{name}|numerator",
            denominator=f"{criterion}|{name}|denominator",
        )
        for name in measures
    )


def _parts(criterion: Criterion, frames: list[pl.DataFrame]) -> pl.DataFrame:
    found = pl.concat([pl.DataFrame(schema=PART), *frames])
    kind = pl.lit(criterion.name).cast(pl.Enum(QUALITIES)).alias("criterion")
    return found.select("source", "institution", kind, "table", "measure", "numerator", "denominator")


def _levels(parts: pl.DataFrame, criterion: Criterion, several: pl.DataFrame) -> pl.DataFrame:
    """Sources as a whole, and each institution of those that tell about several."""
    if not criterion.additive:
        return parts
    sums = [pl.col(name).sum() for name in ("numerator", "denominator")]
    whole = parts.with_columns(institution=pl.lit(None, dtype=pl.String))
    whole = whole.group_by(*KEYS, "table", "measure").agg(sums)
    single = parts.join(several, on=["source", "institution"], how="semi")
    return pl.concat([whole, single.group_by(*KEYS, "table", "measure").agg(sums)])


def _several(material: Material) -> pl.DataFrame:
    """Source and institution, of sources that tell about two institutions or more."""
    named = material.rows.select("source", "institution").drop_nulls().unique()
    return named.filter(pl.len().over("source") > 1)


def _owners(material: Material, several: pl.DataFrame) -> pl.DataFrame:
    """Who is measured: every source with a row, good or turned away, and the institutions of some."""
    sources = pl.concat([material.rows.select("source"), material.turned.select("source")]).drop_nulls().unique()
    return pl.concat([sources.with_columns(institution=pl.lit(None, dtype=pl.String)), several])


def _values(parts: pl.DataFrame, owners: pl.DataFrame, known: tuple[Criterion, ...]) -> pl.DataFrame:
    names = pl.DataFrame({"criterion": QUALITIES}, schema={"criterion": pl.Enum(QUALITIES)})
    short = 1 - pl.col("numerator") / pl.col("denominator")
    weight = pl.col("denominator") / (pl.col("denominator") + HALF)
    # The sums run in the order of the sorted parts, so that equal drops give equal bytes.
    lowest = (pl.col("table") + "." + pl.col("measure")).sort_by(weight * short, "table", "measure").last()
    sums = parts.group_by(*KEYS, maintain_order=True).agg(
        pl.col("numerator", "denominator").sum(),
        mean=(short * weight).implode().list.sum() / weight.implode().list.sum(),
        worst=(short * weight).max(),
        lowest=lowest,
        perfect=(pl.col("numerator") == pl.col("denominator")).all(),
    )
    found = owners.join(names, how="cross").join(sums, on=KEYS, how="left", nulls_equal=True)
    silence = pl.col("criterion").cast(pl.String).replace({each.name: each.silence for each in known})
    number = pl.col("denominator").fill_null(0)
    enough = number >= FEW
    note = (
        pl.when(number == 0).then(silence).when(~enough).then(pl.lit(TOO_FEW)).when(~pl.col("perfect")).then("lowest")
    )
    return found.select(
        *KEYS,
        value=pl.when(enough).then((100 - 50 * (pl.col("mean") + pl.col("worst"))).clip(0, 100)),
        numerator=pl.col("numerator").fill_null(0),
        denominator=number,
        note=note,
    ).sort(KEYS, nulls_last=False)


def _ranking(quality: pl.DataFrame, material: Material) -> pl.DataFrame:
    whole = quality.filter(pl.col("institution").is_null())
    sums = whole.group_by("source").agg(
        known=pl.col("value").count().cast(pl.Int64), overall=pl.col("value").sort_by("criterion").mean()
    )
    rows = material.rows.group_by("source").agg(pl.col("rows").sum())
    placed = sums.join(rows, on="source", how="left").with_columns(
        pl.col("rows").fill_null(0), overall=pl.when(pl.col("known") >= KNOWN).then("overall")
    )
    ranked = placed.sort("overall", "source", descending=[True, False], nulls_last=True)
    place = pl.when(pl.col("overall").is_not_null()).then(pl.int_range(1, pl.len() + 1))
    return ranked.with_columns(place=place).select(pl.col(name).cast(kind) for name, kind in RANKING.items())
