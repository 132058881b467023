"""From the rows of a file to rows in the shape of a contract, with a flag for every value that could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dataframely as dy
import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, RECORDS
from fraudnet.expressions import start_of_day
from fraudnet.identifiers import entity
from fraudnet.sources.balances import STATEMENTS, signed
from fraudnet.sources.extras import Extras, expression
from fraudnet.sources.formats.raw import ROW
from fraudnet.sources.mapping import KIND_PARTS, Defaults, Part, Reference, Table, Value
from fraudnet.sources.mapping_file import ENTITIES, GIVEN, OWN_KEYS
from fraudnet.sources.texts import Texts, texts_of
from fraudnet.sources.tidy import FORMS, PART_FORMS, Form, tidied
from fraudnet.sources.values import constant, converted, mapped

# Later code does arithmetic with moments; nothing that a drop describes lies beyond these years.
FIRST_YEAR, LAST_YEAR = 1900, 2100
# How databases write that something has not ended.
OPEN_ENDS, NEVER = ("valid_to", "ended_at", "closed_at", "activity_to", "known_until"), 9999
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENTITY_ID = r"^[a-z_]+:."
STATE_TIMES = ("valid_from", "opened_at")
# What a spreadsheet makes of a long number before it is saved as text: the digits behind the fifth or so are gone.
SHORTENED = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$"
NUMBERS = frozenset((
    "account_number", "number", "caller", "callee", "phone", "id_number", "old_id_number", "tax_code", "cif", "iccid",
    "imsi", "source_id", "holder_source_id",
))  # fmt: skip
MADE = "="  # before the name of a finished value: the rules look at it instead of working it out again
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
WORDS = {
    "Datetime": "a time", "Date": "a day", "Bool": "yes or no", "Float64": "a number", "String": "text",
    "Enum": "text", "List": "a list",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A test of our own: rows in which `broken` is true go to quarantine under `name`."""

    name: str
    column: str
    broken: pl.Expr


@dataclass(frozen=True)
class Ready:
    """The rows of a file with what all values are made of: bare texts, and identifiers in their normal form."""

    texts: Texts
    tidy: Mapping[tuple[str, Form], str]


@dataclass(frozen=True)
class Plan:
    """How one table of a mapping is read from files of one schema."""

    table: Table
    schema: Mapping[str, pl.DataType]
    extras: Extras
    defaults: Defaults
    source: str
    dated: bool

    @property
    def wanted(self) -> list[str]:
        """Columns of the file that are read at all."""
        return sorted(set(self.table.used()) | set(self.extras.columns.values()))

    @property
    def unsaid(self) -> list[str]:
        """Columns of the contract that tell nothing: null in every row, or `known_at` where it repeats the event's."""
        table, contract = self.table, RECORDS[self.table.table].columns()
        silent = [name for name in contract if name not in {*table.columns, *GIVEN, *OWN_KEYS}]
        when = contract.get(EVENT_TIME.get(table.table, ""))
        known = "known_at" in table.columns or table.known_after
        return silent if when is None or when.nullable or known else [*silent, "known_at"]


def convert(rows: pl.DataFrame, plan: Plan, file: str) -> tuple[pl.DataFrame, list[Rule]]:
    """Rows under the contract's names: `__row` for `row_id`, its other columns, extra attributes; the rules to hold."""
    ready = _ready(rows, plan)
    values, rules = _values(plan, ready)
    contract = RECORDS[plan.table.table].columns()
    values["source"] = _part_text(plan.table.source, plan, ready, "") if plan.table.source else pl.lit(plan.source)
    for name in OWN_KEYS & set(contract) - set(values):
        values[name] = pl.concat_str(pl.lit(f"{file}#"), pl.col(ROW).cast(pl.String))
    if "currency" in contract and "currency" not in values:
        values["currency"] = pl.lit(plan.defaults.currency)
    shaped = [
        (pl.col(MADE + name) if name in values else pl.lit(None, dtype=column.dtype)).alias(name)
        for name, column in contract.items()
        if name != "row_id" and (name != "known_at" or name in values)
    ]
    extras = [
        expression(ready.texts.bare(column), plan.schema[column]).alias(name)
        for name, column in plan.extras.columns.items()
    ]
    flags = [rule.broken.alias(f"!{place}") for place, rule in enumerate(rules)]
    made = ready.texts.rows.lazy().with_columns(value.alias(MADE + name) for name, value in values.items())
    frame = made.select(ROW, *shaped, *extras, *flags).with_columns(_known_at(plan, contract)).collect()
    frame = frame.with_columns(_open_ended(name) for name in OPEN_ENDS if name in frame.columns)
    late = _late_rules(plan, frame)
    flagged = [Rule(rule.name, rule.column, pl.col(f"!{place}")) for place, rule in enumerate(rules)]
    return frame, flagged + late


