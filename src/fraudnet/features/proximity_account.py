"""Feature family `proximity_account`: how close an account is to known fraud other than itself."""

from __future__ import annotations

from fraudnet.features.proximity import proximity_family

FAMILY = proximity_family("account")
