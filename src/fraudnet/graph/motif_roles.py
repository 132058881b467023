"""What part each account plays in the motifs of some transfers, and which transfers show it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.graph import motifs
from fraudnet.graph.circles import Rounds, circles, rounds
from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.motifs import Chains, Gathered, Moves

Roles = dict[str, NDArray[Any]]


def roles(given: Moves) -> Roles:
    """Per account, in the order of `given.nodes`, how often it plays which part, and whether a limit cut that short.

    Chains and circles are counted by transfers and by circles; scatter-gathers and bursts by motif, each once.
    """
    chained, scattered, burst = motifs.chains(given), motifs.scatter_gather(given), motifs.bursts(given)
    circled = rounds(given)
    capped = chained.capped | circled.capped | scattered.capped | burst.capped
    return {
        **_fans(given),
        **_circles(circled),
        **_chains(given, chained),
        **_scatters(given, scattered),
        **_bursts(given, burst),
        "relays": _times(given, given.payer[motifs.gather_scatter(given)]),
        "capped": capped.astype(np.int64),
    }


def _times(given: Moves, accounts: NDArray[Any]) -> Ints:
    return np.bincount(accounts, minlength=given.n).astype(np.int64)


def _largest(given: Moves, accounts: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """The largest value per account; 0 for those without."""
    found = np.zeros(given.n, values.dtype)
    np.maximum.at(found, accounts, values)
    return found


def _fans(given: Moves) -> Roles:
    return {
        "payers_peak": _largest(given, given.payee, motifs.fan_in(given)),
        "payees_peak": _largest(given, given.payer, motifs.fan_out(given)),
    }


def _circles(found: Rounds) -> Roles:
    """Circles through each account by length, and the largest part of the first amount that came back."""
    counts: Roles = {f"circles_{length}": times for length, times in enumerate(found.times, 2)}
    return counts | {"circle_share": np.where(found.times.sum(axis=0) > 0, found.share, np.nan)}


def _chains(given: Moves, found: Chains) -> Roles:
    follows, led = found.source >= 0, found.follower >= 0
    inside = np.flatnonzero(follows | led)
    length = _chain_length(found)[inside]
    ends = np.concatenate([given.payer[inside], given.payee[inside]])
    passed = np.bincount(given.payer[follows], given.amount[follows].astype(np.float64), minlength=given.n)
    credit = np.bincount(given.payee, given.amount.astype(np.float64), minlength=given.n)
    return {
        "chain_starts": _times(given, given.payer[led & ~follows]),
        "chain_middles": _times(given, given.payer[follows]),
        "chain_ends": _times(given, given.payee[follows & ~led]),
        "chain_longest": _largest(given, ends, np.concatenate([length, length])),
        "passed_share": np.divide(passed, credit, out=np.full(given.n, np.nan), where=credit > 0),
    }


def _chain_length(found: Chains) -> Nodes:
    """How many transfers the chain of each transfer has, itself included."""
    length = found.depth + 1
    for depth in range(int(found.depth.max(initial=0)), 0, -1):
        linked = np.flatnonzero((found.depth == depth) & (found.source >= 0))
        length[found.source[linked]] = length[linked]
    return length


def _in_motifs(given: Moves, accounts: NDArray[Any], number: Ints) -> Ints:
    """Of how many different motifs each account is part."""
    many = int(number.max(initial=-1)) + 1
    return _times(given, np.unique(accounts.astype(np.int64) * many + number) // max(many, 1))


def _scatters(given: Moves, found: Gathered) -> Roles:
    ends = (given.payer[found.first], given.payer[found.second], given.payee[found.second])
    names = ("scatters", "betweens", "gathers")
    return {name: _in_motifs(given, end, found.number) for name, end in zip(names, ends, strict=True)}


def _bursts(given: Moves, found: Gathered) -> Roles:
    paid = np.concatenate([given.payee[found.first], given.payee[found.second]])
    return {"burst_payees": _in_motifs(given, paid, np.concatenate([found.number, found.number]))}


def cited(given: Moves, accounts: Ints) -> pl.DataFrame:
    """The transfers behind the motifs that some nodes are part of.

    One row per motif and transfer: motif (circle, chain, scatter_gather, burst, gather_scatter), number (which one of
    its sort), at (when that transfer became part of it), row (its place in the frame that `given` was made from).
    Sorted. A hub's gather-scatter names the payments to and from it within the window before it closed.
    """
    parts = [_circle_parts(given), _chain_parts(given), _relay_parts(given)]
    parts += [_pair_parts("scatter_gather", given, motifs.scatter_gather(given))]
    parts += [_pair_parts("burst", given, motifs.bursts(given))]
    table = pl.concat(parts)
    move = table["move"].to_numpy()
    mine = np.isin(given.nodes[given.payer[move]], accounts) | np.isin(given.nodes[given.payee[move]], accounts)
    chosen = table.filter(pl.Series(mine)).select("motif", "number").unique()
    moment = pl.from_epoch(pl.Series(given.at)[table["closing"]], "us").dt.replace_time_zone("UTC")
    shown = table.with_columns(at=moment, row=pl.Series(given.row)[table["move"]])
    shown = shown.join(chosen, on=["motif", "number"], how="semi")
    return shown.select("motif", "number", "at", "row").unique().sort("motif", "number", "at", "row")


def _parts(motif: str, number: NDArray[Any], closing: NDArray[Any], move: NDArray[Any]) -> pl.DataFrame:
    """Transfer `move` is part of motif `number` since transfer `closing`."""
    table = pl.DataFrame({"number": number, "closing": closing, "move": move}).cast(pl.Int64)
    return table.select(pl.lit(motif).alias("motif"), pl.all())


def _circle_parts(given: Moves) -> pl.DataFrame:
    found = circles(given)
    which, place = np.nonzero(found.rows >= 0)
    return _parts("circle", which, found.closing[which], found.rows[which, place])


def _chain_parts(given: Moves) -> pl.DataFrame:
    """A chain is named by its first transfer, which the second one makes part of it."""
    found = motifs.chains(given)
    root = np.arange(len(found.source))
    for depth in range(1, int(found.depth.max(initial=0)) + 1):
        linked = np.flatnonzero((found.depth == depth) & (found.source >= 0))
        root[linked] = root[found.source[linked]]
    inside = np.flatnonzero((found.source >= 0) | (found.follower >= 0))
    closing = np.where(found.source >= 0, np.arange(len(root)), found.follower)
    return _parts("chain", root[inside], closing[inside], inside)


def _pair_parts(motif: str, given: Moves, found: Gathered) -> pl.DataFrame:
    both = np.concatenate([found.first, found.second])
    return _parts(motif, np.tile(found.number, 2), np.tile(found.closing, 2), both)


def _relay_parts(given: Moves) -> pl.DataFrame:
    closing = np.flatnonzero(motifs.gather_scatter(given))
    closes = pl.DataFrame({"number": np.arange(len(closing)), "hub": given.payer[closing], "closing": closing})
    moves = pl.DataFrame({"move": np.arange(len(given.at)), "payer": given.payer, "payee": given.payee, "at": given.at})
    ends = pl.concat([moves.select("move", "at", hub="payer"), moves.select("move", "at", hub="payee")])
    near = closes.with_columns(close=pl.Series(given.at[closing])).join(ends, on="hub")
    # What scattered lies within the window, and what it had gathered within a window before that.
    seen = near.filter(pl.col("move") <= pl.col("closing"), pl.col("at") >= pl.col("close") - 2 * motifs.FAN_US)
    return _parts("gather_scatter", *(seen[c].to_numpy() for c in ("number", "closing", "move")))
