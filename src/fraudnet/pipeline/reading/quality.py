"""The check of drops: what is good, what was turned away, how good each source is, what the mapping expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.contracts.quality import QUALITIES
from fraudnet.files import digest_of, write_bytes, write_json
from fraudnet.lists.cells import clean, guard
from fraudnet.pipeline.reading.source import place_of
from fraudnet.pipeline.request import Request
from fraudnet.settings import Settings
from fraudnet.sources.drop import Delivery
from fraudnet.sources.quality import history
from fraudnet.sources.quality.checks import checks
from fraudnet.sources.quality.clock import shifted
from fraudnet.sources.quality.expect import ABOVE, Verdict, enforce, verdicts
from fraudnet.sources.quality.history import Before, Report
from fraudnet.sources.quality.material import Material, gather
from fraudnet.sources.quality.measure import measure
from fraudnet.sources.quality.omissions import omissions, over_quarantine
from fraudnet.sources.quality.page import page
from fraudnet.sources.quality.report import as_report
from fraudnet.sources.quality.words import Words, by_owner, points
from fraudnet.sources.read import read_drops
from fraudnet.sources.sampling import sample

HTML, JSON, OMITTED = "quality.html", "quality.json", "omissions.csv"
MOST_BREAKS = 40  # more are in the JSON


@dataclass(frozen=True)
class Check:
    """What a check is asked: drops, mapping, cut-off, an earlier report to compare with, where to write the page.

    rows: only the first so many of each file are read; None reads all.
    """

    drops: tuple[Path, ...]
    mapping: Path | None = None
    as_of: date | None = None
    before: Path | None = None
    out: Path | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Checked:
    """What a check found: plain values for machines; tables and lines for people; the expectations."""

    figures: dict[str, Any]
    tables: list[dict[str, Any]]
    lines: list[str]
    held: list[Verdict]


def check_drops(asked: Check, settings: Settings, progress: Progress) -> Checked:
    """Read drops, measure every source, keep the report in the data directory, write page and JSON to `out`.

    The report is compared with `before`, else with the kept ones of the same drops as of earlier days. Below the
    minimum of an expectation everything is written all the same: `hold_expectations` refuses afterwards.
    """
    named = history.given(asked.before) if asked.before else None
    drops = asked.drops if asked.rows is None else _beginnings(asked, settings)
    request = Request(drops, asked.mapping)
    delivery = read_drops(request.drops, asked.mapping, place_of(request, settings), progress)
    progress("data quality", 0, 1)
    material = gather(delivery, asked.as_of)
    report, held = _reported(delivery, material, named, settings)
    missing = omissions(delivery, material)
    written = _written(asked.out, report, settings.language) if asked.out else []
    over = over_quarantine(material, settings.quarantine_most).to_dicts()
    progress("data quality", 1, 1)
    ledger = str(delivery.folder / "quarantine")
    broken = delivery.breaks.to_dicts()
    figures = {
        **report, "identifiers": identifiers(report), "ledger": ledger, "breaks": broken, "written": written,
        "omitted": _omitted(missing, asked.out or delivery.folder), "over_quarantine": over,
        "shifted": shifted(delivery.records).to_dicts(),
    }  # fmt: skip
    return Checked(figures, _tables(figures), _lines(figures), held)


def _omitted(missing: pl.DataFrame, folder: Path) -> dict[str, Any]:
    """How many accounts each institution left out, and the file that lists them; numbers stand in that file alone."""
    if missing.is_empty():
        return {"institutions": [], "file": None}
    cells = missing.with_columns(guard(clean("institution")), guard(clean("account_number")))
    path = write_bytes(folder / OMITTED, cells.write_csv(include_bom=True).encode())
    grave = pl.col("in_quarantine") & (pl.col("victims") > 0)
    counted = missing.group_by("institution").agg(
        accounts=pl.len().cast(pl.Int64), victims=(pl.col("victims") > 0).sum().cast(pl.Int64),
        turned=grave.sum().cast(pl.Int64),
    )  # fmt: skip
    order = ["turned", "victims", "accounts", "institution"]
    return {
        "institutions": counted.sort(order, descending=[True, True, True, False]).to_dicts(),
        "file": str(path),
    }


def _beginnings(asked: Check, settings: Settings) -> tuple[Path, ...]:
    """Drops with the first rows of each file, below the data directory, under the names of the whole ones."""
    rows = asked.rows or 1
    places = [settings.home / "cache" / "samples" / digest_of([str(d.resolve()), rows])[:16] for d in asked.drops]
    pairs = zip(asked.drops, places, strict=True)
    return tuple(sample(drop, asked.mapping, rows, place / drop.resolve().name).folder for drop, place in pairs)


def hold_expectations(found: Checked) -> None:
    """Raise TooLittleDataError when a source brought less than its mapping expects at the least."""
    enforce(found.held)


def _reported(
    delivery: Delivery, material: Material, named: Before | None, settings: Settings
) -> tuple[Report, list[Verdict]]:
    held = verdicts(delivery.mappings, material)
    kept = history.place_of(settings.home, [said.name for said in delivery.mappings])
    before = named or history.earlier(kept, material.day.isoformat())
    report = as_report(delivery, material, measure(material), held, before)
    history.keep(kept, report)
    return report, held


def _written(out: Path, report: Report, language: str) -> list[str]:
    html = write_bytes(out / HTML, page(report, language).encode())
    return [str(html), str(write_json(out / JSON, report))]


def identifiers(report: Report) -> list[dict[str, Any]]:
    """How many identifiers of each source are well formed, of those stated."""
    checked = {(table, name) for table, names in checks().items() for name in names}
    checked |= {("calls", "caller"), ("calls", "callee"), ("uses", "device_number")}
    return [
        {
            "table": row["table"],
            "source": row["source"],
            "measure": row["measure"],
            "stated": row["denominator"],
            "share": row["numerator"] / row["denominator"],
        }
        for row in report["parts"]
        if row["institution"] is None and (row["table"], row["measure"]) in checked
    ]


def _tables(figures: dict[str, Any]) -> list[dict[str, Any]]:
    words = Words("en")
    keys = ("table", "files", "rows_in", "good", "quarantined", "not_selected")
    made = [{"title": "Rows", "head": [key.replace("_", " ") for key in keys], "rows": _plain(figures["tables"], keys)}]
    if figures["omitted"]["institutions"]:
        titles = ("institution", "accounts", "named by victims", "of these in quarantine")
        rows = _plain(figures["omitted"]["institutions"], ("institution", "accounts", "victims", "turned"))
        made.insert(
            0, {"title": "Accounts that others name and their own institution lacks", "head": titles, "rows": rows}
        )
    if figures["rules"]:
        rules = _plain(figures["rules"], ("table", "rule", "rows"))
        made.append({"title": "Quarantined, by rule", "head": ("table", "rule", "rows"), "rows": rules})
    values = by_owner(figures)
    ranked = [
        [row["place"], row["source"], *(_points(values[row["source"], None][name]["value"]) for name in QUALITIES),
         _points(row["overall"])]
        for row in figures["ranking"]
    ]  # fmt: skip
    head = ("place", "source", *(words.criterion(name) for name in QUALITIES), "overall")
    made.append({"title": f"Sources, 0 to 100, before {figures['as_of']}", "head": head, "rows": ranked})
    if figures["breaks"]:
        told = ("file", "row", "rule")
        shown = _plain(figures["breaks"][:MOST_BREAKS], told)
        made.append({"title": "Statements that do not add up", "head": told, "rows": shown})
    if figures["expectations"]:
        keys = ("source", "table", "got", "min", "max", "result")
        made.append({"title": "Expectations", "head": keys, "rows": _plain(figures["expectations"], keys)})
    return made


def _points(value: float | None) -> str:
    return "-" if value is None else points(value)


def _plain(rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> list[list[Any]]:
    return [[row[key] for key in keys] for row in rows]


def _lines(figures: dict[str, Any]) -> list[str]:
    lines = [f"quarantine ledger: {figures['ledger']}"] if figures["rules"] else []
    if figures["omitted"]["file"]:
        lines.append(f"accounts left out, the gravest first: {figures['omitted']['file']}")
    for row in figures["shifted"]:
        lines.append(
            f"warning: {row['source']} ({row['table']}): {row['night']:.0%} of its rows lie between 0 and 6 at night, "
            f'{row["moved"]:.0%} if it were seven hours later: its times look like UTC; say timezone = "UTC"'
        )
    for row in figures["over_quarantine"]:
        lines.append(f"warning: {row['institution']}: {row['share']:.1%} of {row['rows']:,} rows are in quarantine")
    above = [row for row in figures["expectations"] if row["result"] == ABOVE]
    for row in above:
        what = row["table"] or "quarantine share"
        lines.append(f"warning: {row['source']}/{what}: {row['got']:,} is above the expected {row['max']:,}")
    return [*lines, *(f"written: {path}" for path in figures["written"])]
