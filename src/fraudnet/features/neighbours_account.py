"""Feature family `neighbours_account`: what the surroundings of an account are like."""

from __future__ import annotations

from fraudnet.features.neighbours import neighbours_family

FAMILY = neighbours_family("account")
