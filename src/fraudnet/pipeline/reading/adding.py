"""Take a delivered drop into the register: once, and saying what it corrects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.contracts.drop import DELIVERY, EVENT_TIME, KEYS, OF_THE_FILE
from fraudnet.contracts.progress import Progress
from fraudnet.errors import ConfigurationError
from fraudnet.expressions import local
from fraudnet.pipeline.reading.register import entries, folder_of, record, spelled
from fraudnet.pipeline.reading.source import place_of
from fraudnet.pipeline.request import Request
from fraudnet.settings import Settings
from fraudnet.sources.drop import Delivery
from fraudnet.sources.read import read_drops

SAME_ROWS = 0.5  # a file that shares fewer of another's keys tells something else, not the same again
NAMED_ROWS = 1_000


def add_drop(folder: Path, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Register a drop; every command without folders then reads it with all others.

    A file that covers the days of an earlier one of the same table and source, shares at least half of its keys and
    tells some of those rows otherwise is a correction: the earlier file is no longer read, and the register names the
    rows that changed, went or came. In a table without a key whole rows are compared: of those days some must be gone
    and others have come. A drop whose very bytes are registered already is not registered again. Raises
    what reading the drop raises.
    """
    known = entries(settings)
    now = _read(folder, settings, progress)
    inputs = [[name, digest] for name, _, digest in now.inputs]
    for each in known:
        if each["inputs"] == inputs:
            return {"folder": each["folder"], "added": False, "rows": _rows(now), "supersedes": []}
    if spelled(folder, settings) in [each["folder"] for each in known]:
        raise ConfigurationError(
            "{folder}: is registered and has changed since; put what is new into a folder of its own", folder=folder
        )
    gone = {(one["drop"], one["file"]) for each in known for one in each["supersedes"]}
    replaced = []
    for each in known:
        place = folder_of(each["folder"], settings)
        then = _read(place, settings, progress)
        found = [one | {"drop": each["folder"]} for one in corrections(then, now)]
        replaced += [one for one in found if (one["drop"], one["file"]) not in gone]
    told = {"inputs": inputs, "rows": _rows(now), "supersedes": replaced}
    record(folder, told, settings)
    return {"folder": spelled(folder, settings), "added": True, **told}


def _read(folder: Path, settings: Settings, progress: Progress) -> Delivery:
    request = Request((folder,))
    return read_drops(request.drops, None, place_of(request, settings), progress)


def _rows(delivery: Delivery) -> int:
    return int(delivery.counts["good"].sum())


def corrections(then: Delivery, now: Delivery) -> list[dict[str, Any]]:
    """The files of one delivery that another one corrects: table, file, by, changed, removed, added, rows."""
    tables = [name for name in EVENT_TIME if then.records.has(name) and now.records.has(name)]
    return [one for name in tables for one in _corrected(name, _filed(then, name), _filed(now, name))]


def _filed(delivery: Delivery, table: str) -> pl.DataFrame:
    """The rows of a table with the file each came from, its day, and one number for all that it tells."""
    frame = delivery.records.table(table)
    names = frame.collect_schema().names()
    apart = {*DELIVERY, *KEYS.get(table, ()), *OF_THE_FILE.get(table, ())}
    told = [name for name in names if name not in apart and not name.startswith(EXTRA)]
    filed = frame.select(
        *dict.fromkeys((*KEYS.get(table, ()), "source")),
        "row_id",
        file=pl.col("row_id").str.extract(r"^(.*)#[0-9]+$", 1),
        day=local(EVENT_TIME[table]).dt.date(),
        told=pl.struct(told).hash(7),
    ).collect(engine="streaming")
    # Equal rows of one file may be two events: the second one is met by a second one only.
    return filed.with_columns(nth=pl.int_range(pl.len()).over("file", "source", "told"))


def _corrected(table: str, old: pl.DataFrame, new: pl.DataFrame) -> list[dict[str, Any]]:
    spans = new.group_by("file", "source").agg(first=pl.col("day").min(), last=pl.col("day").max())
    found = []
    for (file, source), rows in sorted(old.partition_by("file", "source", as_dict=True).items()):
        first, last = rows["day"].min(), rows["day"].max()
        over = spans.filter((pl.col("source") == source) & (pl.col("first") <= first) & (pl.col("last") >= last))
        for by in over["file"].sort():
            again = new.filter((pl.col("file") == by) & (pl.col("source") == source))
            one = _compared(rows, again, KEYS[table]) if table in KEYS else _compared_whole(rows, again)
            if one is not None:
                found.append({"table": table, "file": file, "by": by, **one})
                break
    return found


def _compared(rows: pl.DataFrame, over: pl.DataFrame, key: Sequence[str]) -> dict[str, Any] | None:
    """How the newer rows differ from the older ones; None where they only say the same again, or something else."""
    both = rows.join(over, on=list(key), how="inner", suffix="_2")
    changed = both.filter(pl.col("told") != pl.col("told_2"))
    if both.height < SAME_ROWS * rows.height or changed.is_empty():
        return None
    removed = rows.join(over, on=list(key), how="anti")
    inside = over.filter(pl.col("day").is_between(rows["day"].min(), rows["day"].max()))
    named = sorted([*changed["row_id_2"], *removed["row_id"]])
    return {
        "changed": changed.height,
        "removed": removed.height,
        "added": inside.join(rows, on=list(key), how="anti").height,
        "rows": named[:NAMED_ROWS],
    }


def _compared_whole(rows: pl.DataFrame, over: pl.DataFrame) -> dict[str, Any] | None:
    """As `_compared`, of rows without a key: one that is gone and one that has come are a row that changed."""
    same = ["told", "nth"]
    gone = rows.join(over, on=same, how="anti")
    inside = over.filter(pl.col("day").is_between(rows["day"].min(), rows["day"].max()))
    came = inside.join(rows, on=same, how="anti")
    changed = min(gone.height, came.height)
    if not changed or rows.height - gone.height < SAME_ROWS * rows.height:
        return None
    return {
        "changed": changed,
        "removed": gone.height - changed,
        "added": came.height - changed,
        "rows": sorted([*gone["row_id"], *came["row_id"]])[:NAMED_ROWS],
    }
