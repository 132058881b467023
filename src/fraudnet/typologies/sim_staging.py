"""What planted groups of SIMs have in common: batches of SIMs, one-time codes, calls."""

from __future__ import annotations

import numpy as np

from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies.staging import MINUTE_US, Range, Span, draw, moments, times_over

DEALERS = 30  # points of sale a group may choose from
USUAL_SECONDS, SECONDS_SIGMA = 50, 1.15
AROUND = 3  # people whom a group's SIMs talk with, for each SIM
NEW_PHONE = 0.5  # of those who take a SIM over, the others have a phone


def batch(scene: Scene, n: int, holders: int, at_us: int, minutes: Range) -> tuple[Ints, Ints]:
    """Activate n SIMs in the names of a few people at one point of sale, one after the other.

    Returns the SIMs and their holders.
    """
    names = min(max(round(holders * scene.habits.names), 1), n)
    people = scene.people(names)
    named = np.sort(people[np.arange(n) % names])
    apart = scene.rng.uniform(minutes[0], minutes[1], n) * scene.habits.pausing
    at = at_us + (np.cumsum(apart) * MINUTE_US).astype(np.int64)
    return scene.activate_sims(named, at, dealer=draw(scene, (0, DEALERS - 1))), named


def phones_in_hand(scene: Scene, n: int) -> Ints:
    """Phones of n people who take a SIM over: some buy one for it, the others use the one they have."""
    own = scene.main_device(scene.people(n, fresh=False))
    return np.where(scene.rng.random(n) < NEW_PHONE, scene.new_devices(n), own)


def codes_arrive(scene: Scene, sims: Ints, span: Span, times: Range) -> None:
    """One-time codes arrive at each SIM some times inside a span; a world has its own numbers that send them."""
    callees = np.repeat(sims, times_over(scene, times, len(sims), scene.habits.codes))
    if len(callees):
        sender = scene.main_sim(scene.people(1, fresh=False))
        scene.call(sender, callees, moments(scene, span, len(callees)), "otp", np.zeros(1, np.int64))


def talk(scene: Scene, callers: Ints, callees: Ints, at_us: Ints, kind: str = "voice") -> None:
    """Ordinary calls (a third unanswered, else a minute or so) or messages; nothing outside the world's time."""
    keep = (callers != callees) & (at_us >= scene.start_us) & (at_us < scene.end_us)
    n = int(keep.sum())
    if n:
        length = np.exp(np.log(USUAL_SECONDS) + SECONDS_SIGMA * scene.rng.standard_normal(n)).astype(np.int64) + 1
        seconds = np.zeros(n, np.int64)
        if kind == "voice":
            seconds = np.where(scene.rng.random(n) < 0.33, 0, np.minimum(length, 7_200))
        scene.call(callers[keep], callees[keep], at_us[keep], kind, seconds)


def chatter(scene: Scene, sims: Ints, span: Span, times: Range) -> None:
    """An ordinary life of calls with people around, out and in."""
    mine = np.repeat(sims, times_over(scene, times, len(sims), scene.habits.talking))
    if not len(mine):
        return
    around = scene.main_sim(scene.people(AROUND * (len(sims) + 2), fresh=False))
    them = scene.rng.choice(around, len(mine))
    outward = scene.rng.random(len(mine)) < 0.5
    talk(scene, np.where(outward, mine, them), np.where(outward, them, mine), moments(scene, span, len(mine)))
