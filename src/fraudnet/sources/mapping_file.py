"""Reading a mapping file and holding it against the contracts, with every fault named at once."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path, PurePosixPath

import dataframely as dy
import polars as pl
from pydantic import BaseModel, ValidationError

from fraudnet.contracts.drop import RECORDS
from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.messages.telling import Joined
from fraudnet.sources.mapping import (
    Bounds,
    Defaults,
    Expect,
    Mapping,
    Part,
    Reference,
    ScoreSettings,
    SplitSettings,
    Table,
    Value,
    Where,
)
from fraudnet.sources.near import near

NAME = "mapping.toml"
ENTITIES = frozenset(
    ("payer", "payee", "entity", "holder", "thing", "device", "source_entity", "target_entity", "counterparty", "own")
)  # columns that hold entity ids, in whichever table
GIVEN = frozenset({"source", "row_id", "known_at", "currency"})  # filled in when a mapping does not name them
OWN_KEYS = frozenset({"transfer_id", "cash_id", "event_id", "report_id", "ad_id"})  # the row's id when not named
RESERVED = {"source": "say `source = ...` beside `table`", "row_id": "it is always made from file and row number"}
_MODELS: dict[str, type[BaseModel]] = {
    "tables": Table, "defaults": Defaults, "score": ScoreSettings, "split": SplitSettings, "where": Where,
    "columns": Value, "entity": Value, "source": Part, "expect": Expect, "rows": Bounds,
}  # fmt: skip


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises MissingInputError when it is not there and ConfigurationError naming every key that cannot be followed.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise MissingInputError(
            "{path}: there is no mapping file; write one (docs/mapping.md) or name one", path=path
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            "{path}: cannot be read as a mapping file: {error}; expected TOML in UTF-8", path=path, error=error
        ) from None
    try:
        mapping = Mapping(**values)
    except ValidationError as error:
        raise ConfigurationError(
            "{path}: {faults}; see docs/mapping.md", path=path, faults=Joined("; ", _faults(error))
        ) from None
    wrong = [fault for table in mapping.sections() for fault in _table_faults(table)] + _zone_faults(mapping)
    wrong += _expect_faults(mapping)
    if wrong:
        raise ConfigurationError("{path}: {faults}; see docs/mapping.md", path=path, faults=Joined("; ", wrong))
    return mapping


def _faults(error: ValidationError) -> list[str]:
    found = []
    for each in error.errors():
        where = ".".join(str(step) for step in each["loc"]) or "file"
        if each["type"] == "extra_forbidden":
            found.append(f"{where}: unknown key{near(str(each['loc'][-1]), _known_keys(each['loc']))}")
        else:
            found.append(f"{where}: {each['msg'].removeprefix('Value error, ').lower()}")
    return found


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    for step in reversed(loc[:-1]):
        if step in _MODELS:
            model = _MODELS[str(step)]
            more = list(Reference.model_fields) if model is Value else []
            return [*model.model_fields, *more]
    return list(Mapping.model_fields)


def _table_faults(table: Table) -> list[str]:
    if table.table not in RECORDS:
        return [f"table {table.table!r}: no such contract{near(table.table, RECORDS)}"]
    contract = RECORDS[table.table].columns()
    faults = _path_faults(table.file) + [
        fault for name, said in table.columns.items() for fault in _column_faults(name, said, contract)
    ]
    if table.known_after and "known_at" in table.columns:
        faults.append("`known_after` and a column `known_at` exclude each other")
    both = sorted(set(table.ignore) & set(table.used()))
    faults += [f"column {name!r} of the file is both read and ignored" for name in both]
    missing = [name for name, column in contract.items() if not column.nullable and name not in table.columns]
    faults += [f"column {name!r} is required and not named" for name in missing if name not in GIVEN | OWN_KEYS]
    return [f"table {table.table!r} ({table.file}): {fault}" for fault in faults]


def _expect_faults(mapping: Mapping) -> list[str]:
    return [
        f"expect {source!r}: rows of {table!r}: no such contract{near(table, RECORDS)}"
        for source, said in mapping.expect.items()
        for table in said.rows
        if table not in RECORDS
    ]


def _path_faults(file: str) -> list[str]:
    parts = PurePosixPath(file.replace("\\", "/")).parts
    if not parts or file.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in file:
        return ["`file` must be a path inside the drop folder, without '..'"]
    if any(part.lower() == "truth" for part in parts):
        return ["`file` may not lie below a folder named 'truth'"]
    return []


def _column_faults(name: str, said: Value | Reference, contract: dict[str, dy.Column]) -> list[str]:
    if name in RESERVED:
        return [f"column {name!r} cannot be named here: {RESERVED[name]}"]
    if name not in contract:
        return [f"column {name!r}: not in the contract{near(name, set(contract) - set(RESERVED))}"]
    if isinstance(said, Reference):
        parts = [said.part(part) for part in ("institution", "type", "source")]
        faults = [] if name in ENTITIES else [f"column {name!r} holds no entity id: name a plain column"]
        mixed = any(isinstance(part.constant, str) and ":" in part.constant for part in parts if part)
        return faults + ([f"column {name!r}: a part of an entity id may not hold ':'"] if mixed else [])
    return _value_faults(name, said, contract[name])


def _value_faults(name: str, said: Value, column: dy.Column) -> list[str]:
    faults = []
    if said.minor_units is not None and (column.metadata or {}).get("unit") != "minor":
        faults.append(f"column {name!r} holds no money: `minor_units` says nothing here")
    if (said.unit or said.format) and not isinstance(column, dy.Datetime | dy.Date):
        faults.append(f"column {name!r} holds no time: `unit` and `format` say nothing here")
    if said.number != "plain" and not column.dtype.is_numeric():
        faults.append(f"column {name!r} holds no number: `number` says nothing here")
    try:
        datetime.fromisoformat(said.origin)
    except ValueError:
        faults.append(f"column {name!r}: `origin` is no ISO date")
    return faults


def _zone_faults(mapping: Mapping) -> list[str]:
    zones = {mapping.defaults.timezone, mapping.score.timezone}
    for table in mapping.sections():
        zones |= {said.timezone for said in table.columns.values() if isinstance(said, Value)}
    return [f"timezone {zone!r} is not known; expected a name like Asia/Ho_Chi_Minh" for zone in sorted(
        zone for zone in zones if zone is not None and not _is_zone(zone))]  # fmt: skip


def _is_zone(zone: str) -> bool:
    try:
        pl.Series([datetime(2025, 1, 1)]).dt.replace_time_zone(zone)
    except pl.exceptions.PolarsError:
        return False
    return True
