"""Feature family `extras_identity`: what the drop says about a person or organisation beyond the contract."""

from __future__ import annotations

from fraudnet.features.extras import extras_family

FAMILY = extras_family("extras_identity", "identity", "identities")