def _late_rules(plan: Plan, frame: pl.DataFrame) -> list[Rule]:
    """Rules about finished columns."""
    table, rules = plan.table.table, []
    if table == "transfers":
        rules.append(Rule("payer_is_not_payee", "payee", pl.col("payer") == pl.col("payee")))
    if table == STATEMENTS:
        rules.append(Rule("states not one sum, in or out", "amount", signed().is_null()))
    if table == "dispositions" and plan.dated:
        rules.append(Rule("decided_at is missing", "decided_at", pl.col("decided_at").is_null()))
    plain = [name for name, said in plan.table.columns.items() if name in ENTITIES and isinstance(said, Value)]
    for name in plain:
        rules.append(Rule(f"{name} is not an entity id", name, ~pl.col(name).str.contains(ENTITY_ID)))
    return rules + _year_rules(plan)


def _open_ended(name: str) -> pl.Expr:
    return pl.when(pl.col(name).dt.year() < NEVER).then(name).alias(name)


def _year_rules(plan: Plan) -> list[Rule]:
    """Every date and moment that the mapping reads lies between 1900 and 2100, both included, in Vietnam."""
    first, end = date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1)
    rules = []
    for name, column in RECORDS[plan.table.table].columns().items():
        if name not in plan.table.columns or not isinstance(column, dy.Date | dy.Datetime):
            continue
        days = isinstance(column, dy.Date)
        low, high = (first, end) if days else (start_of_day(first), start_of_day(end))
        broken = (pl.col(name) < low) | (pl.col(name) >= high)
        rules.append(Rule(f"{name} lies outside {FIRST_YEAR} to {LAST_YEAR}", name, broken))
    return rules


def _values(plan: Plan, ready: Ready) -> tuple[dict[str, pl.Expr], list[Rule]]:
    values: dict[str, pl.Expr] = {}
    rules: list[Rule] = []
    for name, said in plan.table.columns.items():
        if isinstance(said, Reference):
            values[name], given = _reference(said, plan, ready)
            rules.append(Rule(f"{name} lacks a part of its entity id", name, given & pl.col(MADE + name).is_null()))
        else:
            values[name], given, what = _value(name, said, plan, ready)
            if what:
                rules.append(Rule(f"{name} {what}", name, given & pl.col(MADE + name).is_null()))
    return values, rules + _shortened_rules(plan, ready)


def _shortened_rules(plan: Plan, ready: Ready) -> list[Rule]:
    """Identifiers that a spreadsheet has turned into 3.51E+11."""
    found = []
    for name, said in plan.table.columns.items():
        part = said.part(KIND_PARTS[said.kind][-1]) if isinstance(said, Reference) else said
        if part is None or part.column is None or plan.schema[part.column] != pl.String:
            continue
        if not ready.texts.holds(part.column, "+"):
            continue
        if isinstance(said, Reference) or name in NUMBERS:
            broken = pl.col(part.column).str.contains(SHORTENED).fill_null(False)
            found.append(Rule(f"{name} was shortened by a spreadsheet, as in 3.51E+11", name, broken))
    return found


def _value(name: str, said: Value, plan: Plan, ready: Ready) -> tuple[pl.Expr, pl.Expr, str]:
    """The column, whether the file says anything, and the words for a value that cannot be read."""
    to = RECORDS[plan.table.table].columns()[name]
    form = FORMS.get((plan.table.table, name))
    column, raw, dtype = (
        (constant(said), constant(said), pl.String())
        if said.column is None
        else (ready.texts.bare(said.column), pl.col(said.column), plan.schema[said.column])
    )
    given = column.is_not_null() & column.is_not_nan() if dtype.is_float() else column.is_not_null()
    if said.map is not None:  # a blank is no word of the mapping's either
        given = given if dtype.is_float() else raw.is_not_null()
        return mapped(column, dtype, to, said, plan.defaults), given, "is not in the mapping's `map`"
    if form is not None and said.column is not None:
        return pl.col(ready.tidy[said.column, form]), given, ""
    plain_text = isinstance(to, dy.String | dy.Enum)
    value = converted(column, dtype, to, said, plan.defaults)
    return value, given, "" if plain_text else f"cannot be read as {_words(to)}"


