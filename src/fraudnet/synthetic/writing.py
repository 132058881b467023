"""Write a complete world: the drop with its mapping, the truth apart from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.files import write_bytes
from fraudnet.identifiers.entity import account_id, sim_id
from fraudnet.synthetic import clock, house_styles
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.logs import ACCOUNT
from fraudnet.synthetic.mapping import MAPPING
from fraudnet.synthetic.stage import Stage
from fraudnet.synthetic.texts import Texts, chosen, phone_numbers, texts_of
from fraudnet.synthetic.truth import Truth

README = """# A synthetic world

Nobody in it exists. `drop/` is what institutions would deliver, with `mapping.toml` saying what each column means;
`truth/` says what was planted, and no mapping names it: it is for measuring only.
"""
ROWS_PER_GROUP = 1 << 18
MOST_EVENTS = 1 << 19  # in one file of a month; a month with more has several


@dataclass(frozen=True)
class Found:
    """The truth, and what people said and decided about it."""

    truth: Truth
    reports: Columns
    decisions: Columns


@dataclass
class Delivery:
    """Where files go, and how many rows went where."""

    folder: Path
    rng: np.random.Generator
    mess: float = 1.0
    rows: dict[str, int] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)

    def put(self, file: str, frame: pl.DataFrame, bad: int = 0) -> None:
        """Write one file of the drop; the name's ending says how."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            frame.rechunk().write_parquet(path, compression="zstd", row_group_size=ROWS_PER_GROUP)
        else:
            frame.write_csv(path)
        table = file.split("/", maxsplit=1)[0].removesuffix(".csv")
        self.rows[table] = self.rows.get(table, 0) + len(frame)
        self.bad[table] = self.bad.get(table, 0) + bad

    def put_by_house(self, table: str, frame: pl.DataFrame, bad: int) -> None:
        """Write a list; institutions with a style of their own deliver theirs in a file of their own."""
        whose = pl.col(house_styles.TABLES[table])
        for code, style in house_styles.STYLES.items():
            mine = frame.filter(whose == code)
            if len(mine):
                self.put(f"{table}/{code}.csv", style.told(mine))
        self.put(f"{table}.csv", frame.filter(~whose.is_in(list(house_styles.STYLES))), bad)

    def mapping(self) -> str:
        """The mapping of everything written."""
        there = {table: sorted(p.stem for p in (self.folder / table).glob("*.csv")) for table in house_styles.TABLES}
        return MAPPING + house_styles.sections(MAPPING, there)


@dataclass(frozen=True)
class Writer:
    """A complete stage, its texts, and where it goes."""

    stage: Stage
    texts: Texts
    found: Found
    out: Delivery


def write_world(
    stage: Stage, found: Found, folder: Path, way: tuple[np.random.Generator, float], progress: Progress
) -> tuple[dict[str, int], dict[str, int]]:
    """Write every file; returns the rows and the rows bad on purpose, per table.

    way: the choices of the writing, and how messy the records are (1 as usual).
    """
    from fraudnet.synthetic import (
        files_of_events,
        files_of_judgements,
        files_of_movements,
        files_of_people,
        files_of_states,
    )  # fmt: skip

    writer = Writer(stage, texts_of(stage), found, Delivery(folder / "drop", *way))
    writers: tuple[Callable[[Writer], None], ...] = (
        files_of_people.write, files_of_states.write, files_of_movements.write_transfers,
        files_of_movements.write_calls,        files_of_events.write, files_of_judgements.write,
    )  # fmt: skip
    for done, write in enumerate(writers):
        progress("writing files", done, len(writers))
        write(writer)
    write_bytes(folder / "drop" / "mapping.toml", writer.out.mapping().encode())
    write_bytes(folder / "README.md", README.encode())
    (folder / "truth").mkdir()
    truth_frame(writer).write_parquet(folder / "truth" / "truth.parquet", compression="zstd")
    progress("writing files", len(writers), len(writers))
    return writer.out.rows, writer.out.bad


def truth_frame(writer: Writer) -> pl.DataFrame:
    """One row per account and SIM of the world: entity_id, kind, role, typology, ring, from, to."""
    held, words = writer.stage.held, writer.stage.words
    begun = pl.Series(held.sims["begun"]).cast(pl.Datetime("us", "UTC"))
    number = pl.Series(phone_numbers(writer.stage) + 84 * 10**9).cast(pl.String)
    accounts = pl.select(account_id(pl.lit(writer.texts.bank), pl.lit(writer.texts.account))).to_series()
    sims = pl.select(sim_id(pl.lit(number), pl.lit(begun))).to_series()
    place = writer.found.truth.entity + np.where(writer.found.truth.kind == ACCOUNT, 0, len(accounts))
    columns = {name: np.full(len(accounts) + len(sims), -1) for name in ("role", "typology", "ring", "begins", "ends")}
    for name, column in columns.items():
        column[place] = getattr(writer.found.truth, name)
    marked = pl.Series(columns["ring"]).cast(pl.Int64)
    frame = pl.DataFrame({
        "entity_id": pl.concat([accounts, sims]),
        "kind": pl.concat([pl.Series(["account"]).gather(np.zeros(len(accounts), int)),
                           pl.Series(["sim"]).gather(np.zeros(len(sims), int))]),
        "role": chosen(words.roles, columns["role"]).fill_null("ordinary"),
        "typology": chosen(words.typologies, columns["typology"]),
        "ring": pl.select(pl.when(marked >= 0).then(marked)).to_series(),
        "from": _moment(columns["begins"]), "to": _moment(columns["ends"]),
    })  # fmt: skip
    return frame.sort("entity_id")


def _moment(at: Ints) -> pl.Series:
    moments = pl.Series(at).cast(pl.Datetime("us", "UTC"))
    return pl.select(pl.when(pl.Series(at >= 0)).then(moments)).to_series()


@dataclass(frozen=True)
class Part:
    """One file of a month: its name, the rows of sorted moments that it holds, and the end of the month."""

    name: str
    rows: slice
    end_us: int


def month_parts(stage: Stage, at: Ints) -> list[Part]:
    """The files of every month of the world; a month of many rows has several."""
    parts = []
    for month, (begin, end), end_us in _month_cuts(stage, at):
        starts = range(begin, max(end, begin + 1), MOST_EVENTS)
        names = [month if len(starts) == 1 else f"{month}-{n:02d}" for n in range(1, len(starts) + 1)]
        parts += [
            Part(name, slice(a, min(a + MOST_EVENTS, end)), end_us) for name, a in zip(names, starts, strict=True)
        ]
    return parts


def _month_cuts(stage: Stage, at: Ints) -> list[tuple[str, tuple[int, int], int]]:
    """The months of the world, each with the rows of sorted moments that fall into it, and its end."""
    zero = np.datetime64(0, "us")
    first = (zero + np.timedelta64(stage.start_us + clock.OFFSET, "us")).astype("datetime64[M]")
    last = (zero + np.timedelta64(stage.end_us + clock.OFFSET - 1, "us")).astype("datetime64[M]")
    months = np.arange(first, last + 2)
    starts = np.minimum(months.astype("datetime64[us]").astype(np.int64) - clock.OFFSET, stage.end_us)
    bounds = np.searchsorted(at, starts)
    return [
        (str(month), (int(bounds[n]), int(bounds[n + 1])), int(starts[n + 1])) for n, month in enumerate(months[:-1])
    ]
