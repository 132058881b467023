"""Banks, wallets and operators with plausible shares: one table, so that a correction is one edit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bank:
    """A bank or wallet: BIN, name, share of personal accounts and length of its account numbers."""

    bin: str
    name: str
    share: float
    digits: int
    kind: str = "bank"


@dataclass(frozen=True)
class Operator:
    """A mobile operator: network code, name, share of numbers and the ranges it was given (without the trunk 0)."""

    code: str
    name: str
    share: float
    ranges: tuple[str, ...]


# BINs as NAPAS lists them; the shares are plausible, not published.
BANKS = (
    Bank("970436", "Vietcombank", 0.130, 13), Bank("970418", "BIDV", 0.120, 14),
    Bank("970415", "VietinBank", 0.110, 12), Bank("970405", "Agribank", 0.120, 13),
    Bank("970422", "MB", 0.130, 13), Bank("970407", "Techcombank", 0.085, 14),
    Bank("970432", "VPBank", 0.060, 9), Bank("970416", "ACB", 0.050, 9), Bank("970403", "Sacombank", 0.040, 12),
    Bank("970423", "TPBank", 0.035, 11), Bank("970441", "VIB", 0.020, 15), Bank("970437", "HDBank", 0.015, 15),
    Bank("970443", "SHB", 0.015, 10), Bank("970448", "OCB", 0.010, 16), Bank("970426", "MSB", 0.010, 14),
    Bank("546034", "Cake", 0.015, 10), Bank("963388", "Timo", 0.010, 13), Bank("971025", "MoMo", 0.025, 10, "wallet"),
)  # fmt: skip
BANK_SHARES = np.array([b.share for b in BANKS]) / sum(b.share for b in BANKS)

OPERATORS = (
    Operator("452-04", "Viettel", 0.54, ("32", "33", "34", "35", "36", "37", "38", "39", "86", "96", "97", "98")),
    Operator("452-02", "VinaPhone", 0.23, ("81", "82", "83", "84", "85", "88", "91", "94")),
    Operator("452-01", "MobiFone", 0.19, ("70", "76", "77", "78", "79", "90", "93")),
    Operator("452-05", "Vietnamobile", 0.025, ("56", "58", "92")),
    Operator("452-07", "Gmobile", 0.004, ("59",)),
    Operator("452-08", "Itel", 0.008, ("87",)),
    Operator("452-09", "Wintel", 0.003, ("559",)),
)
OPERATOR_SHARES = np.array([o.share for o in OPERATORS]) / sum(o.share for o in OPERATORS)
