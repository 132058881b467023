"""Transfers and calls as each side's institution reports them: one Parquet file a month."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.scene import TEXT_CLASSES
from fraudnet.synthetic import numbers, people
from fraudnet.synthetic.clock import SECOND
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.dirt import COPY, with_faults
from fraudnet.synthetic.living import Life
from fraudnet.synthetic.logs import OTP, TEXT, VOICE
from fraudnet.synthetic.stage import NOWHERE, Stage
from fraudnet.synthetic.talking import cells
from fraudnet.synthetic.texts import as_text, chosen, local_time, padded
from fraudnet.synthetic.writing import Part, Writer, month_parts

ID_ROOM = 9_999_999_967
SECOND_SIDE_MISSING = 0.01
WITH_REFERENCE = 0.9
SKEW_S = 5
SENT_AGAIN_BY, SENT_AGAIN_DAYS = "970403", (10, 15)  # of the second month
FORGOTTEN = 0.05  # of what is delivered again, missing the first time
CHANNELS = ("MOBILE", "INTERNET", "QR", "QUAY")  # in the order of TRANSFER_CHANNELS
NARRATIVES = [name.upper() for name in TEXT_CLASSES]
TO_TRADE = {"goods": 0.52, "bill": 0.10, "transfer": 0.18, "deposit": 0.03, "supplier": 0.03}
TO_PEOPLE = {"transfer": 0.52, "family": 0.10, "goods": 0.09, "gift": 0.05, "loan": 0.05, "crypto": 0.002, "game": 0.01}
UNCLEAR = 0.25  # of what was written for a purpose, what the bank's classes do not recognise
CHANNEL_SHARES = (0.86, 0.06, 0.05, 0.03)
TRADE_CHANNELS = (0.66, 0.06, 0.25, 0.03)
RAILS = ("NAPAS247", "CITAD", "NOI_BO")
INSTANT_LIMIT = 500_000_000
CALL_CODES = ("THOAI", "TIN_NHAN", "OTP")
TRANSFER_FAULTS: tuple[dict[str, str], ...] = (
    {"TK_NHAN": ""},
    {"SO_TIEN": "abc"},
    {"BIN_NHAN": COPY + "BIN_GUI", "TK_NHAN": COPY + "TK_GUI"},
    {},
)
CALL_FAULTS: tuple[dict[str, str], ...] = ({"LOAI": "FAX"}, {"SO_GOI": ""}, {"THOI_LUONG": "abc"})


def in_order(stage: Stage, log: Columns, keys: tuple[str, ...]) -> Ints:
    """The rows of a log inside the world's time, by time and then by every other column."""
    order = np.argsort(log["at"], kind="stable")
    at = log["at"][order]
    inside = (at >= stage.start_us) & (at < stage.end_us)
    order, at = order[inside], at[inside]
    # Few rows share a second; only they need the other columns.
    same = np.zeros(len(at) + 1, bool)
    same[1:-1] = at[1:] == at[:-1]
    tied = same[:-1] | same[1:]
    rows = order[tied]
    order[tied] = rows[np.lexsort((*(log[k][rows] for k in reversed(keys)), log["at"][rows]))]
    return order


def transfer_code(rows: Ints, side: Ints | int) -> pl.Series:
    """The reporting bank's own key of a transfer (side 0 the payer's, 1 the payee's), by its row in the log."""
    digits = padded(numbers.scrambled(np.asarray(rows) * 2 + side, ID_ROOM), 10)
    return chosen(["FT", "CR"], np.broadcast_to(side, len(rows))) + digits


def write_transfers(writer: Writer) -> None:
    """Both banks report an interbank transfer, each with its own key and clock; one bank reports its own once.

    One bank delivers some days of the second month again, with rows that it had forgotten.
    """
    rows = in_order(writer.stage, writer.stage.logs.transfers, ("payer", "payee", "amount"))
    parts = month_parts(writer.stage, writer.stage.logs.transfers["at"][rows])
    second = [*sorted({part.name[:7] for part in parts}), ""][1]
    for part in parts:
        frame = _transfers(writer, rows[part.rows], part)
        spoilt, bad = with_faults(frame, TRANSFER_FAULTS, "MA_GD", writer.out.rng)
        again = _again(spoilt, second)
        late = again & pl.Series(writer.out.rng.random(len(spoilt)) < FORGOTTEN)
        writer.out.put(f"transfers/{part.name}.parquet", spoilt.filter(~late), bad)
        if again.any():
            twice = int((again & ~late).sum())
            writer.out.put(f"transfers/{part.name}-gui-lai-{SENT_AGAIN_BY}.parquet", spoilt.filter(again), twice)
    writer.stage.logs.transfers.clear()  # nothing written later asks for them, and a large world needs the room


