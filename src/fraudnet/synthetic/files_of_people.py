"""Who is who: each institution's customers, and the population register that they may differ from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.scene import FILE_FIELDS, STATUSES
from fraudnet.synthetic import clock, dirt, numbers, people, places
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.dirt import typed_badly, with_faults, zero_lost
from fraudnet.synthetic.institutions import BANK_MESS, BANKS, OPERATOR_MESS, OPERATORS
from fraudnet.synthetic.logs import SLIP
from fraudnet.synthetic.texts import as_text, chosen, local_time, padded
from fraudnet.synthetic.writing import Writer

CUSTOMER_ROOM, FACE_ROOM = 99_999_989, 99_999_989
REGISTER, CHANGES = "DAN_CU", "DAN_CU_BIEN_DONG"
REGISTER_AGE_DAYS = 1_500  # how long before the world the register was complete
STATUS_KNOWN_DAYS = (5, 60)
CUSTOMER_FAULTS: tuple[dict[str, str], ...] = ({},)
NAME, BIRTH, ID, SEX, FACE = range(len(FILE_FIELDS))
Flags = NDArray[np.bool_]
MESS = np.concatenate([BANK_MESS, OPERATOR_MESS])  # in the numbering of `Files.source`


@dataclass(frozen=True)
class Files:
    """Records to be written: at which institution, about whom, since when, and from whose data each field is taken."""

    source: Ints  # banks, then operators, then the register and its changes
    holder: Ints
    known: Ints
    of: Ints  # len(FILE_FIELDS) x rows: the holder whose value a field carries
    slip: Flags  # len(FILE_FIELDS) x rows: where the pen slipped


def sources() -> list[str]:
    """Everybody who keeps records of people, in the numbering of `Files.source`."""
    return [b.bin for b in BANKS] + [o.code for o in OPERATORS] + [REGISTER, CHANGES]


def customer_code(institution: Ints, holder: Ints) -> pl.Series:
    """An institution's own key of a customer; banks are numbered before operators."""
    return "KH" + padded(numbers.scrambled(holder * 31 + institution, CUSTOMER_ROOM), 8)


def write(writer: Writer) -> None:
    """One row for every customer of every bank and operator, one of the register for every person."""
    files = _with_slips(writer, _customers(writer))
    spoilt, bad = with_faults(_frame(writer, files), CUSTOMER_FAULTS, None, writer.out.rng)
    writer.out.put_by_house("identities", spoilt, bad)
    writer.out.put("population.csv", _register(writer))


def _customers(writer: Writer) -> Files:
    """Known since the first account or SIM there; a firm's representative is on file beside the firm."""
    accounts, sims = writer.stage.held.accounts, writer.stage.held.sims
    source = np.concatenate([accounts["bank"], len(BANKS) + sims["operator"]])
    holder = np.concatenate([accounts["holder"], sims["holder"]])
    known = np.concatenate([accounts["opened"], sims["begun"]])
    firm = writer.stage.population.representative[holder] != holder
    source = np.concatenate([source, source[firm]])
    holder = np.concatenate([holder, writer.stage.population.representative[holder[firm]]])
    known = np.concatenate([known, known[firm]])
    order = np.lexsort((known, holder, source))
    source, holder, known = source[order], holder[order], known[order]
    first = np.r_[True, (source[1:] != source[:-1]) | (holder[1:] != holder[:-1])]
    return _files(source[first], holder[first], known[first])


def _files(source: Ints, holder: Ints, known: Ints) -> Files:
    of = np.tile(holder, (len(FILE_FIELDS), 1))
    return Files(source, holder, known, of, np.zeros(of.shape, bool))


def _with_slips(writer: Writer, files: Files) -> Files:
    """What planted groups gave the banks, and what clerks mistype anyway."""
    log, accounts, size = writer.stage.logs.misfiled, writer.stage.held.accounts, len(writer.stage.population)
    key = files.source * size + files.holder
    row = np.searchsorted(key, accounts["bank"][log["account"]] * size + accounts["holder"][log["account"]])
    other = log["person"] != SLIP
    files.of[log["field"][other], row[other]] = log["person"][other]
    files.slip[log["field"][~other], row[~other]] = True
    rng, mess = writer.out.rng, writer.out.mess * MESS[files.source]
    for field, share in ((NAME, dirt.NAME_SLIP), (BIRTH, dirt.BIRTH_WRONG), (ID, dirt.DIGIT_WRONG)):
        files.slip[field] |= rng.random(len(row_of(files))) < share * mess
    return files


