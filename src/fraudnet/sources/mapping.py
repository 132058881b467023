"""What a mapping file may say: which file is which table, and how each column is to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping as Named
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Scalar = str | bool | int | float
KIND_PARTS: Named[str, tuple[str, ...]] = {
    "account": ("institution", "number"),
    "sim": ("number",),
    "device": ("type", "value"),
    "identity": ("source", "source_id"),
}


class Part(BaseModel):
    """One value: a column of the file, the same constant in every row, or what the file says once.

    title, path: an expression with one group that is looked for in the lines above the headings, or in the file's name;
    pattern: the same for every cell of `column`; bank: whether it is a bank by any of its names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str | None = None
    constant: Scalar | None = None
    title: str | None = None
    path: str | None = None
    pattern: str | None = None
    bank: bool = False

    @model_validator(mode="after")
    def _one_of_all(self) -> Part:
        if [self.column, self.constant, self.title, self.path].count(None) != 3:
            raise ValueError("say either `column` or `constant`, or else `title` or `path`")
        if self.pattern is not None and self.column is None:
            raise ValueError("`pattern` is looked for in a `column`")
        for said in (self.title, self.path, self.pattern):
            if said is not None and _groups(said) != 1:
                raise ValueError("`title`, `path` and `pattern` are regular expressions with one group")
        return self

    @property
    def derived(self) -> bool:
        """Whether its value is not a cell or a constant as it stands."""
        return self.title is not None or self.path is not None or self.pattern is not None or self.bank


def _groups(pattern: str) -> int:
    try:
        return re.compile(pattern).groups
    except re.error:
        return -1


class Value(Part):
    """A plain contract column: where its values come from and how they are written."""

    map: dict[str, Scalar] | None = None
    unit: Literal["us", "ms", "s", "hours", "days"] | None = None
    origin: str = "1970-01-01"
    timezone: str | None = None
    format: str | None = None
    minor_units: Literal[1, 10, 100, 1000, 10_000, 1_000_000] | None = None
    split: str = "|"
    number: Literal["plain", "comma", "dot"] = "plain"


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _constant(value: Any) -> Any:
    return {"constant": value} if isinstance(value, str) else value


ColumnPart = Annotated[Part, BeforeValidator(_column)]
ConstantPart = Annotated[Part, BeforeValidator(_constant)]


class Reference(BaseModel):
    """A column that names an entity, put together from its parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["account", "sim", "device", "identity"]
    institution: ColumnPart | None = None
    number: ColumnPart | None = None
    type: ColumnPart | None = None
    value: ColumnPart | None = None
    source: ColumnPart | None = None
    source_id: ColumnPart | None = None

    @model_validator(mode="after")
    def _right_parts(self) -> Reference:
        given = {name for name in ("institution", "number", "type", "value", "source", "source_id") if self.part(name)}
        wanted = set(KIND_PARTS[self.kind])
        optional = {"source"} if self.kind == "identity" else set()
        if given - wanted or wanted - optional - given:
            raise ValueError(f"kind = {self.kind!r} takes {', '.join(KIND_PARTS[self.kind])}")
        return self

    def part(self, name: str) -> Part | None:
        """One part by its name."""
        part: Part | None = getattr(self, name)
        return part


def _either(value: Any) -> Any:
    if isinstance(value, Value | Reference):
        return value
    if isinstance(value, dict) and "kind" in value:
        return Reference(**value)
    return Value(**_column(value)) if isinstance(value, str | dict) else value


Said = Annotated[Value | Reference, BeforeValidator(_either)]


class Where(BaseModel):
    """Keep only the rows in which a column has this value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    equals: Scalar


