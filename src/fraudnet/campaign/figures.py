"""The figures of a report: progress, precision, money, misses, harm, by unit, province, bank, operator and month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

import polars as pl

from fraudnet.campaign.wave import Wave, assigned
from fraudnet.expressions import LOCAL_ZONE, local_day

Row = dict[str, Any]
CONFIDENCE_90 = 1.6449
FEWEST = 20  # decided items below which no precision is told
STEPS = ((1, 1), (2, 2), (3, 3), (4, 7), (8, None))  # days until an honest person was cleared
SPARED = ("victim", "good_faith")
HARMED = ("age_band", "holder_kind", "source")


@dataclass(frozen=True)
class Known:
    """What a report is made from.

    entries: institution, kind, entity_id, province, commune, age_band, holder_kind, source, probability, value,
    listed_on. lines: line (`flagged`, or a probability), entries, people, rings, fault, honest, left; line_places:
    line, by (province, institution), place, entries, honest. drawn: entries that the queue drew by lot and
    showed without a score. decisions: contract Disposition
    (standing ones). holds: contract CaseHold; cases: contract Case; institutions: institution, kind, name. quality:
    source, criterion, value. scored: how many were scored beside the flagged.
    """

    now: datetime
    wave: Wave
    entries: pl.DataFrame
    decisions: pl.DataFrame
    holds: pl.DataFrame
    cases: pl.DataFrame
    institutions: pl.DataFrame
    quality: pl.DataFrame
    scored: int
    lines: pl.DataFrame = field(default_factory=pl.DataFrame)
    line_places: pl.DataFrame = field(default_factory=pl.DataFrame)
    drawn: frozenset[str] = frozenset()


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 90 % interval of a share (Wilson 1927); 0 to 1 where nothing was seen."""
    if n == 0:
        return 0.0, 1.0
    z, share = CONFIDENCE_90, hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def judged(known: Known) -> pl.DataFrame:
    """The items of the wave with unit, last standing decision and when: outcome null while nobody decided."""
    kept = known.decisions.select("entity", "outcome", "role", "decided_at", "selected_by").filter(
        pl.col("decided_at") < known.now
    )
    last = kept.sort("entity", "decided_at", "outcome").unique("entity", keep="last", maintain_order=True)
    items = assigned(known.entries, known.wave).join(last, left_on="entity_id", right_on="entity", how="left")
    wrong = (pl.col("outcome") == "cleared") | pl.col("role").cast(pl.String).is_in(SPARED)
    right = (pl.col("outcome") == "confirmed") & ~wrong.fill_null(False)
    due = pl.col("listed_on") + timedelta(days=known.wave.due_days)
    today = local_day(known.now)
    return items.with_columns(
        done=pl.col("outcome").is_not_null(),
        right=right.fill_null(False),
        wrong=wrong.fill_null(False),
        overdue=pl.col("outcome").is_null() & (due < today),
    ).sort("entity_id")


def groups(items: pl.DataFrame, by: str) -> list[Row]:
    """Items, decided, overdue, right, wrong and expected at fault per value of a column, the least done last."""
    chance = pl.col("probability").sort().implode().list.sum()
    sums = [pl.col(name).sum().cast(pl.Int64) for name in ("done", "overdue", "right", "wrong")]
    found = items.drop_nulls(by).group_by(by).agg(pl.len().cast(pl.Int64).alias("items"), *sums, expected=chance)
    rows = [with_precision({**row, "share": row["done"] / row["items"]}) for row in found.iter_rows(named=True)]
    return sorted(rows, key=lambda row: (-row["share"], -row["items"], row[by]))


def with_precision(row: Row) -> Row:
    """A row with how many of its judged flags were right, and the 90 % interval; null where too few were judged."""
    n = row["right"] + row["wrong"]
    low, high = wilson(row["right"], n)
    enough = n >= FEWEST
    return {
        **row,
        "judged": n,
        "precision": row["right"] / n if n else None,
        "low": low,
        "high": high,
        "enough": enough,
    }


