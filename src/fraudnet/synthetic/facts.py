"""Every dated rule and every uncertain figure that the world rests on, in one table: a correction is one edit.

Certainty: high = read at the authority or in several places; medium = one press source; low = our own guess.
"""

from __future__ import annotations

from datetime import date

from fraudnet.synthetic.clock import midnight_us

# Calendar
ENROLMENT = ((8, 25), (9, 20))  # first and last day of the weeks in which students enrol (medium)
HARVESTS = (3, 4, 7, 9, 10, 11)  # months in which rice and coffee are sold (medium)
FLOODS = ((9, 10), (10, 10))  # days after which charities collect (month, day) (medium)

# Rules (high)
FACE_CHECK_FROM = midnight_us(date(2024, 7, 1))  # Decision 2345/QĐ-NHNN: above 10 M a transfer, after 20 M a day
DORMANT_CLOSED_FROM = midnight_us(date(2025, 9, 1))  # 86 M accounts without a matched face dropped
SIM_REVIEW = (midnight_us(date(2026, 4, 15)), midnight_us(date(2026, 6, 15)))  # Circular 08/2026/TT-BKHCN
DEVICE_RULE_FROM = midnight_us(date(2026, 6, 15))  # a SIM in another phone needs a face check

# Money
BIG_SHARE = 0.0835  # of interbank transfers above 10 M, State Bank, 5 July 2024 (high)
SIGMA = 2.0  # of the lognormal body (low)
LIMIT_HABIT = 0.03  # of people who keep each payment at or below 10 M for their own reasons (low)

# Holdings
SIMS_IN_LARGE_GROUPS, SIMS_IN_MIDDLE_GROUPS = 0.07, 0.06  # of SIMs with people who hold 10 or more, 4 to 9 (medium)
# People with so many SIMs, so that the groups above come out once phones are bought for and sold by others (low).
MANY_SIMS, SOME_SIMS = 0.0036, 0.0130
ACCOUNTS_PER_PERSON = 2.0  # 128.9 M verified personal accounts, 86-87 % of adults (medium)
# Adults whose number stands in the accounts of others, who trust them with it: market bookkeepers, the child in town,
# the village's digital team; and for how many, usually (low).
KEEPERS, KEPT_FOR = 0.0025, 7
UNVERIFIED = 0.25  # of the further accounts that nobody came to verify (low; 86 M of 200 M before the clean-up)

# Lives (low, all of them)
DECEASED_YEAR, ABROAD_YEAR = 0.006, 0.004
ADVERTISED_SELLERS = 0.06  # sellers whose payment account is posted in groups, by themselves
FARMERS, CRYPTO_TRADERS = 0.08, 0.004  # of working adults
FIRMS_FROM_HOUSEHOLDS_YEAR = 0.03  # of sellers
SERIAL_OWNED, FIRMS_EACH = 0.25, 5  # of firms, founded by people with several; and how many these have
CODE_DESKS = 0.04  # of people: sell on several platforms or sign a firm's payments, so codes come all day

# Groups (low; a case of 2025: 6 accounts bought, then 32 more recruited)
COME_BACK = 0.4  # of the rings, with new accounts under the same head
BURNED = 0.3  # of the accounts and SIMs of a ring, closed or given up after its last day

# Judgements
VICTIMS_WHO_REPORT = 0.33  # 32 % in 2025, 45.7 % in 2024 (medium)
