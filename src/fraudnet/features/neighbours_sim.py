"""Feature family `neighbours_sim`: what the surroundings of a SIM are like."""

from __future__ import annotations

from fraudnet.features.neighbours import neighbours_family

FAMILY = neighbours_family("sim")