def row_of(files: Files) -> Ints:
    """The number of each record."""
    return np.arange(len(files.source))


def _frame(writer: Writer, files: Files) -> pl.DataFrame:
    population, texts, rng = writer.stage.population, writer.texts, writer.out.rng
    holder, n, mess = files.holder, len(files.holder), writer.out.mess * MESS[files.source]
    firm = population.job[holder] == people.ORGANISATION
    number, old, old_card = _documents(writer, files, firm)
    day = population.birth_day[files.of[BIRTH]]
    birth = _day(np.where(files.slip[BIRTH], day + rng.choice([-365, -31, -1, 1, 9, 31, 365], n), day))
    sex = np.where(firm | (rng.random(n) < 0.01), -1, population.female[files.of[SEX]] ^ files.slip[SEX])
    phone = dirt.phone_as_typed(texts.phone.gather(_phone_on_file(writer, holder)), rng, mess)
    representative = customer_code(files.source, population.representative[holder])
    name = typed_badly(dirt.slipped(texts.name.gather(files.of[NAME]), files.slip[NAME]), rng, mess)
    return pl.DataFrame({
        "TO_CHUC": chosen(sources(), files.source),
        "NGUON_LOAI": chosen(["NH", "NM"], (files.source >= len(BANKS)) * 1),
        "MA_KH": customer_code(files.source, holder), "LOAI_KH": chosen(["CN", "TC"], firm * 1), "HO_TEN": name,
        "NGAY_SINH": missing(birth, rng.random(n) < dirt.NO_BIRTH_DATE * mess), "GIOI_TINH": chosen(["Nam", "Nữ"], sex),
        "QUOC_TICH": chosen(["VN"], np.where(firm, -1, 0)),
        "SO_GIAY_TO": number, "LOAI_GIAY_TO": chosen(["1", "3"], np.where(firm, -1, old_card * 1)), "SO_CU": old,
        "MST": missing(texts.id_number.gather(holder), ~firm),
        "VON": missing(as_text(population.capital[holder]), ~firm),
        "TINH": padded(population.home[holder], 2), "XA": "X" + padded(population.commune[holder], 3),
        "DIA_CHI": _address(holder),
        "DIEN_THOAI": missing(zero_lost(phone, dirt.ZERO_LOST * mess, rng), rng.random(n) < dirt.NO_PHONE * mess),
        "KHUON_MAT": _faces(writer, files, firm), "NGUOI_DAI_DIEN": missing(representative, ~firm),
        "NGAY_CAP_NHAT": local_time(files.known),
    })  # fmt: skip


def _address(holder: Ints) -> pl.Series:
    return as_text(holder % 399 + 1) + " " + chosen(list(places.STREETS), holder % len(places.STREETS))


def _phone_on_file(writer: Writer, holder: Ints) -> Ints:
    """The everyday number; some forms carry a relative's or one that was given up."""
    sims, contacts = writer.stage.held.main_sim, writer.stage.population.contacts
    shared = writer.out.rng.random(len(holder)) < dirt.PHONE_SHARED * writer.out.mess
    relative = sims[contacts[np.minimum(holder, len(contacts) - 1), 0]]
    return np.where(shared & (holder < len(contacts)), relative, sims[holder])


def _faces(writer: Writer, files: Files, firm: Flags) -> pl.Series:
    """The key of the face each institution took a picture of; poor pictures look like somebody else."""
    rng, n = writer.out.rng, len(files.holder)
    face = face_of(writer)[files.of[FACE]]
    poor = files.slip[FACE] | (rng.random(n) < dirt.POOR_PICTURE * writer.out.mess * MESS[files.source])
    face = np.where(poor, rng.integers(0, writer.stage.population.people, n), face)
    untaken = firm | (rng.random(n) < dirt.NO_PICTURE)
    return missing(_face_key(face), untaken)


def face_of(writer: Writer) -> Ints:
    """Everybody's face, as far as machines can tell faces apart."""
    face = writer.stage.population.face.copy()
    log = writer.stage.logs.faces
    face[log["person"]] = log["face"]
    return face


