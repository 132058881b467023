"""A case of a finished run: told, exported, and as a dossier."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.cases.dossier import Matter, dossier
from fraudnet.cases.drawing import ring_of
from fraudnet.cases.exports import LINK_COLUMNS, NODE_COLUMNS, graphml, table
from fraudnet.cases.trail_drawing import bands_of
from fraudnet.cases.wording import ground, masked_number
from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.errors import MissingInputError
from fraudnet.files import write_bytes
from fraudnet.pipeline.batch.finished import Finished, finished
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.review.openings import Opening, log_opening
from fraudnet.settings import Settings

Rows = dict[str, list[dict[str, Any]]]


def known_cases(run: Path) -> list[dict[str, Any]]:
    """The cases of a run, the largest value first."""
    found = finished(run)
    frame = found.table("cases").sort("value", "lost", "case_id", descending=[True, True, False])
    return frame.to_dicts()


def tell_case(case: str, run: Path, settings: Settings) -> dict[str, Any]:
    """Everything a run says about one case, the grounds of roles as sentences; the opening is recorded.

    Raises MissingInputError when the run has no such case.
    """
    found = finished(run)
    rows = case_rows(found, case)
    opened(case, rows, "command", settings)
    language = settings.language
    members = [{**row, "why": [ground(one, language) for one in row["grounds"]]} for row in rows["case_members"]]
    return {**rows["cases"][0], "run": found.folder.name, "member_rows": members,
            **{name: rows[name] for name in CASE_TABLES if name not in ("cases", "case_members")}}  # fmt: skip


def case_rows(run: Finished, case: str) -> Rows:
    """The rows of every case table about one case. Raises MissingInputError when the run has no such case."""
    tables = {name: run.table(name).filter(pl.col("case_id") == case) for name in CASE_TABLES}
    if tables["cases"].is_empty():
        raise MissingInputError(
            "{folder}: has no case of this key; `fraudnet cases {folder}` lists those it has", folder=run.folder
        )
    return {name: frame.to_dicts() for name, frame in tables.items()}


def node_names(run: Finished, rows: Rows) -> dict[str, str]:
    """What accounts and numbers are called in a picture: their institution's name and the end of the number, masked."""
    known = dict(run.table("institutions").select("institution", "name").drop_nulls().iter_rows())
    held = {row["entity_id"]: row["institution"] for row in rows["case_members"] if row["kind"] in ("account", "sim")}
    held |= {row["entity_id"]: row["entity_id"].split(":")[1] for row in rows["case_holds"]}
    return {
        entity: f"{known[institution]} {masked_number(entity.split(':')[-1].partition('@')[0])}"
        for entity, institution in held.items()
        if institution in known
    }


def export_case(case: str, run: Path, out: Path, settings: Settings) -> list[str]:
    """Write picture, GraphML and tables of one case into a folder; the names of the files. The opening is recorded."""
    found = finished(run)
    rows = case_rows(found, case)
    opened(case, rows, "export", settings)
    made = exported(found, rows, settings.language)
    for name, content in made.items():
        write_bytes(out / name, content)
    return sorted(made)


def exported(run: Finished, rows: Rows, language: str) -> dict[str, bytes]:
    """Both pictures of a case, its GraphML and its tables of nodes and links, by name of the file."""
    case, members, links = rows["cases"][0], rows["case_members"], rows["case_links"]
    names, key = node_names(run, rows), str(rows["cases"][0]["case_id"])
    picture = ring_of(case, (members, links, rows["case_holds"]), language, names, alone=True)
    trail = bands_of((members, rows["case_flows"], rows["case_holds"]), language, names, alone=True)
    return {
        f"{key}.svg": str(picture).encode(), f"{key}-trail.svg": str(trail).encode(),
        f"{key}.graphml": graphml(key, members, links),
        f"{key}-nodes.csv": table(members, NODE_COLUMNS), f"{key}-links.csv": table(links, LINK_COLUMNS),
    }  # fmt: skip


def opened(case: str, rows: Rows, way: str, settings: Settings) -> None:
    """Write down who took the personal data of a case out, under the number of the case."""
    members = [str(row["entity_id"]) for row in rows["case_members"] if row["kind"] not in ("device", "exit")]
    with open_store(settings) as store:
        log_opening(store, Opening(way, members, case, assigned=False), actor(settings), datetime.now(UTC))


def case_dossier(case: str, run: Path, file: Path, settings: Settings) -> Path:
    """Write the dossier of one case as a page to be printed; the same case gives the same bytes.

    Names stand in it in full; the opening is recorded.
    """
    found = finished(run)
    rows = case_rows(found, case)
    opened(case, rows, "print", settings)
    return write_bytes(file, dossier_of(found, rows, settings.language))


def dossier_of(run: Finished, rows: Rows, language: str) -> bytes:
    """The dossier of a case as a page."""
    inputs = {str(one["name"]): str(one["sha256"]) for one in run.manifest["inputs"]}
    about = {"name": run.folder.name, "code": run.manifest["code_version"]}
    return dossier(Matter(rows["cases"][0], rows, about, inputs, node_names(run, rows), language)).encode()