def _again(frame: pl.DataFrame, month: str) -> pl.Series:
    """Which rows one bank delivers again."""
    first, last = (pl.lit(f"{month}-{day:02d}") for day in SENT_AGAIN_DAYS)
    mine = (pl.col("NGUON") == SENT_AGAIN_BY) & pl.col("NGAY_GIO").is_between(first, last, closed="left")
    return frame.select(mine & pl.lit(month != "")).to_series()


def _transfers(writer: Writer, rows: Ints, part: Part) -> pl.DataFrame:
    """The transfers of one file in order of time, as the banks report them."""
    stage, rng = writer.stage, writer.out.rng
    log, bank = stage.logs.transfers, stage.held.accounts["bank"]
    between = bank[log["payer"][rows]] != bank[log["payee"][rows]]
    referred = rng.random(len(rows)) < WITH_REFERENCE
    said = log["channel"][rows]
    channel = np.where(said < 0, _channels(stage, rows, rng), said)
    text = narratives(stage, rows, rng)
    twice = between & (rng.random(len(rows)) >= SECOND_SIDE_MISSING)
    e, s, at = _both_sides(log["at"][rows], twice, (rng, part.end_us))
    return _transfer_frame(writer, rows[e], s, at).with_columns(
        MA_THAM_CHIEU=_reference(e + part.rows.start, between[e] & referred[e]),
        KENH=chosen(list(CHANNELS), channel[e]),
        NOI_DUNG=chosen(NARRATIVES, text[e]),
        HOAN_CHO=_refunded(log, bank, rows[e], s),
    )


def narratives(stage: Stage, rows: Ints, rng: np.random.Generator) -> Ints:
    """What each transfer is for: what was said, else drawn by what the payee is; -1 where nothing clear was written."""
    log, holder = stage.logs.transfers, stage.held.accounts["holder"]
    said, job = log["text"][rows], stage.population.job[holder[log["payee"][rows]]]
    draw, drawn = rng.random(len(rows)), np.zeros(len(rows), np.int64)
    trade = np.isin(job, (people.SELLER, people.ORGANISATION))
    for mask, shares in ((trade, TO_TRADE), (~trade, TO_PEOPLE)):
        codes = np.array([TEXT[name] for name in shares])
        place = np.searchsorted(np.cumsum(list(shares.values())), draw[mask])
        drawn[mask] = np.append(codes, -1)[place]
    unclear = (said >= 0) & (said != TEXT["refund"]) & (draw < UNCLEAR)
    return np.where(said < 0, drawn, np.where(unclear, -1, said))


def _channels(stage: Stage, rows: Ints, rng: np.random.Generator) -> Ints:
    """QR codes hang in shops, the other ways are everybody's."""
    payee = stage.held.accounts["holder"][stage.logs.transfers["payee"][rows]]
    trade = np.isin(stage.population.job[payee], (people.SELLER, people.ORGANISATION))
    draw = rng.random(len(rows))
    shares = np.cumsum([TRADE_CHANNELS, CHANNEL_SHARES], axis=1)
    return np.where(trade, np.searchsorted(shares[0], draw), np.searchsorted(shares[1], draw)).clip(
        0, len(CHANNELS) - 1
    )


def _refunded(log: Columns, bank: Ints, rows: Ints, side: Ints) -> pl.Series:
    """The key under which the reporting bank has the transfer that is paid back."""
    of = log["refund"][rows]
    back = np.flatnonzero(of >= 0)
    inner = bank[log["payer"][rows[back]]] == bank[log["payee"][rows[back]]]
    code = transfer_code(of[back], np.where(inner, 0, 1 - side[back]))
    place = np.full(len(rows), len(back))
    place[back] = np.arange(len(back))
    return pl.concat([code, pl.Series([None], dtype=pl.String)]).gather(place)


