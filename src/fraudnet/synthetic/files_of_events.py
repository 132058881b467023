"""Smaller things that happen: phones seen, events of accounts and SIMs, cash."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.accounts import ACCOUNT_EVENTS, SIM_EVENTS
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.dirt import with_faults
from fraudnet.synthetic.files_of_movements import in_order
from fraudnet.synthetic.texts import chosen, local_time, padded
from fraudnet.synthetic.writing import Writer

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
    rows = in_order(writer.stage, log, ("account", "event", "device"))
    rows = rows[log["at"][rows] >= writer.stage.held.accounts["opened"][log["account"][rows]]]
    device = log["device"][rows]
    imei = writer.texts.imei.gather(np.maximum(device, 0))
    frame = pl.DataFrame({
        **_account(writer, log["account"][rows]), "LUC": local_time(log["at"][rows]),
        "SU_KIEN": chosen([e.upper() for e in ACCOUNT_EVENTS], log["event"][rows]),
        "IMEI": pl.select(pl.when(pl.Series(device >= 0)).then(imei)).to_series(),
    })  # fmt: skip
    spoilt, bad = with_faults(frame, EVENT_FAULTS, None, writer.out.rng)
    writer.out.put("account_events.csv", spoilt, bad)


def _write_sim_events(writer: Writer) -> None:
    log, sims = writer.stage.logs.sim_events, writer.stage.held.sims
    rows = _alive(writer, log, in_order(writer.stage, log, ("sim", "event")))
    sim, event = log["sim"][rows], log["event"][rows]
    sold = np.isin(event, [SIM_EVENTS.index("activate"), SIM_EVENTS.index("swap")])
    dealer = "DL" + padded(sims["dealer"][sim], 5)
    frame = pl.DataFrame({
        "SO_THUE_BAO": writer.texts.phone.gather(sim), "LUC": local_time(log["at"][rows]),
        "SU_KIEN": chosen([e.upper() for e in SIM_EVENTS], event),
        "DIEM_BAN": pl.select(pl.when(pl.Series(sold)).then(dealer)).to_series(),
    })  # fmt: skip
    spoilt, bad = with_faults(frame, EVENT_FAULTS, None, writer.out.rng)
    writer.out.put("sim_events.csv", spoilt, bad)


def _write_cash(writer: Writer) -> None:
    log = writer.stage.logs.cash
    rows = in_order(writer.stage, log, ("account", "amount", "machine"))
    rows = rows[log["at"][rows] >= writer.stage.held.accounts["opened"][log["account"][rows]]]
    amount, machine = log["amount"][rows], log["machine"][rows]
    frame = pl.DataFrame({
        "NGUON": writer.texts.bank.gather(log["account"][rows]), "MA_GD": "TM" + padded(np.arange(len(rows)), 9),
        **_account(writer, log["account"][rows]), "LUC": local_time(log["at"][rows]),
        "SO_TIEN": pl.Series(amount).cast(pl.String), "NOI": chosen(["ATM", "QUAY"], (amount > 0) * 1),
        "MAY": chosen(["ATM", "Q"], (amount > 0) * 1) + padded(machine, 4),
    })  # fmt: skip
    spoilt, bad = with_faults(frame, CASH_FAULTS, "MA_GD", writer.out.rng)
    writer.out.put("cash.csv", spoilt, bad)
