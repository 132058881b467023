"""People with three records each and everything that goes wrong in them: who is who is known, so it can be measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.identifiers.mojibake import TCVN3
from fraudnet.synthetic import names, numbers, people, places
from fraudnet.synthetic.institutions import OPERATORS

YEAR = 2026
SOURCES = ("bank", "operator", "wallet")
# Shares of records, as the yardstick has them; the last five are ours on top of it.
DIRT = {
    "id_missing": 0.08, "old_number": 0.12, "zero_lost": 0.05, "digit_wrong": 0.01, "undiacritised": 0.30,
    "swapped": 0.05, "mojibake": 0.01, "birth_missing": 0.06, "birth_wrong": 0.01, "phone_missing": 0.10,
    "phone_old_or_shared": 0.15, "sex_missing": 0.01, "commune_missing": 0.05, "commune_moved": 0.05, "upper": 0.30,
    "nfd": 0.10,
}  # fmt: skip
NAMES_OLD = 0.30  # of cards name the former number: no dirt, so it never changes
TWINS, ALIKE_BUT_FOR_MARKS, SAME_NAME_AS_PARENT, NAMESAKES = 0.012, 0.03, 0.01, 0.005
MARKED_PAIRS = ("Hùng", "Hưng"), ("Lan", "Lân"), ("Tú", "Tư")


@dataclass(frozen=True)
class Linkage:
    """Records under the contract of a drop, and behind each (source, source_id) the person it is of."""

    records: Records
    truth: pl.DataFrame


def generate(n: int, seed: int, dirt: float = 1.0, copies: int = 3) -> Linkage:
    """n people with `copies` records each; `dirt` multiplies every share of DIRT. The same seed, the same bytes."""
    rng = np.random.default_rng(seed)
    known = _people(n, rng)
    person = np.repeat(np.arange(n), copies)
    copy = np.tile(np.arange(copies), n)
    shuffle = rng.permutation(len(person))
    person, copy = person[shuffle], copy[shuffle]
    frame = known[person]
    share = {name: value * dirt for name, value in DIRT.items()}
    hit = {name: pl.Series(rng.random(len(person)) < value) for name, value in share.items()}
    keys = pl.select(pl.format("r{}", pl.Series(rng.permutation(len(person))))).to_series()
    rows = pl.DataFrame(
        {
            "source": pl.Series(list(SOURCES)).gather(copy % len(SOURCES)),
            "source_id": keys,
            "full_name": _names(frame, hit, rng),
            "birth_date": _births(frame, hit, rng),
            "sex": _missing(frame["sex"], hit["sex_missing"]),
            **_documents(frame, hit, share["old_number"], rng),
            "phone": _phones(frame, hit, rng),
            **_places(frame, hit, rng),
        }
    )
    rows = rows.with_columns(row_id="source_id", known_at=pl.lit(datetime(YEAR, 1, 1, tzinfo=UTC)))
    schema = RECORDS["identities"].create_empty().schema
    whole = rows.select((pl.col(c) if c in rows.columns else pl.lit(None)).cast(t).alias(c) for c, t in schema.items())
    truth = rows.select("source", "source_id").with_columns(person=pl.Series(person))
    return Linkage(Records({"identities": whole.lazy()}), truth)


def _people(n: int, rng: np.random.Generator) -> pl.DataFrame:
    """Everybody's true values; twins, children named after a parent and namesakes of one birth date are planted."""
    town = people.populate(n, YEAR, rng)
    slots = {"surname": town.surname, "middle": town.middle, "given": town.given, "birth": town.birth_day}
    slots |= {"female": town.female, "born": town.birth_place}
    slots = {name: values[:n].copy() for name, values in slots.items()}
    follows = np.flatnonzero(town.household[1:n] == town.household[: n - 1]) + 1
    chosen = follows[rng.random(len(follows)) < (TWINS + SAME_NAME_AS_PARENT) * n / max(len(follows), 1)]
    chosen = chosen[np.r_[True, np.diff(chosen) > 1]] if len(chosen) else chosen
    twin = rng.random(len(chosen)) < TWINS / (TWINS + SAME_NAME_AS_PARENT)
    for name in ("surname", "middle", "female", "born", "birth"):
        slots[name][chosen[twin]] = slots[name][chosen[twin] - 1]
    same = chosen[twin][slots["given"][chosen[twin]] == slots["given"][chosen[twin] - 1]]
    slots["given"][same] = (slots["given"][same] + 1) % len(names.MALE_GIVEN)
    heirs = chosen[~twin]
    for name in ("surname", "middle", "given", "female"):
        slots[name][heirs] = slots[name][heirs - 1]
    apart = np.abs(slots["birth"][heirs] - slots["birth"][heirs - 1]) < 16 * 365
    slots["birth"][heirs[apart]] = slots["birth"][heirs[apart] - 1] + 25 * 365 - rng.integers(0, 300, int(apart.sum()))
    alike = np.flatnonzero(rng.random(n) < NAMESAKES)
    other = rng.integers(0, n, len(alike))
    for name in ("surname", "middle", "given", "female", "birth"):
        slots[name][alike] = slots[name][other]
    return _values(n, slots, town, chosen[twin], rng)


