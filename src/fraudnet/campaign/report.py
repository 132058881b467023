"""The report as one page: a headline that says the finding, four figures, ordered bars, dots with intervals."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from fraudnet.campaign.outlook import fairness, ministries, since, what_if, where
from fraudnet.campaign.words import Words, dense, weak
from fraudnet.contracts.quality import QUALITIES
from fraudnet.expressions import local_day
from fraudnet.rendering import measure
from fraudnet.rendering.numbers import HARD, change, day, decimal, whole
from fraudnet.rendering.page import Figure, Page, Sheet, render
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table
from fraudnet.runs.version import code_version

Row = dict[str, Any]
BILLION = 1_000_000_000
PROMISE, LOW_QUALITY, CLEAR_DAYS = 0.6, 60.0, 2
NAMES = {"unit": "unit", "province": "province", "institution": "name"}


def page(found: Row, moved: list[tuple[str, int]], language: str, places: dict[str, str]) -> str:
    """The report as an HTML document without script. places: names of provinces by code."""
    said = Words(language, places)
    sheets = [
        _progress(found, said), _precision(found, said), _banks(found, said), _harm(found, said),
        what_if(found, said), where(found, said), fairness(found, said), ministries(found, said),
        _quality(found, said), _months(found, said), _changes(found, moved, said),
    ]  # fmt: skip
    return render(
        Page(
            language=language,
            trail=said("trail", wave=found["wave"], start=day(found["start"]), end=day(found["end"])),
            cut_off=said("cut_off", day=day(local_day(found["now"]))),
            title=headline(found, said),
            facts=said("facts", items=whole(found["whole"]["items"]), provinces=len(found["provinces"]),
                       banks=len(found["banks"]), operators=len(found["operators"]), cases=whole(found["cases"])),
            figures=_figures(found, said),
            sheets=[sheet for sheet in sheets if sheet is not None],
            foot=said("foot", version=code_version()),
            skip=said("skip"),
        )
    )  # fmt: skip


def headline(found: Row, said: Words) -> str:
    """The finding in one sentence: on plan or behind, how many provinces are slow, who keeps no promise."""
    behind = [row for row in found["provinces"] if row["share"] < found["plan"]]
    below = [row for row in found["banks"] + found["operators"] if row["enough"] and row["high"] < PROMISE]
    ahead = found["whole"]["done"] >= found["plan"] * found["whole"]["items"]
    parts = [said("head.ahead" if ahead else "head.behind", wave=found["wave"])]
    parts += [said("head.slow", n=len(behind))] if behind else []
    parts += [said("head.below", name=below[0]["name"])] if below else []
    return "; ".join(parts)


def billions(amount: int) -> str:
    """`86,4 tỷ đ` for headlines; whole millions below a billion."""
    if amount >= BILLION:
        return f"{decimal(amount / BILLION)}{HARD}tỷ{HARD}đ"
    return f"{whole(amount / 1_000_000)}{HARD}tr{HARD}đ"


def _figures(found: Row, said: Words) -> list[Figure]:
    whole_, money = found["whole"], found["saved"]
    share = whole_["done"] / whole_["items"] if whole_["items"] else 0.0
    right = (
        measure.interval(whole_["low"], whole_["precision"] or 0, whole_["high"], PROMISE)
        if whole_["judged"]
        else Markup("")
    )
    told = said("figure.right.value", n=round(100 * whole_["precision"])) if whole_["judged"] else said("too_few")
    kept = money["held"] / money["lost"] if money["lost"] else 0.0
    late = sum(step["n"] for step in found["waiting"] if step["first"] > CLEAR_DAYS)
    slow = late / whole_["wrong"] if whole_["wrong"] else 0.0
    return [
        Figure(said("figure.done"), said("figure.done.value", n=whole(whole_["done"])),
               said("figure.done.note", share=said.share(share), plan=said.share(found["plan"]),
                    late=whole(whole_["overdue"])),
               measure.planned(share, found["plan"], 8)),
        Figure(said("figure.right"), told, said("figure.right.note", low=round(100 * whole_["low"]),
               high=round(100 * whole_["high"]), n=whole(whole_["judged"])), right),
        Figure(said("figure.saved"), billions(money["held"]), said("figure.saved.note", cases=whole(money["cases"]),
               share=said.share(kept)), measure.planned(kept, None, 8)),
        Figure(said("figure.wrong"), said("figure.wrong.value", n=whole(whole_["wrong"])),
               said("figure.wrong.note", days=CLEAR_DAYS, late=whole(late)), measure.part_bar(slow, late > 0)),
    ]  # fmt: skip


def _progress(found: Row, said: Words) -> Sheet:
    every = found["provinces"]
    half = (len(every) + 1) // 2
    heads = [Head(said("col.province")), Head("", wide=True), Head("%", RIGHT), Head(said("col.items"), RIGHT)]
    parts = [every[:half], every[half:]] if every else [[]]
    sides = [
        table(
            Table(
                said("progress.provinces"), heads, [_place(row, found["plan"], said) for row in part], said("nothing")
            )
        )
        for part in parts
    ]
    body = Markup('<div class="pair">{}</div>').format(Markup("").join(sides))
    return Sheet(said("progress.provinces"), body, said("progress.note", plan=said.share(found["plan"])), 7)


def _place(row: Row, plan: float, said: Words) -> list[Cell]:
    tone = weak(row["share"] < plan)
    drawn = Cell("", chart=measure.planned(row["share"], plan))
    name = said.place(row["province"])
    return [
        Cell(name, tone=tone),
        drawn,
        Cell(whole(100 * row["share"]), tone=tone),
        Cell(whole(row["items"]), tone="quiet"),
    ]


def _precision(found: Row, said: Words) -> Sheet:
    every = sorted(found["banks"] + found["operators"], key=lambda r: (-(r["precision"] or 0), r["name"]))
    rows = []
    for row in every:
        low = row["enough"] and row["high"] < PROMISE
        drawn = (
            measure.interval(row["low"], row["precision"] or 0, row["high"], PROMISE, low) if row["enough"] else None
        )
        figure = whole(100 * row["precision"]) if row["enough"] else said("too_few")
        rows.append([Cell(row["name"], tone=weak(low)), Cell("", chart=drawn), Cell(figure, tone=weak(low)),
                     Cell(whole(row["judged"]), tone="quiet")])  # fmt: skip
    heads = [
        Head(said("col.institution")),
        Head("", wide=True),
        Head(said("col.right"), RIGHT),
        Head(said("col.judged"), RIGHT),
    ]
    lot = found["drawn"]
    told = {"n": whole(lot["judged"]), "right": whole(lot["right"]), "low": round(100 * lot["low"]),
            "high": round(100 * lot["high"])}  # fmt: skip
    note = said("drawn" if lot["enough"] else "drawn.few", **told)
    body = dense(Table(said("precision"), heads, rows, said("nothing"))) + _paragraph(note)
    return Sheet(said("precision"), body, said("precision.note"), 5)


def _banks(found: Row, said: Words) -> Sheet:
    """Small multiples of banks and operators on one frame, and the units as a table."""
    several = Markup("").join(_multiple(row, found["plan"], said) for row in (*found["banks"], *found["operators"]))
    rows = [_who({**row, "name": row["unit"]}, found["plan"], said) for row in found["units"]]
    heads = [Head(said("col.who")), Head("", wide=True), Head(said("col.done"), RIGHT), Head(said("col.items"), RIGHT),
             Head(said("col.overdue"), RIGHT)]  # fmt: skip
    units = dense(Table(said("banks"), heads, rows)) if rows else Markup("")
    note = said("banks.note", n=whole(found["unassigned"]))
    return Sheet(said("banks"), Markup('<ul class="multiples">{}</ul>').format(several) + units, note, 7)


def _multiple(row: Row, plan: float, said: Words) -> Markup:
    """One bank or operator: name, share looked at, items, overdue, and its way beside the plan."""
    behind = row["share"] < plan
    late = f", {said('late', n=whole(row['overdue']))}" if row["overdue"] else ""
    told = said("of_items", share=said.share(row["share"]), n=whole(row["items"]))
    return Markup('<li><b title="{}">{}</b><span class="{}">{}</span>{}</li>').format(
        row["name"], row["name"], "quiet weak" if behind else "quiet", told + late,
        measure.curve(row["curve"], plan, behind),
    )  # fmt: skip


def _who(row: Row, plan: float, said: Words) -> list[Cell]:
    late = weak(row["overdue"] > 0)
    drawn = Cell("", chart=measure.planned(row["share"], plan))
    figures = [Cell(said.share(row["share"])), Cell(whole(row["items"])), Cell(whole(row["overdue"]), tone=late)]
    return [Cell(row["name"], tone=weak(row["share"] < plan)), drawn, *figures]


def _harm(found: Row, said: Words) -> Sheet:
    most = max((step["n"] for step in found["waiting"]), default=0) or 1
    rows = [
        [Cell(_step(step, said), tone=weak(step["first"] > CLEAR_DAYS and step["n"] > 0)),
         Cell("", chart=measure.part_bar(step["n"] / most, step["first"] > CLEAR_DAYS)), Cell(whole(step["n"]))]
        for step in found["waiting"]
    ]  # fmt: skip
    heads = [Head(said("col.days")), Head("", wide=True), Head(said("col.people"), RIGHT)]
    missed = found["misses"]
    note = (
        said("misses.none")
        if missed["estimate"] is None
        else said(
            "misses",
            n=whole(missed["estimate"]),
            low=whole(missed["low"]),
            high=whole(missed["high"]),
            drawn=whole(missed["drawn"]),
        )
    )
    body = dense(Table(said("harm"), heads, rows, said("nothing")))
    return Sheet(said("harm"), body + _paragraph(note), said("harm.note", days=CLEAR_DAYS), 5)


def _paragraph(said: str) -> Markup:
    return Markup('<p class="note">{}</p>').format(said)


def _step(step: Row, said: Words) -> str:
    if step["last"] is None:
        return said("days.more", n=step["first"])
    return (
        said("days.one", n=step["first"])
        if step["first"] == step["last"]
        else said("days.span", a=step["first"], b=step["last"])
    )


def _quality(found: Row, said: Words) -> Sheet | None:
    if not found["quality"]:
        return None
    names = (*QUALITIES, "overall")
    rows = [[Cell(row["source"]), *(_points(row.get(name)) for name in names)] for row in found["quality"]]
    heads = [Head(said("col.source")), *(Head(said(f"quality.{name}"), RIGHT) for name in names)]
    return Sheet(said("quality"), table(Table(said("quality"), heads, rows)), said("quality.note"), 12)


def _points(value: float | None) -> Cell:
    if value is None:
        return Cell("–", chart=measure.part_bar(0))
    return Cell(whole(value), chart=measure.planned(value / 100, None, 3), tone=weak(value < LOW_QUALITY))


def _months(found: Row, said: Words) -> Sheet:
    most = max((row["done"] for row in found["months"]), default=0) or 1
    rows = [
        [Cell(f"{row['month'][5:]}/{row['month'][:4]}"), Cell("", chart=measure.part_bar(row["done"] / most)),
         Cell(whole(row["done"])), Cell(whole(row["right"])), Cell(whole(row["wrong"]))]
        for row in found["months"]
    ]  # fmt: skip
    counted = [Head(said(f"col.{name}"), RIGHT) for name in ("decided", "confirmed", "cleared")]
    heads = [Head(said("col.month")), Head("", wide=True), *counted]
    return Sheet(said("months"), dense(Table(said("months"), heads, rows, said("nothing"))), "", 7)


def _changes(found: Row, moved: list[tuple[str, int]], said: Words) -> Sheet:
    rows = [[Cell(said(f"change.{key}")), Cell(billions(n) if key == "held" else change(n))] for key, n in moved]
    heads = [Head(said("col.what")), Head(said("col.change"), RIGHT)]
    told = dense(Table(said("changes"), heads, rows, said("changes.none")))
    return Sheet(said("changes"), told + since(found, said), "", 5)
