"""A case of a finished run: told, exported, and as a dossier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.cases.dossier import Matter, dossier
from fraudnet.cases.drawing import ring_of
from fraudnet.cases.exports import LINK_COLUMNS, NODE_COLUMNS, graphml, table
from fraudnet.cases.wording import ground
from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.errors import MissingInputError
from fraudnet.files import write_bytes
from fraudnet.pipeline.finished import Finished, finished

Rows = dict[str, list[dict[str, Any]]]


def known_cases(run: Path) -> list[dict[str, Any]]:
    """The cases of a run, the largest value first."""
    found = finished(run)
    frame = found.table("cases").sort("value", "lost", "case_id", descending=[True, True, False])
    return frame.to_dicts()


def tell_case(case: str, run: Path, language: str) -> dict[str, Any]:
    """Everything a run says about one case, the grounds of roles as sentences. Raises MissingInputError."""
    found = finished(run)
    rows = case_rows(found, case)
    members = [{**row, "why": [ground(one, language) for one in row["grounds"]]} for row in rows["case_members"]]
    return {**rows["cases"][0], "run": found.folder.name, "member_rows": members,
            **{name: rows[name] for name in CASE_TABLES if name not in ("cases", "case_members")}}  # fmt: skip


def case_rows(run: Finished, case: str) -> Rows:
    """The rows of every case table about one case. Raises MissingInputError when the run has no such case."""
    tables = {name: run.table(name).filter(pl.col("case_id") == case) for name in CASE_TABLES}
    if tables["cases"].is_empty():
        raise MissingInputError(
            f"{run.folder}: has no case of this key; `fraudnet cases {run.folder}` lists those it has"
        )
    return {name: frame.to_dicts() for name, frame in tables.items()}


def export_case(case: str, run: Path, out: Path, language: str) -> list[str]:
    """Write picture, GraphML and tables of one case into a folder; the names of the files."""
    rows = case_rows(finished(run), case)
    members, links = rows["case_members"], rows["case_links"]
    picture = ring_of(rows["cases"][0], (members, links, rows["case_holds"]), language, alone=True)
    made = {
        f"{case}.svg": str(picture).encode(), f"{case}.graphml": graphml(case, members, links),
        f"{case}-nodes.csv": table(members, NODE_COLUMNS), f"{case}-links.csv": table(links, LINK_COLUMNS),
    }  # fmt: skip
    for name, content in made.items():
        write_bytes(out / name, content)
    return sorted(made)


def case_dossier(case: str, run: Path, file: Path, language: str) -> Path:
    """Write the dossier of one case as a page to be printed; the same case gives the same bytes."""
    found = finished(run)
    inputs = {str(one["name"]): str(one["sha256"]) for one in found.manifest["inputs"]}
    about = {"name": found.folder.name, "code": found.manifest["code_version"]}
    rows = case_rows(found, case)
    return write_bytes(file, dossier(Matter(rows["cases"][0], rows, about, inputs, language)).encode())
