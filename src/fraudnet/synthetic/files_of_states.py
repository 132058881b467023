"""Who is who and who holds what, as each institution lists it: institutions, customers, accounts, SIMs."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.judgements import SOURCES
from fraudnet.synthetic import clock, numbers, people, places
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.deciding import CONFIRMED, NO_ROLE
from fraudnet.synthetic.dirt import typed_badly, with_faults, zero_lost
from fraudnet.synthetic.holdings import ACCOUNT_KINDS, CHANNELS
from fraudnet.synthetic.institutions import BANKS, OPERATORS
from fraudnet.synthetic.logs import ACCOUNT
from fraudnet.synthetic.texts import as_text, chosen, local_time, padded
from fraudnet.synthetic.writing import Writer

OLD_CARDS, OLD_NAMED, ZERO_LOST, NO_ID = 0.05, 0.3, 0.04, 0.02
NO_PHONE, NO_BIRTH_DATE, CAPITAL = 0.1, 0.03, 1_000_000_000
CUSTOMER_ROOM = 99_999_989
OTHER_STATUS = ((2, 0.02), (3, 0.004), (4, 0.002), (5, 0.006))  # paused, locked, frozen, closed for other reasons
ACCOUNT_FAULTS: tuple[dict[str, str], ...] = ({"SO_TAI_KHOAN": ""}, {"LOAI_TK": "KHONG_RO"}, {})
SIM_FAULTS: tuple[dict[str, str], ...] = ({"SO_THUE_BAO": ""},)
CUSTOMER_FAULTS: tuple[dict[str, str], ...] = ({},)


def write(writer: Writer) -> None:
    """Every file of this module, in a fixed order."""
    writer.out.put("institutions.csv", _institutions())
    _write_customers(writer)
    _write_accounts(writer)
    _write_sims(writer)


def _institutions() -> pl.DataFrame:
    rows = [(b.bin, "VI" if b.kind == "wallet" else "NGAN_HANG", b.name) for b in BANKS]
    rows += [(o.code, "NHA_MANG", o.name) for o in OPERATORS]
    return pl.DataFrame(rows, schema=["MA", "LOAI", "TEN"], orient="row").with_columns(
        DS_MA=pl.col("MA"), TU_NGAY=pl.lit("01/01/2015"), NGAY_CAP_NHAT=pl.lit("2015-01-01 00:00:00")
    )


def customer_code(institution: Ints, holder: Ints) -> pl.Series:
    """An institution's own key of a customer; banks are numbered before operators."""
    return "KH" + padded(numbers.scrambled(holder * 31 + institution, CUSTOMER_ROOM), 8)


def _write_customers(writer: Writer) -> None:
    """One row for every customer of every bank and operator, known since the first account or SIM there."""
    accounts, sims = writer.stage.held.accounts, writer.stage.held.sims
    institution = np.concatenate([accounts["bank"], len(BANKS) + sims["operator"]])
    holder = np.concatenate([accounts["holder"], sims["holder"]])
    begun = np.concatenate([accounts["opened"], sims["begun"]])
    firm = writer.stage.population.representative[holder] != holder
    institution = np.concatenate([institution, institution[firm]])
    holder = np.concatenate([holder, writer.stage.population.representative[holder[firm]]])
    begun = np.concatenate([begun, begun[firm]])
    order = np.lexsort((begun, holder, institution))
    institution, holder, begun = institution[order], holder[order], begun[order]
    first = np.r_[True, (institution[1:] != institution[:-1]) | (holder[1:] != holder[:-1])]
    frame = _customer_frame(writer, institution[first], holder[first], begun[first])
    spoilt, bad = with_faults(frame, CUSTOMER_FAULTS, None, writer.out.rng)
    writer.out.put("identities.csv", spoilt, bad)