class Table(BaseModel):
    """One table of the drop: its files and its columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    file: str
    format: Literal["csv", "parquet", "jsonl", "xlsx"] | None = None
    sheet: str | None = None
    encoding: str = "utf-8"
    separator: str = Field(default=",", min_length=1, max_length=1)
    header: int = Field(default=1, ge=1, le=200)
    header_rows: int = Field(default=1, ge=1, le=3)
    source: ConstantPart | None = None
    where: Where | None = None
    distinct: bool = False
    known_after: str | None = Field(default=None, pattern=r"^[0-9]{1,5}[smhd]$")
    ignore: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    allow: dict[str, Annotated[str, Field(min_length=10)]] = {}
    extras: bool | tuple[str, ...] = True
    columns: dict[str, Said] = {}

    def parts(self) -> list[Part]:
        """Every part of every column, the source included."""
        found = [self.source] if self.source else []
        for said in self.columns.values():
            if isinstance(said, Value):
                found.append(said)
            else:
                named = (said.part(name) for name in KIND_PARTS[said.kind])
                found += [part for part in named if part is not None]
        return found

    def used(self) -> list[str]:
        """Names of the file's columns that the mapping reads, sorted."""
        names = {part.column for part in self.parts() if part.column is not None}
        return sorted(names | ({self.where.column} if self.where else set()))


class Defaults(BaseModel):
    """What holds for every table that does not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str = "Asia/Ho_Chi_Minh"
    currency: str = Field(default="VND", pattern="^[A-Z]{3}$")
    minor_units: Literal[1, 10, 100, 1000, 10_000, 1_000_000] = 1


class ScoreSettings(BaseModel):
    """What is scored: entities at a moment, or each transfer as of its own time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: Literal["entity", "transfers"] = "entity"
    kinds: tuple[Literal["account", "sim", "identity"], ...] = ()
    as_of: date | None = None
    timezone: str | None = None


class SplitSettings(BaseModel):
    """How rows are divided into training, validation and test."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["time", "column", "random", "windows"] = "time"
    train: float | None = Field(default=None, gt=0, lt=1)
    validation: float | None = Field(default=None, ge=0, lt=1)
    test: float | None = Field(default=None, gt=0, lt=1)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    file: str | None = None
    entity: Said | None = None
    column: str | None = None
    values: dict[str, Literal["train", "validation", "test"]] | None = None
    train_days: int | None = Field(default=None, ge=1)
    delay_days: int | None = Field(default=None, ge=0)
    test_days: int | None = Field(default=None, ge=1)
    starts: tuple[date, ...] = ()
    validation_starts: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> SplitSettings:
        wanted = {
            "time": (),
            "column": ("file", "entity", "column", "values"),
            "random": ("train", "validation", "test"),
            "windows": ("train_days", "delay_days", "test_days", "starts"),
        }[self.kind]
        every = {*SplitSettings.model_fields} - {"kind", "seeds", "validation_starts"}
        missing = [name for name in wanted if getattr(self, name) in (None, ())]
        foreign = [name for name in every - set(wanted) if getattr(self, name) not in (None, ())]
        if missing or foreign:
            raise ValueError(f"kind = {self.kind!r} takes {', '.join(wanted) or 'nothing else'}")
        if self.kind == "random" and abs(sum(s or 0 for s in (self.train, self.validation, self.test)) - 1) > 1e-9:
            raise ValueError("train, validation and test must add up to 1")
        return self


class Bounds(BaseModel):
    """How many rows are expected, both ends included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Bounds:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("`min` lies above `max`")
        return self


class Expect(BaseModel):
    """What one source is expected to deliver: good rows per table, and the share of its rows in quarantine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: dict[str, Bounds] = {}
    quarantine_share_max: float | None = Field(default=None, ge=0, le=1)


class Mapping(BaseModel):
    """A whole mapping file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    name: str = Field(min_length=1)
    dated: bool = True
    synthetic: bool = False
    defaults: Defaults = Defaults()
    tables: tuple[Table, ...] = Field(min_length=1)
    score: ScoreSettings = ScoreSettings()
    split: SplitSettings = SplitSettings()
    expect: dict[str, Expect] = {}

    def sections(self) -> tuple[Table, ...]:
        """Every table to read, a declared split included."""
        split = self.split
        if split.kind != "column" or split.file is None or split.entity is None:
            return self.tables
        fold = Value(column=split.column, map=dict(split.values or {}))
        columns: dict[str, Value | Reference] = {"entity": split.entity, "fold": fold}
        return (*self.tables, Table(table="splits", file=split.file, extras=False, columns=columns))