def _words(column: dy.Column) -> str:
    if (column.metadata or {}).get("unit") == "minor":
        return "a whole number of minor units"
    return WORDS.get(type(column).__name__, "a whole number")


def _reference(said: Reference, plan: Plan, ready: Ready) -> tuple[pl.Expr, pl.Expr]:
    """The entity id, and whether its last part is there."""
    given = [said.part(name) for name in KIND_PARTS[said.kind]]
    names = [f"{said.kind}.{name}" for name in KIND_PARTS[said.kind]]
    parts = [_part_text(part, plan, ready, name) for part, name in zip(given, names, strict=True)]
    last = parts[-1]
    if said.kind == "sim":
        return entity.sim_reference(last), last.is_not_null()
    front, column = parts[0], given[0].column if given[0] else None
    if column is None or not ready.texts.graphic(column) or ready.texts.holds(column, ":"):
        # A colon inside the part in front would let two entities share one id.
        front = pl.when(~front.str.contains(":", literal=True)).then(front)
    if said.kind == "account":
        return entity.account_id(front, last), last.is_not_null()
    if said.kind == "device":
        return entity.device_id(front, last), last.is_not_null()
    return entity.identity_reference(front, last), last.is_not_null()


def _part_text(part: Part | None, plan: Plan, ready: Ready, place: str) -> pl.Expr:
    if part is None:
        return pl.lit(plan.source)
    kind, _, name = place.partition(".")
    form = PART_FORMS.get((kind, name))
    if part.column is None:
        text = pl.Series([str(part.constant)])
        return pl.lit(tidied(text, form).item() if form else text.item(), dtype=pl.String)
    return pl.col(ready.tidy[part.column, form]) if form is not None else ready.texts.text(part.column)


def _ready(rows: pl.DataFrame, plan: Plan) -> Ready:
    """Add each text column without outer blanks, and each identifier column in its normal form, once per form."""
    texts = texts_of(rows, plan.schema)
    wanted: dict[tuple[str, Form], str] = {}
    for name, said in plan.table.columns.items():
        pairs = _forms(name, said, plan.table.table)
        for column, form in pairs:
            wanted[column, form] = f"__{form}_{column}"
    columns = []
    for (column, form), name in wanted.items():
        text = texts.rows.select(texts.text(column)).to_series()
        normal = form == "account" and texts.graphic(column)
        columns.append((text if normal else tidied(text, form)).alias(name))
    texts.rows = texts.rows.with_columns(columns)
    return Ready(texts, wanted)


def _forms(name: str, said: Value | Reference, table: str) -> list[tuple[str, Form]]:
    if isinstance(said, Value):
        form = FORMS.get((table, name))
        return [(said.column, form)] if form and said.column and said.map is None else []
    found = []
    for part in KIND_PARTS[said.kind]:
        given, form = said.part(part), PART_FORMS.get((said.kind, part))
        if given is not None and given.column is not None and form is not None:
            found.append((given.column, form))
    return found


def _known_at(plan: Plan, contract: Mapping[str, dy.Column]) -> pl.Expr:
    """When a row was known: its own column, else when it happened (and later by `known_after`), else ever."""
    times = [EVENT_TIME[plan.table.table]] if plan.table.table in EVENT_TIME else []
    times += [name for name in STATE_TIMES if isinstance(contract.get(name), dy.Datetime)]
    happened = pl.coalesce([pl.col(name) for name in times]) if times else pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    if plan.table.known_after:
        seconds = int(plan.table.known_after[:-1]) * SECONDS[plan.table.known_after[-1]]
        happened = happened + timedelta(seconds=seconds)
    stated = [pl.col("known_at")] if "known_at" in plan.table.columns else []
    return pl.coalesce(*stated, happened, pl.lit(EPOCH).cast(pl.Datetime("us", "UTC"))).alias("known_at")
