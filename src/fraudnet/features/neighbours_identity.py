"""Feature family `neighbours_identity`: what the surroundings of a person or organisation are like."""

from __future__ import annotations

from fraudnet.features.neighbours import neighbours_family

FAMILY = neighbours_family("identity")
