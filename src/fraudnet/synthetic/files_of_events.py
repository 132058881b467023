"""Smaller things that happen: phones seen, events of accounts and SIMs, cash."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.accounts import ACCOUNT_EVENTS, SIM_EVENTS
from fraudnet.synthetic import files_of_states, numbers
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.dirt import Flags, with_faults
from fraudnet.synthetic.files_of_movements import in_order
from fraudnet.synthetic.files_of_people import missing
from fraudnet.synthetic.texts import as_text, chosen, local_time, padded
from fraudnet.synthetic.writing import Writer

CARDS, CARD_ROOM = 4, 9_999_999_967  # cards an account may have
CASH_FAULTS: tuple[dict[str, str], ...] = ({"SO_TIEN": "abc"}, {})
EVENT_FAULTS: tuple[dict[str, str], ...] = ({"SU_KIEN": "KHONG_RO"},)


def write(writer: Writer) -> None:
    """Every file of this module, in a fixed order."""
    _write_uses(writer)
    _write_account_events(writer)
    _write_sim_events(writer)
    _write_cash(writer)


def _account(writer: Writer, rows: Ints) -> dict[str, pl.Series]:
    return {"BIN": writer.texts.bank.gather(rows), "SO_TAI_KHOAN": writer.texts.account.gather(rows)}


def _alive(writer: Writer, log: Columns, rows: Ints) -> Ints:
    """Rows about a SIM from its activation to its end; nothing is seen of it before or after."""
    sims = writer.stage.held.sims
    sim, at = log["sim"][rows], log["at"][rows]
    alive = (at >= sims["begun"][sim]) & ((sims["ended"][sim] < 0) | (at < sims["ended"][sim]))
    return np.asarray(rows[alive])


def _write_uses(writer: Writer) -> None:
    log = writer.stage.logs.account_uses
    rows = in_order(writer.stage, log, ("account", "device"))
    rows = rows[log["at"][rows] >= writer.stage.held.accounts["opened"][log["account"][rows]]]
    imei = writer.texts.imei.gather(log["device"][rows])
    named = _account(writer, log["account"][rows])
    writer.out.put("uses_accounts.csv", pl.DataFrame({**named, "IMEI": imei, "LUC": local_time(log["at"][rows])}))
    log = writer.stage.logs.sim_uses
    rows = _alive(writer, log, in_order(writer.stage, log, ("sim", "device")))
    device = log["device"][rows]
    writer.out.put("uses_sims.csv", pl.DataFrame({
        "SO_THUE_BAO": writer.texts.phone.gather(log["sim"][rows]), "IMEI": writer.texts.imei.gather(device),
        "LUC": local_time(log["at"][rows]), "TRAM": "C" + padded(writer.stage.held.devices["cell"][device], 4),
    }))  # fmt: skip


def _write_account_events(writer: Writer) -> None:
    log = writer.stage.logs.account_events
    rows = in_order(writer.stage, log, ("account", "event", "device", "value"))
    rows = rows[log["at"][rows] >= writer.stage.held.accounts["opened"][log["account"][rows]]]
    device = log["device"][rows]
    imei = writer.texts.imei.gather(np.maximum(device, 0))
    frame = pl.DataFrame({
        **_account(writer, log["account"][rows]), "LUC": local_time(log["at"][rows]),
        "SU_KIEN": chosen([e.upper() for e in ACCOUNT_EVENTS], log["event"][rows]),
        "IMEI": missing(imei, device < 0), "GIA_TRI": missing(as_text(log["value"][rows]), log["value"][rows] < 0),
    })  # fmt: skip
    spoilt, bad = with_faults(frame, EVENT_FAULTS, None, writer.out.rng)
    writer.out.put("account_events.csv", spoilt, bad)


def _write_sim_events(writer: Writer) -> None:
    log, sims = writer.stage.logs.sim_events, writer.stage.held.sims
    rows = _alive(writer, log, in_order(writer.stage, log, ("sim", "event")))
    sim, event = log["sim"][rows], log["event"][rows]
    swap = event == SIM_EVENTS.index("swap")
    nth = _so_far(sim, swap)
    before, after = (files_of_states.card_numbers(sims["operator"][sim], sim, nth + step) for step in (0, 1))
    sold = np.isin(event, [SIM_EVENTS.index("activate"), SIM_EVENTS.index("swap")])
    dealer = "DL" + padded(sims["dealer"][sim], 5)
    frame = pl.DataFrame({
        "SO_THUE_BAO": writer.texts.phone.gather(sim), "LUC": local_time(log["at"][rows]),
        "SU_KIEN": chosen([e.upper() for e in SIM_EVENTS], event),
        "DIEM_BAN": missing(dealer, ~sold), "CU": missing(before, ~swap), "MOI": missing(after, ~swap),
    })  # fmt: skip
    spoilt, bad = with_faults(frame, EVENT_FAULTS, None, writer.out.rng)
    writer.out.put("sim_events.csv", spoilt, bad)


def _so_far(sim: Ints, swap: Flags) -> Ints:
    """How often the same SIM was swapped in earlier rows."""
    order = np.argsort(sim, kind="stable")
    total: Ints = np.cumsum(swap[order]) - swap[order]
    first = np.r_[True, sim[order][1:] != sim[order][:-1]]
    base = np.maximum.accumulate(np.where(first, total, 0))
    nth = np.zeros(len(sim), np.int64)
    nth[order] = total - base
    return nth


def _write_cash(writer: Writer) -> None:
    log = writer.stage.logs.cash
    rows = in_order(writer.stage, log, ("account", "amount", "machine", "card"))
    rows = rows[log["at"][rows] >= writer.stage.held.accounts["opened"][log["account"][rows]]]
    amount, machine = log["amount"][rows], log["machine"][rows]
    card = "T" + padded(numbers.scrambled(log["account"][rows] * CARDS + log["card"][rows], CARD_ROOM, 5), 10)
    frame = pl.DataFrame({
        "NGUON": writer.texts.bank.gather(log["account"][rows]), "MA_GD": "TM" + padded(np.arange(len(rows)), 9),
        **_account(writer, log["account"][rows]), "LUC": local_time(log["at"][rows]),
        "SO_TIEN": pl.Series(amount).cast(pl.String), "NOI": chosen(["ATM", "QUAY"], (amount > 0) * 1),
        "MAY": chosen(["ATM", "Q"], (amount > 0) * 1) + padded(machine, 4), "THE": missing(card, amount > 0),
    })  # fmt: skip
    spoilt, bad = with_faults(frame, CASH_FAULTS, "MA_GD", writer.out.rng)
    writer.out.put("cash.csv", spoilt, bad)