def _customer_frame(writer: Writer, institution: Ints, holder: Ints, begun: Ints) -> pl.DataFrame:
    population, texts, rng = writer.stage.population, writer.texts, writer.out.rng
    n, firm = len(holder), population.job[holder] == people.ORGANISATION
    number, old, old_card = _documents(writer, holder, firm)
    birth = _day(population.birth_day[holder])
    sex = np.where(firm | (rng.random(n) < 0.01), -1, population.female[holder])
    phone = texts.phone.gather(writer.stage.held.main_sim[holder])
    representative = customer_code(institution, population.representative[holder])
    codes = [b.bin for b in BANKS] + [o.code for o in OPERATORS]
    street = chosen(list(places.STREETS), holder % len(places.STREETS))
    return pl.DataFrame({
        "TO_CHUC": chosen(codes, institution), "NGUON_LOAI": chosen(["NH", "NM"], (institution >= len(BANKS)) * 1),
        "MA_KH": customer_code(institution, holder), "LOAI_KH": chosen(["CN", "TC"], firm * 1),
        "HO_TEN": typed_badly(texts.name.gather(holder), rng),
        "NGAY_SINH": _missing(birth, rng.random(n) < NO_BIRTH_DATE), "GIOI_TINH": chosen(["Nam", "Nữ"], sex),
        "QUOC_TICH": chosen(["VN"], np.where(firm, -1, 0)),
        "SO_GIAY_TO": number, "LOAI_GIAY_TO": chosen(["1", "3"], np.where(firm, -1, old_card * 1)), "SO_CU": old,
        "MST": _missing(texts.id_number.gather(holder), ~firm),
        "VON": _missing(as_text((holder % 40 + 1) * CAPITAL // 10), ~firm),
        "TINH": padded(population.home[holder], 2), "XA": "X" + padded(population.commune[holder], 3),
        "DIA_CHI": as_text(holder % 399 + 1) + " " + street,
        "DIEN_THOAI": _missing(zero_lost(phone, ZERO_LOST, rng), rng.random(n) < NO_PHONE),
        "NGUOI_DAI_DIEN": _missing(representative, ~firm), "NGAY_CAP_NHAT": local_time(begun),
    })  # fmt: skip


def _day(day: Ints) -> pl.Series:
    """Days since 1970, earlier ones too, as the customer forms write them."""
    return pl.Series(day.astype(np.int32)).cast(pl.Date).dt.strftime("%d/%m/%Y")


def _documents(writer: Writer, holder: Ints, firm: np.ndarray) -> tuple[pl.Series, pl.Series, np.ndarray]:
    """The number each institution has on file: 12 digits, some still 9, some without the leading zero, some none."""
    rng, texts = writer.out.rng, writer.texts
    n = len(holder)
    old_card = ~firm & (rng.random(n) < OLD_CARDS) & (writer.stage.population.age[holder] > 24)
    place = places.BIRTH_CODES[writer.stage.population.birth_place[holder]]
    old = padded(numbers.old_id(place, holder), 9)
    now = zero_lost(texts.id_number.gather(holder), ZERO_LOST, rng)
    number = pl.select(pl.when(pl.Series(old_card)).then(old).otherwise(now)).to_series()
    named = ~firm & ~old_card & (rng.random(n) < OLD_NAMED) & (writer.stage.population.age[holder] > 24)
    return _missing(number, firm | (rng.random(n) < NO_ID)), _missing(old, ~named), old_card


def _missing(values: pl.Series, where: np.ndarray) -> pl.Series:
    return pl.select(pl.when(~pl.Series(where)).then(values)).to_series()


def _write_accounts(writer: Writer) -> None:
    accounts, texts = writer.stage.held.accounts, writer.texts
    status, since = _status(writer)
    opened = accounts["opened"]
    frame = pl.DataFrame({
        "BIN": texts.bank, "SO_TAI_KHOAN": texts.account, "MA_KH": customer_code(accounts["bank"], accounts["holder"]),
        "TEN_CHU_TK": typed_badly(texts.name.gather(accounts["holder"]), writer.out.rng),
        "NGAY_MO": local_time(opened), "KENH_MO": chosen([c.upper() for c in CHANNELS], accounts["channel"]),
        "CHI_NHANH": texts.bank + "-" + padded(accounts["branch"], 3),
        "DT_DANG_KY": texts.phone.gather(accounts["sim"]),
        "LOAI_TK": chosen([k.upper() for k in ACCOUNT_KINDS], accounts["kind"]),
        "TRANG_THAI": as_text(status), "NGAY_TRANG_THAI": local_time(since), "NGAY_CAP_NHAT": local_time(opened),
    }).sort("BIN", "SO_TAI_KHOAN")  # fmt: skip
    spoilt, bad = with_faults(frame, ACCOUNT_FAULTS, "SO_TAI_KHOAN", writer.out.rng)
    writer.out.put("accounts.csv", spoilt, bad)


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
    ended = np.where((sims["ended"] >= 0) & (sims["ended"] < writer.stage.end_us), sims["ended"], -1)
    frame = pl.DataFrame({
        "NHA_MANG": texts.operator, "SO_THUE_BAO": texts.phone, "TU_NGAY": local_time(sims["begun"]),
        "DEN_NGAY": local_time(ended), "MA_KH": customer_code(len(BANKS) + sims["operator"], sims["holder"]),
        "TEN_CHU_SO": typed_badly(texts.name.gather(sims["holder"]), rng),
        "DIEM_BAN": "DL" + padded(sims["dealer"], 5), "GOI": chosen(["TRA_TRUOC", "TRA_SAU"], sims["plan"]),
        "NGAY_CAP_NHAT": local_time(sims["begun"]),
    }).sort("NHA_MANG", "SO_THUE_BAO", "TU_NGAY")  # fmt: skip
    spoilt, bad = with_faults(frame, SIM_FAULTS, None, rng)
    writer.out.put("sims.csv", spoilt, bad)
