"""Numbers that end and come back: a recycled number is a new holding of the same number."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import clock
from fraudnet.synthetic.stage import Stage

ENDED, RECYCLED = 0.12, 0.35  # of the further SIMs per year, and of those that ended
REST_DAYS = (30, 120)


def end_and_recycle(stage: Stage, rng: np.random.Generator) -> None:
    """End some further SIMs inside the world; after a rest some numbers go to somebody else."""
    sims, span = stage.held.sims, (stage.start_us, stage.end_us)
    first_further = len(stage.held.main_sim)
    years = (span[1] - span[0]) / (365 * clock.DAY)
    ends = rng.random(len(sims)) < ENDED * years
    ends[:first_further] = False
    ends &= (sims["begun"] < span[0]) & (sims["service"] == 0)
    rows = np.flatnonzero(ends)
    ended = clock.moments(len(rows), span, clock.TALKING, rng)
    sims["ended"][rows] = ended
    begun = ended + rng.integers(*REST_DAYS, len(rows)) * clock.DAY
    again = (rng.random(len(rows)) < RECYCLED) & (begun < span[1])
    rows, begun = rows[again], begun[again]
    if not len(rows):
        return
    new = stage.activate_sims(rng.integers(0, stage.population.people, len(rows)), begun)
    sims["operator"][new] = sims["operator"][rows]
    sims["number_of"][new] = rows
