"""Feature family `position_sim`: where a SIM stands in the flow of calls and in the drop's own links."""

from __future__ import annotations

from fraudnet.features.position import position_family

FAMILY = position_family("sim")
