"""Sheets for who decides: what other lines would bring and where, whom it hits, ministry units, what moved."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from fraudnet.campaign.words import Words, dense, weak
from fraudnet.rendering import measure
from fraudnet.rendering.numbers import whole
from fraudnet.rendering.page import Sheet
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table

Row = dict[str, Any]
PLACES, MOVED, UNFAIR = 12, 6, 10  # rows that are told on the page; points above the whole that are marked
SHOWN_LINES = ("flagged", "0.1", "0.3")
BY = ("age_band", "holder_kind", "source")


def line_name(line: str, said: Words) -> str:
    """What a line is called: the list as it is, or the probability from which it would begin."""
    return said("line.own") if line == "flagged" else said("line.from", share=said.share(float(line)))


def what_if(found: Row, said: Words) -> Sheet | None:
    """Per line: entries, people, rings, expected at fault and honest on one scale, what would be left behind."""
    lines = found["lines"]
    if not lines:
        return None
    most = max(row["entries"] for row in lines) or 1
    rows = [
        [Cell(line_name(row["line"], said), tone="strong" if row["line"] == "flagged" else ""),
         Cell(whole(row["entries"])), Cell("", chart=measure.parts(row["fault"] / most, row["honest"] / most)),
         Cell(whole(row["fault"])), Cell(whole(row["honest"])), Cell(whole(row["people"])), Cell(whole(row["rings"])),
         Cell(whole(row["left"]), tone="quiet")]
        for row in lines
    ]  # fmt: skip
    heads = [Head(said("col.line")), Head(said("col.items"), RIGHT), Head("", wide=True)]
    heads += [Head(said(f"col.{name}"), RIGHT) for name in ("fault", "honest", "people", "rings", "left")]
    return Sheet(said("what_if"), table(Table(said("what_if"), heads, rows)), said("what_if.note"), 12)


def where(found: Row, said: Words) -> Sheet | None:
    """Where the entries of each line would stand, the largest provinces and institutions; the workbook has all."""
    if not found["lines"]:
        return None
    lines = [row["line"] for row in found["lines"] if row["line"] in SHOWN_LINES]
    sides = []
    for by in ("province", "institution"):
        known = [row for row in found["line_places"] if row["by"] == by]
        order = list(dict.fromkeys(row["place"] for row in known if row["line"] == "flagged"))[:PLACES]
        cells = {(row["place"], row["line"]): row for row in known}
        rows = [
            [Cell(said.place(place) if by == "province" else found["names"].get(place, place)),
             *(_both(cells.get((place, line))) for line in lines)]
            for place in order
        ]  # fmt: skip
        heads = [Head(said(f"col.{by}")), *(Head(line_name(line, said), RIGHT) for line in lines)]
        sides.append(dense(Table(said(f"where.{by}"), heads, rows, said("nothing"))))
    both = Markup('<div class="two">{}</div>').format(Markup("").join(sides))
    return Sheet(said("where"), both, said("where.note", n=PLACES), 12)


def _both(row: Row | None) -> Cell:
    """Entries, and how many of them are expected to be honest."""
    return Cell("–", tone="quiet") if row is None else Cell(f"{whole(row['entries'])} (− {whole(row['honest'])})")


def fairness(found: Row, said: Words) -> Sheet:
    """Whom it hits: wrongly flagged by age band, kind of holder and source, with the interval of the share."""
    total = found["whole"]
    usual = total["wrong"] / total["judged"] if total["judged"] else 0.0
    rows = []
    for row in found["harm"]:
        worse = row["enough"] and row["low_wrong"] > usual + UNFAIR / 100
        drawn = (
            measure.interval(row["low_wrong"], row["wrong_share"], row["high_wrong"], usual, worse)
            if row["enough"]
            else None
        )
        share = said.share(row["wrong_share"]) if row["enough"] else said("too_few")
        name = said(f"harm.{row['by']}.{row['group']}")
        rows.append([Cell(name, tone=weak(worse)), Cell(whole(row["items"]), tone="quiet"), Cell(whole(row["wrong"])),
                     Cell("", chart=drawn), Cell(share, tone=weak(worse))])  # fmt: skip
    heads = [Head(said("col.group")), Head(said("col.items"), RIGHT), Head(said("col.cleared"), RIGHT),
             Head("", wide=True), Head(said("col.wrong_share"), RIGHT)]  # fmt: skip
    told = dense(Table(said("fairness"), heads, rows, said("nothing")))
    return Sheet(said("fairness"), told, said("fairness.note"), 7 if found["ministries"] else 12)


def ministries(found: Row, said: Words) -> Sheet | None:
    """Totals of the ministry's units, where the wave names any."""
    if not found["ministries"]:
        return None
    rows = [
        [Cell(row["ministry"], tone=weak(row["share"] < found["plan"])),
         Cell("", chart=measure.planned(row["share"], found["plan"])), Cell(said.share(row["share"])),
         Cell(whole(row["items"])), Cell(whole(row["overdue"]), tone=weak(row["overdue"] > 0)),
         Cell(whole(row["right"])), Cell(whole(row["wrong"]))]
        for row in found["ministries"]
    ]  # fmt: skip
    heads = [Head(said("col.ministry")), Head("", wide=True)]
    heads += [Head(said(f"col.{name}"), RIGHT) for name in ("done", "items", "overdue", "confirmed", "cleared")]
    return Sheet(said("ministries"), dense(Table(said("ministries"), heads, rows)), "", 5)


def since(found: Row, said: Words) -> Markup:
    """Who moved most since the last report: the share of items looked at, then and now."""
    if not found["since"]:
        return Markup("")
    rows = [
        [Cell(said.place(row["name"]) if row["by"] == "province" else row["name"]), Cell(said.share(row["before"])),
         Cell(said.share(row["now"]), tone=weak(row["now"] < row["before"]))]
        for row in found["since"][:MOVED]
    ]  # fmt: skip
    heads = [Head(said("col.who")), Head(said("col.then"), RIGHT), Head(said("col.now"), RIGHT)]
    return table(Table(said("changes.who"), heads, rows))
