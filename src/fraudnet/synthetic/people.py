"""The population: households, ages, births, addresses, work; then the organisations they work for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fraudnet.synthetic import names, numbers, places
from fraudnet.synthetic.columns import Ints, Room
from fraudnet.synthetic.facts import CRYPTO_TRADERS, FARMERS, FIRMS_EACH, SERIAL_OWNED

Flags = NDArray[np.bool_]
HOUSEHOLD_SIZES = np.array([0.14, 0.22, 0.24, 0.24, 0.11, 0.05])
PEOPLE_PER_COMPANY = 45
STUDENT_AGES, PENSION_AGE, ADULT = (18, 23), 61, 18
CONTACTS = 10
TWINS = 0.008  # of the households with two children or more
CAPITAL_MEDIAN, CAPITAL_SIGMA = 1_500_000_000, 1.3


@dataclass
class Population:
    """Holders in one numbering: people first, organisations after them (`birth_year` is then the founding year)."""

    people: int
    household: Ints
    age: Ints
    birth_day: Ints  # days since 1970-01-01
    birth_year: Ints
    female: Ints
    birth_place: Ints  # index into places.BIRTH_CODES
    home: Ints  # two-digit code of the address
    commune: Ints
    surname: Ints
    middle: Ints
    given: Ints
    employer: Ints  # holder number, -1 without
    job: Ints  # index into JOBS
    migrant: Flags
    night_owl: Flags
    activity: NDArray[np.float64]
    contacts: Ints  # people x CONTACTS
    representative: Ints  # of organisations; a person represents themself
    face: Ints  # number of the face; twins have one between them as far as a machine can tell
    capital: Ints  # registered, in đồng; 0 for people
    room: Room = field(default_factory=Room)

    def __len__(self) -> int:
        return len(self.household)


JOBS = ("none", "employee", "student", "retired", "seller", "driver", "landlord", "organisation", "farmer", "trader")
NONE, EMPLOYEE, STUDENT, RETIRED, SELLER, DRIVER, LANDLORD, ORGANISATION, FARMER, TRADER = range(len(JOBS))
WORK = {EMPLOYEE: 0.57, SELLER: 0.06, DRIVER: 0.03, LANDLORD: 0.015, FARMER: FARMERS, TRADER: CRYPTO_TRADERS}


def households(n: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """A household and a place in it (0 head, 1 partner, then children and elders) per person."""
    sizes = rng.choice(np.arange(1, 7), n, p=HOUSEHOLD_SIZES)
    household = np.repeat(np.arange(n), sizes)[:n]
    first = np.r_[True, household[1:] != household[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(n), 0))
    return household.astype(np.int64), np.arange(n) - start


def _ages(place: Ints, alone: Flags, rng: np.random.Generator) -> Ints:
    n = len(place)
    head = np.where(alone, rng.integers(19, 45, n), rng.integers(27, 60, n))
    young, elder = rng.integers(15, 27, n), rng.integers(58, 84, n)
    child = np.where(rng.random(n) < 0.62, young, elder)
    return np.where(place <= 1, np.clip(head + rng.integers(-4, 5, n), 18, 80), child).astype(np.int64)


def _jobs(age: Ints, rng: np.random.Generator) -> Ints:
    draw = rng.random(len(age))
    working = np.append(list(WORK), NONE)[np.searchsorted(np.cumsum(list(WORK.values())), draw)]
    job = np.where(age >= PENSION_AGE, RETIRED, working)
    student = (age >= STUDENT_AGES[0]) & (age < STUDENT_AGES[1]) & (rng.random(len(age)) < 0.5)
    return np.where(student, STUDENT, np.where(age < ADULT, STUDENT, job)).astype(np.int64)


def _contacts(n: int, rng: np.random.Generator) -> Ints:
    """Friends and relatives: half of them near, half anywhere."""
    near = rng.geometric(0.08, (n, CONTACTS // 2)) * rng.choice([-1, 1], (n, CONTACTS // 2))
    far = rng.integers(1, n, (n, CONTACTS - CONTACTS // 2)) if n > 1 else np.zeros((n, CONTACTS - CONTACTS // 2), int)
    offsets = np.concatenate([near, far], axis=1)
    met = (np.arange(n)[:, None] + offsets) % n
    return np.asarray(np.where(met == np.arange(n)[:, None], (met + 1) % n, met), np.int64)


def _younger_twins(household: Ints, place: Ints, age: Ints) -> Ints:
    """The later-born of twins: third or fourth of their household, right after a child."""
    second = (place == 3) & (age < PENSION_AGE - 20)
    second[1:] &= (household[1:] == household[:-1]) & (age[:-1] < PENSION_AGE - 20)
    every = round(1 / TWINS / 4)
    return np.flatnonzero(second)[::every]


def _addresses(household: Ints, birth: Ints, migrant: Flags, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Today's province and commune: that of the household's head, for migrants a city."""
    heads = np.flatnonzero(np.r_[True, household[1:] != household[:-1]])
    head = heads[household]
    city = rng.choice(places.CITIES, len(household), p=places.CITY_WEIGHTS)
    home = np.where(migrant, city, places.HOME_OF_BIRTH[birth])[head]
    commune = rng.integers(1, places.COMMUNES_PER_PROVINCE, len(household))[head]
    return home.astype(np.int64), commune.astype(np.int64)


