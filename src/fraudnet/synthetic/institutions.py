"""Banks, wallets and operators with plausible shares: one table, so that a correction is one edit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bank:
    """A bank or wallet: BIN, name, share of personal accounts, length of its account numbers, and its dirt.

    mess: how badly its records of people are typed, beside the others.
    """

    bin: str
    name: str
    share: float
    digits: int
    mess: float
    kind: str = "bank"


@dataclass(frozen=True)
class Operator:
    """A mobile operator: network code, name, share of numbers and the ranges it was given (without the trunk 0)."""

    code: str
    name: str
    share: float
    ranges: tuple[str, ...]
    mess: float = 1.0


# BINs as NAPAS lists them; the shares are plausible, not published, and so is how messy each is (1 on average).
BANKS = (
    Bank("970436", "Vietcombank", 0.130, 13, 0.7), Bank("970418", "BIDV", 0.120, 14, 1.0),
    Bank("970415", "VietinBank", 0.110, 12, 1.3), Bank("970405", "Agribank", 0.120, 13, 1.9),
    Bank("970422", "MB", 0.130, 13, 0.7), Bank("970407", "Techcombank", 0.085, 14, 0.6),
    Bank("970432", "VPBank", 0.060, 9, 0.8), Bank("970416", "ACB", 0.050, 9, 0.6),
    Bank("970403", "Sacombank", 0.040, 12, 1.3), Bank("970423", "TPBank", 0.035, 11, 0.5),
    Bank("970441", "VIB", 0.020, 15, 0.6), Bank("970437", "HDBank", 0.015, 15, 1.4),
    Bank("970443", "SHB", 0.015, 10, 1.5), Bank("970448", "OCB", 0.010, 16, 1.2),
    Bank("970426", "MSB", 0.010, 14, 1.0), Bank("546034", "Cake", 0.015, 10, 0.4),
    Bank("963388", "Timo", 0.010, 13, 0.4), Bank("971025", "MoMo", 0.025, 10, 1.3, "wallet"),
)  # fmt: skip
BANK_SHARES = np.array([b.share for b in BANKS]) / sum(b.share for b in BANKS)

OPERATORS = (
    Operator("452-04", "Viettel", 0.54, ("32", "33", "34", "35", "36", "37", "38", "39", "86", "96", "97", "98"), 0.9),
    Operator("452-02", "VinaPhone", 0.23, ("81", "82", "83", "84", "85", "88", "91", "94"), 1.1),
    Operator("452-01", "MobiFone", 0.19, ("70", "76", "77", "78", "79", "90", "93"), 1.1),
    Operator("452-05", "Vietnamobile", 0.025, ("56", "58", "92"), 1.8),
    Operator("452-07", "Gmobile", 0.004, ("59",), 2.0),
    Operator("452-08", "Itel", 0.008, ("87",), 1.2),
    Operator("452-09", "Wintel", 0.003, ("559",), 1.2),
)
BANK_MESS = np.array([b.mess for b in BANKS])
OPERATOR_MESS = np.array([o.mess for o in OPERATORS])
OPERATOR_SHARES = np.array([o.share for o in OPERATORS]) / sum(o.share for o in OPERATORS)
