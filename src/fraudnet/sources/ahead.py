"""Files of a drop decoded, converted and checked by other threads, ahead of the one that keeps their rows in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from fraudnet.errors import FraudnetError, InputError
from fraudnet.sources.check import judge
from fraudnet.sources.convert import Plan, convert
from fraudnet.sources.extras import choose
from fraudnet.sources.formats import FORMATS
from fraudnet.sources.formats.raw import Batch, Options, Raw
from fraudnet.sources.location import Input, format_of
from fraudnet.sources.mapping import Mapping, Table, Where
from fraudnet.sources.order import check_order
from fraudnet.sources.unfold import unfolded
from fraudnet.sources.values import text_of

Task = tuple[Input, Table, Mapping]
HANDS = 2  # pieces of half a million rows that are worked on, or wait to be kept, at a time


@dataclass(frozen=True)
class Piece:
    """Consecutive rows of a file: as delivered, those of the table, converted, the good ones, and the broken rules."""

    batch: Batch
    rows: pl.DataFrame
    frame: pl.DataFrame
    good: pl.DataFrame
    broken: pl.DataFrame


Work = Future[tuple[Plan, Piece | None]]


def pieces(tasks: Iterable[Task]) -> Iterator[tuple[Plan, Piece | None]]:
    """The pieces of all files in order, and None behind the last one of each file.

    Which of several faults is told does not depend on which thread was quicker: it is the first in this order. Raises
    InputError naming file and column, or line.
    """
    with ThreadPoolExecutor(HANDS) as pool:
        waiting: deque[Work] = deque()
        for work in _begun(tasks, pool):
            waiting.append(work)
            if len(waiting) > HANDS:
                yield waiting.popleft().result()
        for work in waiting:
            yield work.result()


def _begun(tasks: Iterable[Task], pool: ThreadPoolExecutor) -> Iterator[Work]:
    """What is done about each piece, begun in order; where a file cannot be opened or decoded that is the last."""
    for file, table, mapping in tasks:
        try:
            plan, raw = _opened(file, table, mapping)
            for batch in raw.batches(plan.wanted):
                yield pool.submit(_judged, batch, plan, file)
        except FraudnetError as error:
            last: Work = Future()
            last.set_exception(error)
            yield last
            return
        last = Future()
        last.set_result((plan, None))
        yield last


def _where(table: Table, file: Input) -> str:
    return f"{table.table} ({file.name})"


def _opened(file: Input, table: Table, mapping: Mapping) -> tuple[Plan, Raw]:
    where = _where(table, file)
    options = Options(table.encoding, table.separator, table.sheet, table.header, table.header_rows)
    raw = FORMATS[format_of(table, file.path, where)](file.path, where, options)
    table, raw = unfolded(table, raw, file.name, where)
    extras = choose(table, raw.schema, where)
    return Plan(table, raw.schema, extras, mapping.defaults, mapping.name, mapping.dated), raw


def _judged(batch: Batch, plan: Plan, file: Input) -> tuple[Plan, Piece | None]:
    where = _where(plan.table, file)
    try:
        return plan, _piece(batch, plan, file)
    except InputError as error:
        raise InputError("{where}: {error}", where=where, error=error) from None
    except pl.exceptions.PolarsError as error:  # its own words may quote a value, so only its kind is told
        kind = type(error).__name__
        raise InputError(
            "{where}: holds types that its contract cannot take ({kind}); check `columns`", where=where, kind=kind
        ) from None


def _piece(batch: Batch, plan: Plan, file: Input) -> Piece:
    table = plan.table
    rows = batch.rows if table.where is None else batch.rows.filter(_selected(table.where, plan))
    rows = rows.rechunk()  # columns in pieces of different lengths would be joined again and again
    frame, rules = convert(rows, plan, file.name)
    good, broken = judge(frame, table.table, rules)
    check_order(rows, broken, table)
    return Piece(batch, rows, frame, good, broken)


def _selected(where: Where, plan: Plan) -> pl.Expr:
    column, dtype = pl.col(where.column), plan.schema[where.column]
    wanted = str(where.equals).lower() if isinstance(where.equals, bool) else str(where.equals)
    if dtype.is_numeric() and isinstance(where.equals, int | float):
        return (column == where.equals).fill_null(False)
    return (text_of(column, dtype) == wanted).fill_null(False)
