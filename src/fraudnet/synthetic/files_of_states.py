"""Who holds what, as each institution lists it: institutions, accounts, SIMs, registered phones, adverts."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.judgements import SOURCES
from fraudnet.synthetic import clock, numbers
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.deciding import CONFIRMED, NO_ROLE
from fraudnet.synthetic.dirt import digit_wrong, phone_as_typed, typed_badly, with_faults
from fraudnet.synthetic.files_of_movements import in_order
from fraudnet.synthetic.files_of_people import customer_code, missing
from fraudnet.synthetic.holdings import ACCOUNT_KINDS, CHANNELS, PLANS
from fraudnet.synthetic.institutions import BANK_MESS, BANKS, OPERATOR_MESS, OPERATORS
from fraudnet.synthetic.logs import ACCOUNT
from fraudnet.synthetic.texts import as_text, chosen, local_time, padded
from fraudnet.synthetic.writing import Writer

OTHER_STATUS = ((2, 0.02), (3, 0.004), (4, 0.002), (5, 0.006))  # paused, locked, frozen, closed for other reasons
MISCOPIED, PAGES = 0.04, 99_999_989
ACCOUNT_FAULTS: tuple[dict[str, str], ...] = ({"SO_TAI_KHOAN": ""}, {"LOAI_TK": "KHONG_RO"}, {})
SIM_FAULTS: tuple[dict[str, str], ...] = ({"SO_THUE_BAO": ""},)


def write(writer: Writer) -> None:
    """Every file of this module, in a fixed order."""
    writer.out.put("institutions.csv", _institutions())
    _write_accounts(writer)
    _write_sims(writer)
    _write_registrations(writer)
    _write_adverts(writer)


def _institutions() -> pl.DataFrame:
    rows = [(b.bin, "VI" if b.kind == "wallet" else "NGAN_HANG", b.name) for b in BANKS]
    rows += [(o.code, "NHA_MANG", o.name) for o in OPERATORS]
    return pl.DataFrame(rows, schema=["MA", "LOAI", "TEN"], orient="row").with_columns(
        DS_MA=pl.col("MA"), TU_NGAY=pl.lit("01/01/2015"), NGAY_CAP_NHAT=pl.lit("2015-01-01 00:00:00")
    )


def _write_accounts(writer: Writer) -> None:
    accounts, texts, out = writer.stage.held.accounts, writer.texts, writer.out
    status, since = _status(writer)
    mess = out.mess * BANK_MESS[accounts["bank"]]
    opened = accounts["opened"]
    closed = np.where(accounts["closed"] < writer.stage.end_us, accounts["closed"], -1)
    clerk = texts.bank + "-" + padded(accounts["branch"], 3) + "-" + padded(np.maximum(accounts["staff"], 0), 4)
    frame = pl.DataFrame({
        "BIN": texts.bank, "SO_TAI_KHOAN": texts.account, "MA_KH": customer_code(accounts["bank"], accounts["holder"]),
        "TEN_CHU_TK": typed_badly(texts.name.gather(accounts["holder"]), out.rng, mess),
        "NGAY_MO": local_time(opened), "NGAY_DONG": local_time(closed),
        "KENH_MO": chosen([c.upper() for c in CHANNELS], accounts["channel"]),
        "CHI_NHANH": texts.bank + "-" + padded(accounts["branch"], 3),
        "NHAN_VIEN": missing(clerk, accounts["staff"] < 0), "NGAY_XAC_THUC": local_time(accounts["verified"]),
        "DT_DANG_KY": phone_as_typed(texts.phone.gather(accounts["sim"]), out.rng, mess),
        "LOAI_TK": chosen([k.upper() for k in ACCOUNT_KINDS], accounts["kind"]),
        "TRANG_THAI": as_text(status), "NGAY_TRANG_THAI": local_time(since), "NGAY_CAP_NHAT": local_time(opened),
    }).sort("BIN", "SO_TAI_KHOAN")  # fmt: skip
    spoilt, bad = with_faults(frame, ACCOUNT_FAULTS, "SO_TAI_KHOAN", writer.out.rng)
    writer.out.put_by_house("accounts", spoilt, bad)


def _status(writer: Writer) -> tuple[Ints, Ints]:
    """Active, but for a few for reasons of their own and for those that a bank or the police confirmed."""
    stage, rng = writer.stage, writer.out.rng
    n = len(stage.held.accounts)
    codes, shares = zip(*OTHER_STATUS, strict=True)
    status = rng.choice([1, *codes], n, p=[1 - sum(shares), *shares])
    since = np.where(status > 1, clock.moments(n, (stage.start_us, stage.end_us), clock.TALKING, rng), -1)
    since = np.where(since > stage.held.accounts["opened"], since, -1)
    status = np.where(since < 0, 1, status)
    made = writer.found.decisions
    acted = np.isin(made["source"], [SOURCES.index("bank"), SOURCES.index("police")])
    hit = (made["kind"] == ACCOUNT) & (made["outcome"] == CONFIRMED) & (made["role"] != NO_ROLE) & acted
    entity = made["entity"][hit]
    status[entity] = rng.integers(3, 6, len(entity))
    since[entity] = made["at"][hit] + 2 * clock.HOUR
    return status, since


def _write_sims(writer: Writer) -> None:
    sims, texts, rng = writer.stage.held.sims, writer.texts, writer.out.rng
    mess = writer.out.mess * OPERATOR_MESS[sims["operator"]]
    ended = np.where((sims["ended"] >= 0) & (sims["ended"] < writer.stage.end_us), sims["ended"], -1)
    frame = pl.DataFrame({
        "NHA_MANG": texts.operator, "SO_THUE_BAO": texts.phone, "TU_NGAY": local_time(sims["begun"]),
        "DEN_NGAY": local_time(ended), "MA_KH": customer_code(len(BANKS) + sims["operator"], sims["holder"]),
        "TEN_CHU_SO": typed_badly(texts.name.gather(sims["holder"]), rng, mess),
        "ICCID": card_numbers(sims["operator"], np.arange(len(sims)), 0),
        "DIEM_BAN": "DL" + padded(sims["dealer"], 5), "GOI": chosen([p.upper() for p in PLANS], sims["plan"]),
        "NGAY_XAC_THUC": local_time(sims["verified"]),
        "NGAY_CAP_NHAT": local_time(sims["begun"]),
    }).sort("NHA_MANG", "SO_THUE_BAO", "TU_NGAY")  # fmt: skip
    spoilt, bad = with_faults(frame, SIM_FAULTS, None, rng)
    writer.out.put_by_house("sims", spoilt, bad)


def card_numbers(operator: Ints, sim: Ints, swaps: Ints | int) -> pl.Series:
    """The ICCID of the n-th card of each SIM."""
    return as_text(numbers.iccid(operator, sim, np.broadcast_to(swaps, len(sim))))


def _write_registrations(writer: Writer) -> None:
    """Numbers that took the place of the one an account was opened with."""
    log, texts = writer.stage.logs.registrations, writer.texts
    rows = in_order(writer.stage, log, ("account", "sim"))
    account, sim = log["account"][rows], log["sim"][rows]
    writer.out.put("registered_phones.csv", pl.DataFrame({
        "BIN": texts.bank.gather(account), "SO_TAI_KHOAN": texts.account.gather(account),
        "SO_THUE_BAO": texts.phone.gather(sim), "TU_NGAY": local_time(log["at"][rows]),
    }))  # fmt: skip


def _write_adverts(writer: Writer) -> None:
    """Account numbers and phone numbers seen in adverts and groups, as somebody copied them."""
    log, texts, rng = writer.stage.logs.adverts, writer.texts, writer.out.rng
    rows = in_order(writer.stage, log, ("kind", "entity"))
    entity, account = log["entity"][rows], log["kind"][rows] == ACCOUNT
    number = texts.account.gather(np.where(account, entity, 0))
    value = pl.select(
        pl.when(pl.Series(account)).then(number).otherwise(texts.phone.gather(np.where(account, 0, entity)))
    )
    copied = digit_wrong(value.to_series(), rng.random(len(rows)) < MISCOPIED)
    page = numbers.scrambled(log["at"][rows] // clock.DAY * 7 + rng.integers(0, 7, len(rows)), PAGES, 4)
    writer.out.put("adverts.csv", pl.DataFrame({
        "MA": "QC" + padded(np.arange(len(rows)), 7), "LUC": local_time(log["at"][rows]),
        "LOAI": chosen(["TAI_KHOAN", "SO_DIEN_THOAI"], ~account * 1), "GIA_TRI": copied, "TRANG": "U" + padded(page, 8),
    }))  # fmt: skip
