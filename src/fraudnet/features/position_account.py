"""Feature family `position_account`: where an account stands in the flow of money and in the drop's own links."""

from __future__ import annotations

from fraudnet.features.position import position_family

FAMILY = position_family("account")
