"""Feature family `extras_sim`: what the drop says about a SIM beyond the contract."""

from __future__ import annotations

from fraudnet.features.extras import extras_family

FAMILY = extras_family("extras_sim", "sim", "sims")