def _face_key(face: Ints) -> pl.Series:
    return "F" + padded(numbers.scrambled(face, FACE_ROOM, 3), 8)


def _day(day: Ints) -> pl.Series:
    """Days since 1970, earlier ones too, as the customer forms write them."""
    return pl.Series(day.astype(np.int32)).cast(pl.Date).dt.strftime("%d/%m/%Y")


def _documents(writer: Writer, files: Files, firm: Flags) -> tuple[pl.Series, pl.Series, Flags]:
    """The number each institution has on file: 12 digits, some still 9, some without the leading zero, some none."""
    rng, texts, holder, mess = writer.out.rng, writer.texts, files.of[ID], writer.out.mess * MESS[files.source]
    n, adult = len(holder), writer.stage.population.age[holder] > 24
    old_card = ~firm & (rng.random(n) < dirt.OLD_CARDS * mess) & adult
    place = places.BIRTH_CODES[writer.stage.population.birth_place[holder]]
    old = padded(numbers.old_id(place, holder), 9)
    now = dirt.digit_wrong(texts.id_number.gather(holder), files.slip[ID])
    now = zero_lost(now, dirt.ZERO_LOST * mess, rng)
    number = pl.select(pl.when(pl.Series(old_card)).then(old).otherwise(now)).to_series()
    named = ~firm & ~old_card & (rng.random(n) < dirt.OLD_NAMED) & adult
    return missing(number, firm | (rng.random(n) < dirt.NO_ID * mess)), missing(old, ~named), old_card


def missing(values: pl.Series, where: Flags) -> pl.Series:
    """The values, null where the mask holds."""
    return pl.select(pl.when(~pl.Series(where)).then(values)).to_series()


def _register(writer: Writer) -> pl.DataFrame:
    """The register's record of everybody, and a second record of its changes for those who died or went abroad."""
    stage, rng = writer.stage, writer.out.rng
    everybody, log = np.arange(stage.population.people), stage.logs.statuses
    order = np.lexsort((log["status"], log["at"], log["person"]))
    order = order[log["at"][order] < stage.end_us]
    who, since, state = log["person"][order], log["at"][order], log["status"][order]
    told = since + rng.integers(STATUS_KNOWN_DAYS[0], STATUS_KNOWN_DAYS[1], len(since)) * clock.DAY
    holder = np.concatenate([everybody, who])
    ago = np.full(len(everybody), stage.start_us - REGISTER_AGE_DAYS * clock.DAY)
    status = np.concatenate([np.full(len(everybody), len(STATUSES)), state])
    at = np.concatenate([np.full(len(everybody), -1), since])
    row = np.concatenate([everybody, len(everybody) + np.arange(len(who))])
    changed = np.repeat([0, 1], [len(everybody), len(who)])
    return _register_frame(writer, (holder, row, changed), (status, at)).with_columns(
        NGAY_CAP_NHAT=local_time(np.concatenate([ago, told]))
    )


def _register_frame(writer: Writer, rows: tuple[Ints, Ints, Ints], state: tuple[Ints, Ints]) -> pl.DataFrame:
    population, texts, rng = writer.stage.population, writer.texts, writer.out.rng
    holder, row, changed = rows
    old = padded(numbers.old_id(places.BIRTH_CODES[population.birth_place[holder]], holder), 9)
    unlisted = (rng.random(len(holder)) < dirt.OLD_NOT_LISTED) | (population.age[holder] <= 24)
    known_face = rng.random(len(holder)) < dirt.NOT_ON_CHIP
    return pl.DataFrame({
        "NGUON": chosen([REGISTER, CHANGES], changed), "MA": "DC" + padded(row, 9), "HO_TEN": texts.name.gather(holder),
        "NGAY_SINH": _day(population.birth_day[holder]), "GIOI_TINH": chosen(["Nam", "Nữ"], population.female[holder]),
        "SO_DINH_DANH": texts.id_number.gather(holder), "SO_CU": missing(old, unlisted),
        "TINH": padded(population.home[holder], 2), "XA": "X" + padded(population.commune[holder], 3),
        "KHUON_MAT": missing(_face_key(face_of(writer)[holder]), known_face),
        "TINH_TRANG": chosen([*(s.upper() for s in STATUSES), "ALIVE"], state[0]),
        "TU_NGAY": local_time(state[1]),
    })  # fmt: skip
