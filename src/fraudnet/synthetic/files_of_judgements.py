"""What people said and decided: complaints and dispositions, one file for accounts and one for numbers each."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from fraudnet.contracts.judgements import BASES, ROLES, SOURCES
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.deciding import OUTCOMES, SELECTIONS
from fraudnet.synthetic.files_of_movements import transfer_code
from fraudnet.synthetic.logs import ACCOUNT, SIM
from fraudnet.synthetic.texts import as_text, chosen, local_time, padded
from fraudnet.synthetic.writing import Writer

FILES = ((ACCOUNT, "accounts"), (SIM, "sims"))


def write(writer: Writer) -> None:
    """Every file of this module, in a fixed order."""
    for kind, name in FILES:
        writer.out.put(f"reports_{name}.csv", _reports(writer, kind))
    for kind, name in FILES:
        writer.out.put(f"dispositions_{name}.csv", _dispositions(writer, kind))


def _entity(writer: Writer, kind: int, rows: Ints) -> dict[str, pl.Series]:
    if kind == SIM:
        return {"SO_THUE_BAO": writer.texts.phone.gather(rows)}
    return {"BIN": writer.texts.bank.gather(rows), "SO_TAI_KHOAN": writer.texts.account.gather(rows)}


def complainant(holder: int) -> str:
    """A pseudonym that stays the same over a person's complaints."""
    return hashlib.sha256(f"complainant {holder}".encode()).hexdigest()[:16]


def _reports(writer: Writer, kind: int) -> pl.DataFrame:
    made: Columns = writer.found.reports
    rows = np.flatnonzero(made["kind"] == kind)
    transfer = made["transfer"][rows]
    code = transfer_code(np.maximum(transfer, 0), 0)
    holders, which = np.unique(made["complainant"][rows], return_inverse=True)
    amount, scam = made["amount"][rows], made["scam"][rows]
    return pl.DataFrame({
        "MA_TIN": "BC" + padded(rows, 7), **_entity(writer, kind, made["entity"][rows]),
        "NGAY_BAO": local_time(made["at"][rows]), "NGAY_XAY_RA": local_time(made["event_at"][rows]),
        "THU_DOAN": chosen(writer.stage.words.scams, scam),
        "THIET_HAI": pl.select(pl.when(pl.Series(amount > 0)).then(as_text(amount))).to_series(),
        "MA_GD": pl.select(pl.when(pl.Series(transfer >= 0)).then(code)).to_series(),
        "NGUOI_BAO": chosen([complainant(int(h)) for h in holders], which),
    })  # fmt: skip


def _dispositions(writer: Writer, kind: int) -> pl.DataFrame:
    made: Columns = writer.found.decisions
    rows = np.flatnonzero(made["kind"] == kind)
    return pl.DataFrame({
        **_entity(writer, kind, made["entity"][rows]), "KET_LUAN": chosen(list(OUTCOMES), made["outcome"][rows]),
        "VAI_TRO": chosen(list(ROLES), made["role"][rows]), "NGAY_QD": local_time(made["at"][rows]),
        "TU_NGAY": local_time(made["begins"][rows]), "DEN_NGAY": local_time(made["ends"][rows]),
        "NGUOI_QD": chosen(list(SOURCES), made["source"][rows]), "CAN_CU": chosen(list(BASES), made["basis"][rows]),
        "CHON_BOI": chosen(list(SELECTIONS), made["selected"][rows]),
    })  # fmt: skip
