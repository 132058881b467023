"""Contract of the rows on which a challenger meets the champion."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import text


class Trial(dy.Schema):
    """One row that neither model learned from; it names no entity."""

    y = dy.Int8(min=0, max=1, description="1 when a review confirmed fraud around the snapshot")
    reviewed = dy.Bool(description="Whether somebody looked")
    spared = dy.Bool(description="Victim or good faith")
    cluster = dy.Int64(min=0, description="Number of the strong cluster")
    institution = text("Who lists the entity", nullable=True)
    province = text("Two-digit province of the holder", nullable=True)
    whose = text("Whose decision the answer is: an institution's key, police, analyst", nullable=True)
    traits = dy.List(dy.String(), description="Typologies that show on the row")
    probability = dy.Float64(min=0.0, max=1.0, description="Promised by the challenger's recipe as of an earlier day")
    challenger = dy.Float64(description="Raw score of the challenger")
    champion = dy.Float64(nullable=True, description="Raw score of the champion; null where it cannot be asked")
