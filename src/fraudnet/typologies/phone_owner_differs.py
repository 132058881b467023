"""Phone owner is not account owner: accounts of several people answer to numbers of one stranger."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import ring_staging, rows_of_holdings, rows_of_money, sim_staging, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, soon_gone, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_ANOTHERS = (0, 1)
SEEN_SERVED = (2, 4)
SEEN_DEALINGS = (1, 5)
SEEN_PASSED = (0.15, 0.5)
SEEN_MINUTES = (180, 600)
SEEN_LEFT = (0.6, 0.9)
SEEN_BURST = (1.5, 4)
SEEN_NEAR = (0, 1)
SEEN_SOME_DEALINGS = (0, 4)

PLANT_ACCOUNTS = (5, 11)
PLANT_NEW_SHARE = 0.7
PLANT_OPENED_DAYS = (12, 150)
PLANT_DAYS = (4, 15)
PLANT_PER_OWNER = 7
PLANT_PER_CARD = 3
PLANT_CREDITS = (2, 7)
PLANT_SUMS = (1_000_000, 24_000_000)
PLANT_CUT = (0, 55)
PLANT_WAIT = (7, 400)

ALIKE_FAMILIES = (3, 7)
ALIKE_STAFF = (5, 12)
ALIKE_KINDS = {"family": 1.0, "seller": 1.2, "company": 0.8}
ALIKE_TAKINGS = (100_000, 4_000_000)
ALIKE_PAYMENTS = (3, 12)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """The number is somebody else's who serves several holders and deals with none, and money does not stay."""
    strength = all_of(
        over("phone_holder_differs", SEEN_ANOTHERS),
        over("phone_owner_serves_count", SEEN_SERVED),
        under("phone_owner_transfers_all", SEEN_DEALINGS),
        any_of(soon_gone(SEEN_PASSED, SEEN_MINUTES, SEEN_LEFT), over("peak_in_payers_1d", SEEN_BURST)),
    )
    near = any_of(
        under("phone_owner_home_differs", SEEN_NEAR),
        over("phone_owner_is_firm", SEEN_NEAR),
        over("phone_is_recycled", SEEN_NEAR),
        over("phone_owner_transfers_all", SEEN_SOME_DEALINGS),
    )
    return graded(features, strength, all_of(over("phone_holder_differs", SEEN_ANOTHERS), near))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Whose number it is registered on, which other accounts that person serves, and its busiest day."""
    return together(
        rows_of_holdings.opening(records, hits),
        rows_of_holdings.registered_phone(records, hits),
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """A ring moves the accounts it got to SIM cards in one or two straw names and uses them."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_ACCOUNTS)
    crew = staging.gather_crew(scene, span, n, PLANT_NEW_SHARE, PLANT_OPENED_DAYS)
    names = scene.people(max(1, n // PLANT_PER_OWNER))
    at = span[0] - staging.draws(scene, (1, 8), n) * DAY_US
    moved = np.maximum(at, scene.opened_us(crew.mules) + HOUR_US)
    k = -(-n // PLANT_PER_CARD)
    cards = scene.activate_sims(names[np.arange(k) % len(names)], np.full(k, int(moved.min()) - HOUR_US))
    scene.use_sim(cards, crew.phones[np.arange(k) % len(crew.phones)], np.full(k, int(moved.min())))
    sims = cards[np.arange(n) % k]
    scene.register_phone(crew.mules, sims, moved)
    staging.hand_over(scene, crew.mules, crew.phones, moved + HOUR_US)
    ring_staging.put_to_use(scene, crew, (PLANT_CREDITS, PLANT_SUMS), PLANT_WAIT, PLANT_CUT)
    staging.mark_crew(scene, crew, "phone_owner_differs")


def plant_alike(scene: Scene) -> None:
    """Elders and spouses on a relative's number, a family that sells through it, staff on the company's SIM cards."""
    span = staging.some_span(scene, (25, 70))
    kind = staging.either(scene, ALIKE_KINDS)
    accounts = company(scene, span) if kind == "company" else families(scene, span, selling=kind == "seller")
    ring_staging.everyday(scene, accounts, span, ALIKE_PAYMENTS)
    staging.mark_alike(scene, accounts, "phone_owner_differs", span)


def families(scene: Scene, span: Span, *, selling: bool) -> Ints:
    """Each a few accounts on one relative's number, who sends pocket money and is sent the takings."""
    made = []
    for head in scene.people(staging.draw(scene, ALIKE_FAMILIES)):
        home = scene.household_of(int(head))
        others = home[home != head][:4]
        if len(others):
            opened = span[0] - staging.draws(scene, (10, 200), len(others)) * DAY_US
            made.append(
                scene.open_accounts(others, opened, sims=np.repeat(scene.main_sim(np.array([head])), len(others)))
            )
            deal(scene, made[-1], np.repeat(scene.main_account(np.array([head])), len(others)), (span, selling))
    if not made:
        return scene.main_account(scene.people(1))
    return np.concatenate(made)


def deal(scene: Scene, accounts: Ints, heads: Ints, life: tuple[Span, bool]) -> None:
    """Customers pay in and the takings go to the relative soon after, or the relative sends pocket money."""
    span, selling = life
    n = staging.draw(scene, (2, 9))
    which = np.repeat(np.arange(len(accounts)), n)
    flow = Flow(
        accounts[which], staging.moments(scene, span, len(which)), staging.sums(scene, ALIKE_TAKINGS, len(which))
    )
    if not selling:
        staging.send(scene, Flow(heads[which], flow.at_us, flow.amounts), flow.accounts)
        return
    staging.send(scene, Flow(staging.everyday_accounts(scene, len(which)), flow.at_us, flow.amounts), flow.accounts)
    supplier = staging.everyday_accounts(scene, 2)
    onward = np.where(scene.rng.random(len(which)) < 0.3, heads[which], supplier[which % 2])
    later = Flow(flow.accounts, staging.later(scene, flow.at_us, (5, 600)), flow.amounts * 9 // 10 // 1000 * 1000)
    staging.send(scene, later, onward)


def company(scene: Scene, span: Span) -> Ints:
    """A firm's staff on its SIM cards, with wages from it."""
    owner = scene.people(1)
    founded = np.array([span[0] - 700 * DAY_US])
    firm = scene.found_firms(owner, founded, np.array([2_000_000_000]))
    people = scene.people(staging.draw(scene, ALIKE_STAFF))
    n = len(people)
    sims = scene.activate_sims(np.repeat(firm, n), np.full(n, span[0] - 300 * DAY_US))
    scene.use_sim(sims, scene.main_device(people), np.full(n, span[0] - 300 * DAY_US + HOUR_US))
    sim_staging.chatter(scene, sims, span, (20, 90))
    accounts = scene.open_accounts(people, span[0] - staging.draws(scene, (20, 250), n) * DAY_US, sims=sims)
    ring_staging.wages(scene, accounts, span, scene.open_accounts(firm, founded + 9 * DAY_US, kind="corporate"))
    return accounts


TYPOLOGY = Typology(
    name="phone_owner_differs",
    number=25,
    kind="account",
    code=1,
    citation="Circular 17/2024/TT-NHNN Art. 22; Circular 08/2026/TT-BKHCN; Decision 71/QĐ-HHNH, signs 1 and 6.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="spouse, elder on a child's number, company SIM",
)
