"""Contracts of data quality: the six criteria of the government's data programme, per source."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import choice, count, text

# đúng, đủ, sạch, sống, thống nhất, dùng chung
QUALITIES = ("correct", "complete", "clean", "up_to_date", "consistent", "shareable")


class Quality(dy.Schema):
    """How good one source is by one criterion, as a whole or for one of the institutions it tells about."""

    source = text("Delivery that is measured")
    institution = text("Institution it tells about; missing for the source as a whole", nullable=True)
    criterion = choice("Criterion", QUALITIES)
    value = dy.Float64(nullable=True, min=0.0, max=100.0, description="0 to 100; missing when not measurable, never 0")
    numerator = count("What met the criterion, added up over its measures")
    denominator = count("What could be looked at, added up over its measures")
    note = text("Why there is no value; else the table and measure that pull it down most", nullable=True)


class QualityPart(dy.Schema):
    """One measure behind a criterion: how many of those looked at met it."""

    source = text("Delivery that is measured")
    institution = text("Institution it tells about; missing for the source as a whole", nullable=True)
    criterion = choice("Criterion", QUALITIES)
    table = text("Table that was looked at")
    measure = text("What was looked at; its words are in the messages")
    numerator = count("How many met it")
    denominator = count("How many there were to look at")
