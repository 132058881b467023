"""The numbers of a world as the texts of its files: account numbers, phone numbers, names, local times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from fraudnet.synthetic import clock, names, numbers, people
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.institutions import BANKS, OPERATORS
from fraudnet.synthetic.stage import Stage

PORTED_ONE_IN = 60  # numbers that moved to another of the three large operators: the range does not tell


@dataclass(frozen=True)
class Texts:
    """One text per account, SIM, device and holder, in the order of their numbers."""

    bank: pl.Series
    account: pl.Series
    operator: pl.Series
    phone: pl.Series
    imei: pl.Series
    name: pl.Series
    id_number: pl.Series


def texts_of(stage: Stage) -> Texts:
    """Look every number up once."""
    accounts, sims = stage.held.accounts, stage.held.sims
    serial = np.arange(len(accounts))
    digits = numbers.account_digits(accounts["bank"])
    number = padded(numbers.account_value(accounts["bank"], serial), digits)
    return Texts(
        bank=chosen([b.bin for b in BANKS], accounts["bank"]), account=number,
        operator=chosen([o.code for o in OPERATORS], sims["operator"]), phone=as_text(phone_numbers(stage), "0"),
        imei=as_text(numbers.imei(np.arange(len(stage.held.devices)))), name=_names(stage),
        id_number=_id_numbers(stage),
    )  # fmt: skip


def phone_numbers(stage: Stage) -> Ints:
    """The national number (nine digits) of every SIM; a recycled number is that of the holding it took over."""
    sims = stage.held.sims
    row = sims["number_of"]
    operator = sims["operator"][row]
    issuer = np.where((row % PORTED_ONE_IN == 0) & (operator < 3), (operator + 1) % 3, operator)
    return numbers.phone_value(issuer, row) - 84 * 10**9


def chosen(words: list[str], codes: Ints) -> pl.Series:
    """The word of each code; null for a negative code."""
    safe = np.where(codes < 0, len(words), codes)
    return pl.Series([*words, None], dtype=pl.String).gather(safe)


def as_text(values: Ints, prefix: str = "") -> pl.Series:
    """Whole numbers as text."""
    text = pl.Series(np.asarray(values)).cast(pl.String)
    return prefix + text if prefix else text


def padded(values: Ints, digits: Ints | int) -> pl.Series:
    """Whole numbers as text of a given length, with leading zeros."""
    frame = pl.DataFrame({"v": as_text(values), "d": np.broadcast_to(digits, len(values))})
    return frame.select(pl.col("v").str.zfill(pl.col("d"))).to_series()


def local_time(at: Ints, form: str = "%Y-%m-%d %H:%M:%S") -> pl.Series:
    """The wall clock of Vietnam as text; null for a negative moment."""
    moments = pl.Series(np.asarray(at) + clock.OFFSET).cast(pl.Datetime("us")).dt.strftime(form)
    return pl.select(pl.when(pl.Series(np.asarray(at) >= 0)).then(moments)).to_series()


def _names(stage: Stage) -> pl.Series:
    population = stage.population
    male_middle, female_middle, male_given, female_given = names.person_names()
    middle = population.middle + population.female * len(male_middle)
    given = population.given + population.female * len(male_given)
    person = (
        chosen(list(names.SURNAMES), np.minimum(population.surname, len(names.SURNAMES) - 1)) + " "
        + chosen(male_middle + female_middle, middle) + " " + chosen(male_given + female_given, given)
    )  # fmt: skip
    firm = chosen(names.company_names(), population.surname)
    is_firm = pl.Series(population.job == people.ORGANISATION)
    return pl.select(pl.when(is_firm).then(firm).otherwise(person)).to_series()


def _id_numbers(stage: Stage) -> pl.Series:
    digits = np.where(stage.population.job == people.ORGANISATION, 10, 12)
    return padded(people.id_numbers(stage.population), digits)