def _values(n: int, slots: dict, town: people.Population, twins: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    given = _given(slots)
    marked = twins[rng.random(len(twins)) < ALIKE_BUT_FOR_MARKS]
    for side in (0, 1):
        texts = [MARKED_PAIRS[i % len(MARKED_PAIRS)][side] for i in range(len(marked))]
        given = given.scatter(marked - side, texts) if len(marked) else given
    middle = np.where(slots["female"] == 1, slots["middle"] + len(names.MALE_MIDDLE), slots["middle"])
    texts = pl.DataFrame(
        {
            "surname": pl.Series(list(names.SURNAMES)).gather(slots["surname"]),
            "middle": pl.Series([*names.MALE_MIDDLE, *names.FEMALE_MIDDLE]).gather(middle),
            "given": given,
        }
    )
    serial, year = np.arange(n), slots["birth"].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    place = places.BIRTH_CODES[slots["born"]]
    operator = rng.integers(0, len(OPERATORS) - 2, 2 * n)
    phone = numbers.phone_value(operator, np.arange(2 * n))
    recycled = rng.random(n) < 0.3
    head = np.maximum.accumulate(np.where(np.r_[True, town.household[1:n] != town.household[: n - 1]], serial, 0))
    return texts.with_columns(
        birth=pl.Series(slots["birth"].astype(np.int32)).cast(pl.Date),
        sex=pl.Series(1 - slots["female"]),
        card=_padded(numbers.cccd(place, slots["female"], year, serial), 12),
        old=_padded(numbers.old_id(place, serial), 9),
        has_old=pl.Series(year < YEAR - 24),
        names_old=pl.Series(rng.random(n) < NAMES_OLD),
        phone=_padded(phone[:n], 11),
        earlier=_padded(np.where(recycled, phone[rng.integers(0, n, n)], phone[n:]), 11),
        family=_padded(phone[:n][head], 11),
        province=_padded(town.home[:n], 2),
        commune=pl.Series(town.commune[:n]),
    )


def _given(slots: dict) -> pl.Series:
    female = len(names.MALE_GIVEN) * slots["female"]
    return pl.Series([*names.MALE_GIVEN, *names.FEMALE_GIVEN]).gather(slots["given"] + female)


def _padded(values: np.ndarray, width: int) -> pl.Series:
    return pl.Series(values).cast(pl.String).str.zfill(width)


def _missing(values: pl.Series, where: pl.Series) -> pl.Series:
    return pl.select(pl.when(~where).then(values)).to_series()


def _one(condition: pl.Series, then: pl.Series | pl.Expr, otherwise: pl.Series | pl.Expr) -> pl.Series:
    return pl.select(pl.when(condition).then(then).otherwise(otherwise)).to_series()


def _documents(frame: pl.DataFrame, hit: dict, share: float, rng: np.random.Generator) -> dict[str, pl.Series]:
    """The number on file (12 or 9 digits, spoilt or missing), and the former number that some cards name."""
    aged = frame["has_old"].mean() or 1.0
    old = frame["has_old"] & pl.Series(rng.random(len(frame)) < min(share / aged, 1.0))
    number = _one(old, frame["old"], frame["card"])
    n, width = len(number), number.str.len_chars().to_numpy()
    at = (rng.random(n) * width).astype(np.int64)
    value = number.cast(pl.Int64).to_numpy()
    step = 10 ** (width - 1 - at)
    digit = value // step % 10
    wrong = value + ((digit + rng.integers(1, 10, n)) % 10 - digit) * step
    spoilt = _one(hit["digit_wrong"], _one(old, _padded(wrong, 9), _padded(wrong, 12)), number)
    short = _one(hit["zero_lost"], spoilt.str.strip_chars_start("0"), spoilt)
    named = frame["names_old"] & frame["has_old"] & ~old & ~hit["id_missing"]
    return {"id_number": _missing(short, hit["id_missing"]), "old_id_number": _missing(frame["old"], ~named)}


def _births(frame: pl.DataFrame, hit: dict, rng: np.random.Generator) -> pl.Series:
    """Half the wrong dates have one digit wrong, a fifth day and month swapped, the others are any other day."""
    birth, n = frame["birth"], len(frame)
    draw = pl.Series(rng.random(n))
    step = pl.Series(rng.choice([-10, -1, 1, 10], n))
    typed = pl.select(pl.date(birth.dt.year() + step, birth.dt.month(), birth.dt.day().clip(1, 28))).to_series()
    swapped = pl.select(pl.date(birth.dt.year(), birth.dt.day().clip(1, 12), birth.dt.month())).to_series()
    other = pl.select(birth + pl.duration(days=pl.Series(rng.integers(-4000, 4000, n)))).to_series()
    wrong = _one(draw < 0.5, typed, _one(draw < 0.7, swapped, other))
    return _missing(_one(hit["birth_wrong"], wrong, birth), hit["birth_missing"])


def _phones(frame: pl.DataFrame, hit: dict, rng: np.random.Generator) -> pl.Series:
    """Today's own number, else an earlier one (some belong to somebody else by now) or that of the household's head."""
    away = _one(pl.Series(rng.random(len(frame)) < 0.5), frame["earlier"], frame["family"])
    return _missing(_one(hit["phone_old_or_shared"], away, frame["phone"]), hit["phone_missing"])


def _places(frame: pl.DataFrame, hit: dict, rng: np.random.Generator) -> dict[str, pl.Series]:
    n, moved = len(frame), hit["commune_moved"]
    province = _one(moved, _padded(places.HOMES[rng.integers(0, len(places.HOMES), n)], 2), frame["province"])
    commune = _one(moved, pl.Series(rng.integers(1, places.COMMUNES_PER_PROVINCE, n)), frame["commune"])
    text = pl.select(pl.format("Xã X{}", commune.cast(pl.String).str.zfill(3))).to_series()
    return {"province": province, "commune": _missing(text, hit["commune_missing"])}


def _names(frame: pl.DataFrame, hit: dict, rng: np.random.Generator) -> pl.Series:
    """Names as counters type them: without marks, in another order, in capitals, decomposed, in a wrong encoding."""
    draw = pl.Series(rng.random(len(frame)))
    surname, middle, given = (frame[c] for c in ("surname", "middle", "given"))
    usual = pl.select(pl.concat_str(surname, middle, given, separator=" ")).to_series()
    turned = pl.select(pl.concat_str(given, middle, surname, separator=" ")).to_series()
    name = _one(hit["swapped"], turned, usual)
    name = _one(hit["undiacritised"] & ~hit["mojibake"], bare(name), name)
    rows = hit["mojibake"].arg_true()
    name = name.scatter(rows, _garbled(name.gather(rows), draw.gather(rows))) if len(rows) else name
    name = _one(hit["upper"] & ~hit["mojibake"], name.str.to_uppercase(), name)
    return _one(hit["nfd"] & ~hit["mojibake"], name.str.normalize("NFD"), name)


def bare(name: pl.Series) -> pl.Series:
    """A name without its marks."""
    plain = name.str.normalize("NFD").str.replace_all(r"\p{M}", "")
    return plain.str.replace_all("đ", "d", literal=True).str.replace_all("Đ", "D", literal=True)


def _garbled(name: pl.Series, draw: pl.Series) -> pl.Series:
    """UTF-8 read as Windows-1252, TCVN3 read as Latin-1, or letters lost for good."""
    western = name.map_elements(as_western, return_dtype=pl.String)
    national = name.str.replace_many(list(TCVN3.values()), list(TCVN3))
    lost = name.str.replace_all(r"[^\x00-\x7F]", "?")
    return _one(draw < 0.6, western, _one(draw < 0.8, national, lost))


def as_western(name: str) -> str:
    """A name's UTF-8 bytes as Windows-1252 shows them."""
    one_by_one = (bytes([byte]) for byte in name.encode())
    return "".join(b.decode("cp1252", errors="ignore") or b.decode("latin-1") for b in one_by_one)