def progress(items: pl.DataFrame, known: Known) -> dict[str, list[float]]:
    """Per institution the share looked at by the end of each week of the wave up to now, the last point today."""
    today = min(local_day(known.now), known.wave.end)
    weeks = [known.wave.start + timedelta(days=6 + 7 * n) for n in range(((today - known.wave.start).days + 1) // 7)]
    ends = [day for day in weeks if day < today] + [today]
    day = pl.col("decided_at").dt.convert_time_zone(LOCAL_ZONE).dt.date()
    sums = [(day <= end).sum().alias(str(place)) for place, end in enumerate(ends)]
    told = items.drop_nulls("institution").group_by("institution").agg(pl.len().alias("n"), *sums)
    return {row["institution"]: [row[str(place)] / row["n"] for place in range(len(ends))]
            for row in told.iter_rows(named=True)}  # fmt: skip


def drawn_precision(items: pl.DataFrame, drawn: frozenset[str]) -> Row:
    """How many flags were right among those drawn by lot: what decided first by value cannot distort."""
    mine = items.filter(pl.col("entity_id").is_in(sorted(drawn)))
    return with_precision({name: int(mine[name].sum()) for name in ("right", "wrong")})


def months(items: pl.DataFrame) -> list[Row]:
    """Decided, right and wrong by month of the decision."""
    month = pl.col("decided_at").dt.convert_time_zone(LOCAL_ZONE).dt.strftime("%Y-%m")
    done = items.filter("done").with_columns(month=month)
    sums = [pl.col(name).sum().cast(pl.Int64) for name in ("right", "wrong")]
    return done.group_by("month").agg(pl.len().cast(pl.Int64).alias("done"), *sums).sort("month").to_dicts()


def waiting(items: pl.DataFrame) -> tuple[list[Row], float | None]:
    """How long the wrongly flagged waited until they were cleared, in steps, and the median in days."""
    day = pl.col("decided_at").dt.convert_time_zone(LOCAL_ZONE).dt.date()
    waited = items.filter("wrong").select(days=(day - pl.col("listed_on")).dt.total_days().clip(1))["days"]
    steps = [
        {"first": low, "last": high, "n": int(((waited >= low) & (waited <= (high or 10**6))).sum())}
        for low, high in STEPS
    ]
    middle = waited.median()
    return steps, None if middle is None else float(str(middle))


def misses(known: Known) -> Row:
    """How many were overlooked, by the items drawn by lot outside the lists: estimate and 90 % interval."""
    drawn = known.decisions.filter(
        (pl.col("selected_by").cast(pl.String) == "random") & (pl.col("decided_at") < known.now)
    )
    outside = drawn.join(known.entries.select(entity="entity_id"), on="entity", how="anti").unique("entity")
    found = outside.filter(pl.col("outcome").cast(pl.String) == "confirmed").height
    low, high = wilson(found, outside.height)
    rest = max(known.scored - known.entries.height, 0)
    estimate = round(rest * found / outside.height) if outside.height else None
    return {"drawn": outside.height, "found": found, "estimate": estimate, "low": round(rest * low),
            "high": round(rest * high), "rest": rest}  # fmt: skip


def saved(known: Known, items: pl.DataFrame) -> Row:
    """Money on accounts that were confirmed: proposed to hold, still there by every rule, and what victims lost."""
    right = items.filter("right").select("entity_id")
    mine = known.holds.join(right, on="entity_id", how="semi")
    accounts = mine.filter(pl.col("hold") > 0).height
    return {"held": int(mine["hold"].sum()), "floor": int(mine["floor"].sum()), "accounts": accounts,
            "lost": int(known.cases["lost"].sum()), "cases": known.cases.filter(pl.col("lost") > 0).height}  # fmt: skip


def harm(items: pl.DataFrame) -> list[Row]:
    """Per age band, kind of holder and source: items, judged, wrongly flagged, and the 90 % interval of their share."""
    found = []
    for by in HARMED:
        for row in groups(items, by):
            low, high = wilson(row["wrong"], row["judged"])
            share = row["wrong"] / row["judged"] if row["judged"] else None
            counts = {name: row[name] for name in ("items", "judged", "wrong", "enough")}
            found.append(
                {"by": by, "group": row[by], **counts, "wrong_share": share, "low_wrong": low, "high_wrong": high}
            )
    return sorted(found, key=lambda row: (HARMED.index(row["by"]), not row["group"].startswith("under"), row["group"]))


def by_ministry(items: pl.DataFrame, wave: Wave) -> list[Row]:
    """The units' figures added up per ministry unit above them."""
    above = {unit.unit: unit.ministry for unit in wave.units if unit.ministry}
    named = pl.col("unit").replace_strict(above, default=None, return_dtype=pl.String)
    return groups(items.with_columns(ministry=named), "ministry")


def quality(known: Known) -> list[Row]:
    """One row per source with its six criteria and their mean, the best first; what is not known stays null."""
    found: dict[str, Row] = {}
    for source, criterion, value in known.quality.select(
        "source", pl.col("criterion").cast(pl.String), "value"
    ).iter_rows():
        found.setdefault(source, {"source": source})[criterion] = value
    for row in found.values():
        told = [value for name, value in row.items() if name != "source" and value is not None]
        row["overall"] = sum(sorted(told)) / len(told) if told else None
    return sorted(
        found.values(), key=lambda row: (-(row["overall"] if row["overall"] is not None else -1), row["source"])
    )


def figures(known: Known) -> Row:
    """Everything a report says, as plain values; equal inputs give equal values."""
    items = judged(known)
    kinds = dict(known.institutions.select("institution", pl.col("kind").cast(pl.String)).iter_rows())
    names = dict(known.institutions.select("institution", "name").iter_rows())
    places = groups(items, "institution")
    curves = progress(items, known)
    for row in places:
        row["curve"] = curves[row["institution"]]
        row["name"], row["kind"] = names.get(row["institution"]) or row["institution"], kinds.get(row["institution"])
    steps, middle = waiting(items)
    sums = {name: int(items[name].sum()) for name in ("done", "overdue", "right", "wrong")}
    chances = items["probability"].drop_nulls()  # a run without a model gives none
    whole = with_precision({"items": items.height, **sums, "expected": sum(sorted(chances))})
    return {
        "wave": known.wave.name, "start": known.wave.start, "end": known.wave.end, "now": known.now,
        "plan": known.wave.plan(local_day(known.now)), "whole": whole, "units": groups(items, "unit"),
        "unassigned": items["unit"].null_count(), "provinces": groups(items, "province"),
        "banks": [row for row in places if row["kind"] != "operator"],
        "operators": [row for row in places if row["kind"] == "operator"], "months": months(items),
        "waiting": steps, "median_days": middle, "misses": misses(known), "saved": saved(known, items),
        "drawn": drawn_precision(items, known.drawn), "quality": quality(known), "cases": known.cases.height,
        "harm": harm(items), "names": names,
        "ministries": by_ministry(items, known.wave), "lines": known.lines.to_dicts(),
        "line_places": known.line_places.to_dicts(), "since": [],
    }  # fmt: skip


def changes(now: Row, before: Row | None) -> list[tuple[str, int]]:
    """What moved since the last report: key and difference; nothing where there was none before."""
    if before is None:
        return []
    pairs = [("items", "whole"), ("done", "whole"), ("overdue", "whole"), ("wrong", "whole"), ("right", "whole"),
             ("held", "saved")]  # fmt: skip
    moved = [(key, int(now[part][key]) - int(before[part][key])) for key, part in pairs]
    return [*moved, ("cases", int(now["cases"]) - int(before.get("cases") or 0))]


def movers(now: Row, before: Row | None) -> list[Row]:
    """Units, institutions and provinces whose share of items looked at is another than in the last report."""
    found = []
    for part, by, name in (("units", "unit", "unit"), ("banks", "institution", "name"),
                           ("operators", "institution", "name"), ("provinces", "province", "province")):  # fmt: skip
        then = {row[by]: row["share"] for row in (before or {}).get(part, [])}
        found += [{"by": by, "name": row[name], "before": then[row[by]], "now": row["share"]}
                  for row in now[part] if row[by] in then and row["share"] != then[row[by]]]  # fmt: skip
    return sorted(found, key=lambda row: (-abs(row["now"] - row["before"]), row["by"], row["name"]))
