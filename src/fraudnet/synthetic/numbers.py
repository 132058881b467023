"""Numbers that look issued: CCCD, account numbers, phone numbers, IMEI. Each is a bijection of a running serial."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.institutions import BANKS, OPERATORS

MALE_DIGIT, YEAR_1900, YEAR_2000 = 0, 1900, 2000
BLOCK = 1_000_000
CARDS_A_SIM = 8
TAX_WEIGHTS = np.array([31, 29, 23, 19, 17, 13, 7, 5, 3])
# Type allocation codes of phones on the market; the list only has to look plausible.
TACS = np.array([35325811, 35674108, 86123404, 35901207, 86751203, 35846510, 86990105, 35293409, 35171411, 86436005])


# Primes that divide no modulus in use, so that each gives a permutation.
FACTORS = (6_700_417, 15_485_863, 32_452_843, 49_979_687, 67_867_967, 86_028_121, 104_395_301)


def scrambled(serial: Ints, modulus: int, salt: int = 0) -> Ints:
    """A fixed permutation of 0..modulus-1 applied to each serial (an affine map with a unit as factor).

    Every use has a factor of its own, so that a person's numbers do not resemble each other.
    """
    factor = FACTORS[salt]
    return (serial % modulus * (factor % modulus) + (7_368_787 + salt * 479_001_599) % modulus) % modulus


def cccd(province: Ints, female: Ints, birth_year: Ints, serial: Ints) -> Ints:
    """12 digits: province of birth registration, century and sex, birth year, serial (Circular 07/2016/TT-BCA)."""
    century_sex = np.where(birth_year >= YEAR_2000, 2, 0) + female
    return ((province * 10 + century_sex) * 100 + birth_year % 100) * BLOCK + scrambled(serial, BLOCK, 1)


def old_id(province: Ints, serial: Ints) -> Ints:
    """9 digits of the card before the CCCD, led by two digits of the province."""
    return province % 100 * 10_000_000 + scrambled(serial, 10_000_000, 2)


def tax_code(serial: Ints) -> Ints:
    """10 digits (MST): eight of the serial, one more, and a check digit.

    Where the check would need two places, as it does for no code that is issued, the ninth digit moves on by one.
    """
    first = (10**7 + scrambled(serial, 9 * 10**7, 5)) * 10
    body = first + np.where(_tax_sum(first) % 11 == 0, 1, 0)
    return body * 10 + 10 - _tax_sum(body) % 11


def _tax_sum(body: Ints) -> Ints:
    """The weighted sum of nine digits."""
    digits = body[:, None] // 10 ** np.arange(8, -1, -1) % 10
    return np.asarray((digits * TAX_WEIGHTS).sum(axis=1))


def account_value(bank: Ints, serial: Ints) -> Ints:
    """The account number of a bank's n-th account as an integer; `account_digits` says how long it is written."""
    digits = account_digits(bank)
    return scrambled(serial, 900_000_007) + 10 ** (np.minimum(digits, 15) - 1) * (bank % 8 + 1) // 10


def account_digits(bank: Ints) -> Ints:
    """Length of the account numbers of each bank."""
    return np.array([b.digits for b in BANKS])[bank]


def phone_value(operator: Ints, serial: Ints) -> Ints:
    """The n-th number of an operator in its own ranges, as 84 and nine digits."""
    numbers = np.zeros(len(serial), np.int64)
    for code, entry in enumerate(OPERATORS):
        mine = operator == code
        room = 10 ** (9 - len(entry.ranges[0]))
        place = scrambled(serial[mine], room * len(entry.ranges), 3)
        numbers[mine] = np.array([int(r) for r in entry.ranges])[place // room] * room + place % room
    return 84 * 10**9 + numbers


def imei(serial: Ints) -> Ints:
    """15 digits: type allocation code, serial, Luhn check digit (3GPP TS 23.003)."""
    place = scrambled(serial, BLOCK * len(TACS), 4)
    body = TACS[place // BLOCK] * BLOCK + place % BLOCK
    return body * 10 + luhn(body)


def iccid(operator: Ints, sim: Ints, swaps: Ints) -> Ints:
    """19 digits: 89, 84, issuer, serial, Luhn check digit (ITU-T E.118); each swap is a new card."""
    issuer = np.array([int(entry.code[-2:]) for entry in OPERATORS])[operator]
    body = (898_400 + issuer) * 10**12 + scrambled(sim * CARDS_A_SIM + swaps % CARDS_A_SIM, 10**10, 6)
    return body * 10 + luhn(body)


def luhn(body: Ints) -> Ints:
    """The check digit that makes body and digit pass the Luhn test."""
    total = np.zeros(len(body), np.int64)
    rest = body.copy()
    doubled = True
    while rest.any():
        digit = rest % 10 * (2 if doubled else 1)
        total += digit // 10 + digit % 10
        rest, doubled = rest // 10, not doubled
    return -total % 10
