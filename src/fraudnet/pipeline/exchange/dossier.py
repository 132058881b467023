"""The paper that the data-protection law asks for, written from the run itself: Markdown, and the same as a page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dataframely as dy
from markupsafe import Markup

from fraudnet.contracts.columns import Record
from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.grades import DAYS
from fraudnet.contracts.results import ListEntry
from fraudnet.files import write_bytes
from fraudnet.lists.header import local_minute
from fraudnet.messages import text
from fraudnet.pipeline.exchange.publication import newest
from fraudnet.rendering.page import Page, Sheet, render
from fraudnet.rendering.table import Cell, Head, Table, table
from fraudnet.runs.manifest import verify
from fraudnet.settings import Settings

# Law 91/2025/QH15 and Decree 356/2025: accounts, transactions, telecom behaviour, biometrics and violations of law are
# sensitive; names, papers and addresses are basic personal data.
SENSITIVE = {
    "accounts", "transfers", "cash", "calls", "account_events", "sim_events", "uses", "reports", "dispositions",
    "adverts", "events", "links",
}  # fmt: skip
BASIC = {"identities", "sims", "holdings"}
FACE = ("identities", "face_id")
MEASURES = ("keys", "pseudonyms", "own", "record", "erasure", "modes", "network", "review", "contest")
TO_ADD = ("unit", "officer", "basis", "transfer", "date")
PURPOSES = ("rank", "list", "answer", "redress")
Section = tuple[str, list[str], list[list[str]]]


def write_dossier(run: Path, out: Path, settings: Settings) -> dict[str, Any]:
    """Write `dossier.md` and `dossier.html` about a run: purposes, fields, recipients, retention, measures.

    Only what the run and the code know stands in it; what the unit must add itself is asked for by name.
    """
    folder = newest(run)
    manifest = verify(folder)
    sections = _sections(folder, manifest, settings)
    out.mkdir(parents=True, exist_ok=True)
    title = text("dossier.title", settings.language)
    facts = text("dossier.facts", settings.language, run=folder.name, as_of=local_minute(_as_of(manifest)))
    files = [
        write_bytes(out / "dossier.md", _markdown(title, facts, sections).encode()),
        write_bytes(out / "dossier.html", render(_page(title, facts, sections, settings, manifest)).encode()),
    ]
    return {"files": [str(path) for path in files], "sections": [name for name, _, _ in sections]}


def _as_of(manifest: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(manifest["as_of"]).astimezone(UTC)


def _sections(folder: Path, manifest: dict[str, Any], settings: Settings) -> list[Section]:
    def say(name: str, **values: object) -> str:
        return text(f"dossier.{name}", settings.language, **values)

    pairs = [say("what"), say("detail")]
    return [
        (say("purposes"), pairs, [[say(f"purpose.{name}"), say(f"purpose.{name}.detail")] for name in PURPOSES]),
        (say("fields"), [say("table"), say("field"), say("sensitivity"), say("meaning")], _fields(manifest, say)),
        (say("produced"), pairs, _columns(ListEntry)),
        (say("recipients"), [say("recipient"), say("entries")], _recipients(folder)),
        (say("retention"), pairs, _retention(say)),
        (say("measures"), pairs, [[say(f"measure.{name}"), say(f"measure.{name}.detail")] for name in MEASURES]),
        (
            say("to_add"),
            pairs,
            [[say(f"add.{name}"), "…"] for name in TO_ADD],
        ),
    ]


def _fields(manifest: dict[str, Any], say: Any) -> list[list[str]]:
    """Every field of every table that the run read, with how sensitive it is."""
    read = sorted({row["table"] for row in manifest.get("rows", []) if row.get("good")} & RECORDS.keys())
    return [
        [name, field, say(f"sensitivity.{_sensitivity(name, field)}"), meaning]
        for name in read
        for field, meaning in _columns(RECORDS[name])
        if field not in Record.columns()  # where a row came from is no datum about anybody
    ]


def _sensitivity(name: str, field: str) -> str:
    if name in SENSITIVE or (name, field) == FACE:
        return "sensitive"
    return "basic" if name in BASIC else "none"


def _columns(schema: type[dy.Schema]) -> list[list[str]]:
    return [[name, str(column.description or "")] for name, column in schema.columns().items()]


def _recipients(folder: Path) -> list[list[str]]:
    import polars as pl

    entries = pl.scan_parquet(folder / "list_entries.parquet").group_by("institution").len().sort("institution")
    return [[str(name), str(count)] for name, count in entries.collect().iter_rows()]


def _retention(say: Any) -> list[list[str]]:
    rows = [[say(f"retention.{name}"), say("days", days=days)] for name, days in DAYS.items()]
    return [*rows, [say("retention.record"), say("retention.record.detail")]]


def _markdown(title: str, facts: str, sections: list[Section]) -> str:
    parts = [f"# {title}", facts]
    for name, heads, rows in sections:
        lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
        parts += [f"## {name}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _page(title: str, facts: str, sections: list[Section], settings: Settings, manifest: dict[str, Any]) -> Page:
    sheets = [Sheet(name, _table(name, heads, rows)) for name, heads, rows in sections]
    language = settings.language
    return Page(
        language, text("dossier.trail", language), local_minute(_as_of(manifest)), title, facts, [], sheets,
        text("dossier.foot", language), text("contest.skip", language),
    )  # fmt: skip


def _table(name: str, heads: list[str], rows: list[list[str]]) -> Markup:
    columns = [Head(head, wide=head == heads[-1]) for head in heads]
    return table(Table(name, columns, [[Cell(cell) for cell in row] for row in rows]))