def populate(n: int, year: int, rng: np.random.Generator) -> Population:
    """n people of 15 to 84 years in households, and one organisation for every 45 of them."""
    household, place = households(n, rng)
    alone = np.bincount(household, minlength=n)[household] == 1
    age = _ages(place, alone, rng)
    birth_day = ((year - 1970 - age) * 365.2425).astype(np.int64) - rng.integers(1, 364, n)
    birth_year = birth_day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    born = rng.choice(len(places.BIRTH_CODES), n, p=places.BIRTH_WEIGHTS)
    heads = np.flatnonzero(np.r_[True, household[1:] != household[:-1]])
    born = np.where(rng.random(n) < 0.75, born[heads[household]], born).astype(np.int64)
    migrant = (alone & (age < 40) & (rng.random(n) < 0.75))[heads[household]]
    home, commune = _addresses(household, born, migrant, rng)
    surname = names.surnames(places.BIRTH_CODES[born] >= places.SOUTH_FROM, rng)
    surname = np.where((place >= 2) & (rng.random(n) < 0.8), surname[heads[household]], surname)
    female = np.where(place == 0, rng.random(n) < 0.35, np.where(place == 1, rng.random(n) < 0.85, rng.random(n) < 0.5))
    job = _jobs(age, rng)
    given, middle, face = rng.integers(0, len(names.MALE_GIVEN), n), names.middles(birth_year, rng), np.arange(n)
    for column in (age, birth_day, birth_year, born, surname, female, middle, face):
        column[_younger_twins(household, place, age)] = column[_younger_twins(household, place, age) - 1]
    companies = max(n // PEOPLE_PER_COMPANY, 6)
    popularity = 1 / np.arange(1, companies + 1) ** 0.7
    employer = np.where(job == EMPLOYEE, n + rng.choice(companies, n, p=popularity / popularity.sum()), -1)
    people = Population(
        people=n, household=household, age=age, birth_day=birth_day, birth_year=birth_year,
        female=female.astype(np.int64), birth_place=born, home=home, commune=commune, surname=surname,
        middle=middle, given=given, employer=employer,
        job=job, migrant=migrant, night_owl=rng.random(n) < np.where(job == DRIVER, 0.5, 0.07),
        activity=rng.lognormal(0, 1.0, n) * np.where(job == FARMER, 0.35, 1.0),
        contacts=_contacts(n, rng), representative=np.arange(n),
        face=face, capital=np.zeros(n, np.int64),
    )  # fmt: skip
    founded = (year - 1970) * 365 - rng.integers(200, 6000, companies)
    capital = capitals(companies, rng)
    owners = rng.choice(np.flatnonzero(age >= ADULT), companies)
    several = np.flatnonzero(rng.random(companies) < SERIAL_OWNED)
    owners[several] = owners[several // FIRMS_EACH]
    return with_companies(people, owners, (founded, capital), rng)


def capitals(n: int, rng: np.random.Generator) -> Ints:
    """Registered capital of n firms, in đồng."""
    drawn = np.exp(np.log(CAPITAL_MEDIAN) + CAPITAL_SIGMA * rng.standard_normal(n))
    return np.asarray(np.maximum(np.round(drawn / 10**8), 1) * 10**8, dtype=np.int64)


def with_companies(old: Population, owners: Ints, papers: tuple[Ints, Ints], rng: np.random.Generator) -> Population:
    """The same population and one more organisation for each owner at the owner's address.

    papers: the founding day and the registered capital of each.
    """
    founded_day, capital = papers
    k = len(owners)
    year = founded_day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    grown = {
        "household": np.full(k, -1), "age": np.zeros(k, int), "birth_day": founded_day, "birth_year": year,
        "female": np.zeros(k, int), "birth_place": old.birth_place[owners], "home": old.home[owners],
        "commune": old.commune[owners], "surname": rng.integers(0, len(names.company_names()), k),
        "middle": np.zeros(k, int), "given": np.zeros(k, int), "employer": np.full(k, -1),
        "job": np.full(k, ORGANISATION), "migrant": np.zeros(k, bool), "night_owl": np.zeros(k, bool),
        "activity": rng.lognormal(0, 0.8, k), "representative": owners,
        "face": old.face[owners], "capital": capital,
    }  # fmt: skip
    joined = {name: old.room.extended(name, getattr(old, name), more) for name, more in grown.items()}
    return Population(people=old.people, contacts=old.contacts, room=old.room, **joined)


def id_numbers(population: Population) -> Ints:
    """The CCCD of every person, and a 10-digit tax code for every organisation."""
    serial = np.arange(len(population))
    place = places.BIRTH_CODES[population.birth_place]
    card = numbers.cccd(place, population.female, population.birth_year, serial)
    return np.where(serial < population.people, card, numbers.tax_code(serial))