def _both_sides(at: Ints, twice: np.ndarray, way: tuple[np.random.Generator, int]) -> tuple[Ints, Ints, Ints]:
    """First sides and second sides together, by their own clocks: (event, side, when); all before the month's end."""
    rng, end_us = way
    second = np.flatnonzero(twice)
    event = np.concatenate([np.arange(len(at)), second])
    side = np.repeat([0, 1], [len(at), len(second)])
    later = at[second] + rng.integers(0, SKEW_S + 1, len(second)) * SECOND
    moment = np.concatenate([at, np.minimum(later, end_us - SECOND)])
    order = np.lexsort((side, event, moment))
    return event[order], side[order], moment[order]


def _reference(event: Ints, keep: np.ndarray) -> pl.Series:
    text = padded(numbers.scrambled(event + 17, ID_ROOM), 12)
    return pl.select(pl.when(pl.Series(keep)).then("N" + text)).to_series()


def _transfer_frame(writer: Writer, rows: Ints, side: Ints, at: Ints) -> pl.DataFrame:
    log, texts = writer.stage.logs.transfers, writer.texts
    payer, payee, amount = log["payer"][rows], log["payee"][rows], log["amount"][rows]
    bank = writer.stage.held.accounts["bank"]
    rail = np.where(bank[payer] == bank[payee], 2, np.where(amount >= INSTANT_LIMIT, 1, 0))
    return pl.DataFrame({
        "NGUON": texts.bank.gather(np.where(side == 0, payer, payee)), "MA_GD": transfer_code(rows, side),
        "NGAY_GIO": local_time(at), "SO_TIEN": as_text(amount),
        "BIN_GUI": texts.bank.gather(payer), "TK_GUI": texts.account.gather(payer),
        "BIN_NHAN": texts.bank.gather(payee), "TK_NHAN": texts.account.gather(payee),
        "HE_THONG": chosen(list(RAILS), rail),
    })  # fmt: skip


def write_calls(writer: Writer) -> None:
    """Both operators report a call between them; only the caller's knows the cell."""
    rows = in_order(writer.stage, writer.stage.logs.calls, ("caller", "callee", "kind", "duration"))
    life = Life.of(writer.stage, writer.out.rng)
    for part in month_parts(writer.stage, writer.stage.logs.calls["at"][rows]):
        spoilt, bad = with_faults(_calls(writer, life, (rows[part.rows], part)), CALL_FAULTS, None, writer.out.rng)
        writer.out.put(f"calls/{part.name}.parquet", spoilt, bad)
    writer.stage.logs.calls.clear()


def _calls(writer: Writer, life: Life, taken: tuple[Ints, Part]) -> pl.DataFrame:
    """The calls of one file in order of time, as the operators report them."""
    rows, part = taken
    stage, rng = writer.stage, writer.out.rng
    log = stage.logs.calls
    cell = log["cell"][rows].astype(np.int64)
    open_cells = np.flatnonzero((cell == NOWHERE) & (log["kind"][rows] != OTP))
    cell[open_cells] = cells(life, log["caller"][rows[open_cells]])
    operator = stage.held.sims["operator"]
    between = operator[log["caller"][rows]] != operator[log["callee"][rows]]
    twice = between & (rng.random(len(rows)) >= SECOND_SIDE_MISSING)
    e, s, at = _both_sides(log["at"][rows], twice, (rng, part.end_us))
    return _call_frame(writer, rows[e], (s, at, cell[e]))


def _call_frame(writer: Writer, rows: Ints, rest: tuple[Ints, Ints, Ints]) -> pl.DataFrame:
    log, texts = writer.stage.logs.calls, writer.texts
    side, at, cell = rest
    caller, callee, kind = log["caller"][rows], log["callee"][rows], log["kind"][rows]
    duration = log["duration"][rows]
    voice = kind == VOICE
    cell_known = (side == 0) & (cell >= 0)
    place = padded(np.maximum(cell, 0), 4)
    answered = np.where(voice, np.where(duration > 0, 0, 1), -1)
    return pl.DataFrame({
        "NGUON": texts.operator.gather(np.where(side == 0, caller, callee)), "NGAY_GIO": local_time(at),
        "SO_GOI": texts.phone.gather(caller), "SO_NHAN": texts.phone.gather(callee),
        "LOAI": chosen(list(CALL_CODES), kind), "THOI_LUONG": as_text(np.where(voice, duration, 0)),
        "TRAM": pl.select(pl.when(pl.Series(cell_known)).then("C" + place)).to_series(),
        "TRA_LOI": chosen(["C", "K"], answered),
    })  # fmt: skip
