"""One file of a drop, read in pieces, checked and written as good rows and quarantine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Named
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.contracts.drop import DELIVERY, KEYS, OF_THE_FILE, RECORDS
from fraudnet.expressions import FILE, NUMBER
from fraudnet.files import sha256, write_with
from fraudnet.sources import quarantine
from fraudnet.sources.ahead import Piece
from fraudnet.sources.balances import STATEMENTS, Balances
from fraudnet.sources.convert import Plan
from fraudnet.sources.extras import Extras, numeric
from fraudnet.sources.formats.raw import ROW
from fraudnet.sources.location import Input
from fraudnet.sources.repeats import Copies, Seen


@dataclass(frozen=True)
class Written:
    """One Parquet file of good rows; `numbers` says of each extra attribute whether it could be a number."""

    table: str
    path: Path
    numbers: Named[str, bool]
    sha256: str
    rows: int


@dataclass
class Ingest:
    """Collects what has been read so far; rows go to disk at once, only keys stay in memory.

    files: the names of all files that are read, of which row ids are made.
    """

    into: Path
    files: Sequence[str]
    written: list[Written] = field(default_factory=list)
    ledgers: list[Path] = field(default_factory=list)
    counts: list[tuple[str, str, int, int, int, int]] = field(default_factory=list)
    outcome: dict[str, set[str]] = field(default_factory=dict)
    allowed: dict[str, str] = field(default_factory=dict)
    breaks: list[pl.DataFrame] = field(default_factory=list)
    _balances: Balances = field(default_factory=Balances)
    _seen: dict[str, Seen] = field(default_factory=dict)
    _copies: dict[str, Copies] = field(default_factory=dict)
    _hand: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _writing: Future[Written] | None = None

    def keep(self, file: Input, read: Iterator[tuple[Plan, Piece | None]]) -> None:
        """Keep one file: the pieces that `read` gives until the first None, which stands behind the file's last."""
        total, ledger = [0, 0, 0, 0], []
        plan, piece = next(read)
        while piece is not None:
            counted, lines = self._piece(piece, plan, file)
            total = [a + b for a, b in zip(total, counted, strict=True)]
            ledger.append(lines)
            plan, piece = next(read)
        total[1] += self._finished()
        self._mark(plan.table.table, plan.extras)
        self._keep_ledger(pl.concat(ledger))
        self.breaks.append(self._balances.broken(file.name))
        self.counts.append((plan.table.table, file.name, total[0], total[1], total[2], total[3]))

    def _piece(self, piece: Piece, plan: Plan, file: Input) -> tuple[list[int], pl.DataFrame]:
        table, batch, rows, broken = plan.table, piece.batch, piece.rows, piece.broken
        if table.table == STATEMENTS:
            self._balances.add(piece.good)
        good, repeats, rule = self._first_of_each(piece.good, table.table, file.name)
        skipped = batch.rows.height - rows.height
        if table.distinct:
            skipped += repeats.height
        else:
            broken = pl.concat([broken, repeats.select(ROW, column=pl.lit(""), rule=pl.lit(rule))])
        lines = [
            quarantine.entries(rows, broken, piece.frame, table.table, file),
            quarantine.ragged(batch.broken, _one_source(plan), table.table, file),
        ]
        kept = self._finished()
        self._write(good, plan, file)
        ledger = pl.concat(lines)
        return [batch.rows.height + batch.broken.height, kept, ledger.height, skipped], ledger

    def _first_of_each(self, good: pl.DataFrame, table: str, file: str) -> tuple[pl.DataFrame, pl.DataFrame, str]:
        """The rows to keep, those that were there before, and the rule that these break."""
        if table in KEYS:
            again, rule = self.sieve(table).repeated(good), "duplicate key"
        else:
            again, rule = self._copied(table).repeated(good, file), "brought by an earlier file"
        return (good.filter(~again), good.filter(again), rule) if again.any() else (good, good.clear(), rule)

    def sieves(self) -> dict[str, Seen]:
        """Which keys or whole rows were met so far, per table."""
        return {**self._seen, **{table: copies.seen for table, copies in self._copies.items()}}

    def sieve(self, table: str) -> Seen:
        """The one of a table."""
        return self._seen.setdefault(table, Seen(KEYS[table])) if table in KEYS else self._copied(table).seen

    def copied(self, table: str) -> Copies | None:
        """How often each row of a table's last file was met; None where the table has a key."""
        return None if table in KEYS else self._copied(table)

    def _copied(self, table: str) -> Copies:
        apart = (*DELIVERY, *OF_THE_FILE.get(table, ()))
        columns = [name for name in RECORDS[table].column_names() if name not in apart]
        return self._copies.setdefault(table, Copies(columns))

    def _write(self, good: pl.DataFrame, plan: Plan, file: Input) -> None:
        """Begin to write good rows, while others are being read."""
        table = plan.table.table
        if not good.height and any(part.table == table for part in self.written):
            return
        path = self.into / table / f"{len(self.written):05d}.parquet"
        name = pl.lit(file.name, dtype=pl.Enum(self.files)).alias(FILE)
        kept = good.drop(plan.unsaid).select(name, pl.col(ROW).alias(NUMBER), pl.exclude(ROW))
        self._writing = self._hand.submit(_write, kept, table, path)

    def _finished(self) -> int:
        """Wait for the rows that are being written; how many they are."""
        if self._writing is None:
            return 0
        done, self._writing = self._writing.result(), None
        self.written.append(done)
        return done.rows

    def _keep_ledger(self, ledger: pl.DataFrame) -> None:
        if ledger.height:
            path = self.into / "quarantine" / f"{len(self.ledgers):05d}.parquet"
            write_with(path, lambda temporary: ledger.write_parquet(temporary, compression="zstd"))
            self.ledgers.append(path)

    def _mark(self, table: str, extras: Extras) -> None:
        self.outcome.setdefault(table, set()).update(extras.outcome)
        self.allowed.update(extras.allowed)

    def count_frame(self) -> pl.DataFrame:
        """Rows in, good, quarantined and not selected per table and file, in reading order."""
        return pl.DataFrame(self.counts, schema=quarantine.COUNTS, orient="row")


def _write(good: pl.DataFrame, table: str, path: Path) -> Written:
    numbers = numeric(good, [name for name in good.columns if name.startswith(EXTRA)])
    write_with(
        path, lambda temporary: good.write_parquet(temporary, compression="lz4", statistics=False), lasting=False
    )
    rows = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    return Written(table, path, numbers, sha256(path), rows)


def _one_source(plan: Plan) -> str | None:
    """The source of every row of a file; None when a column tells it row by row."""
    said = plan.table.source
    return plan.source if said is None else None if said.column is not None else str(said.constant)
