"""Feature family `motifs_account`: circles, chains, scatterings and bursts of money, and how tight the ties around."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.expressions import within
from fraudnet.features.family import Family
from fraudnet.features.position import frame
from fraudnet.features.shape import complete, flag, owned, real, schema, share, whole
from fraudnet.graph.circles import LONGEST
from fraudnet.graph.flows import Flows, flow_names
from fraudnet.graph.motif_roles import roles
from fraudnet.graph.motif_ties import Ties, ties
from fraudnet.graph.motifs import moves

DAYS = 90
CIRCLES = range(2, LONGEST + 1)
LAST = "during the last 90 days"
TIED = "over the partners with whom it shares partners, by how tight the tie is"
TIES = {
    "tied_partners_all": whole("partners with whom it shares another partner", growing=True),
    "tied_share_all": share("share of its partners with whom it shares another partner"),
    "tightness_all": real("tightness of its ties: shared partners, each counting less the more partners it has"),
    "tightness_max_all": real("tightness of its tightest tie: shared partners, each counting less the more it has"),
    "tightness_out_share_all": share("share of its tight ties that lie along its own payments"),
    "return_share_all": share("chance that a random walk over three transfers, either way, is back at it"),
    "turn_share_all": share("chance that money handed on at random is back at it after three transfers"),
}
ROLES = {
    **{f"circles_{n}_90d": whole(f"times money came round through {n} accounts in 7 days, {LAST}") for n in CIRCLES},
    "circle_share_90d": share(f"largest share of an amount that came round to its start within 7 days, {LAST}"),
    "chain_starts_90d": whole(f"its payments that the payee handed on nearly whole within 24 hours, {LAST}"),
    "chain_middles_90d": whole(f"credits that it handed on nearly whole within 24 hours, {LAST}"),
    "chain_ends_90d": whole(f"credits handed on to it nearly whole within 24 hours that stayed, {LAST}"),
    "chain_longest_90d": whole(f"most transfers in a chain of hand-overs through it, {LAST}"),
    "passed_share_90d": share(f"share of its credits that it handed on nearly whole within 24 hours, {LAST}"),
    "scatters_90d": whole(f"times its money reached one account through at least three others, {LAST}"),
    "betweens_90d": whole(f"times it was one of at least three between one payer and one payee, {LAST}"),
    "gathers_90d": whole(f"times one payer's money reached it through at least three others, {LAST}"),
    "relays_90d": whole(f"times it paid three accounts within 24 hours of being paid by three, {LAST}"),
    "burst_payees_90d": whole(f"times the same three accounts paid it and another one within 24 hours, {LAST}"),
    "payers_peak_90d": whole(f"most different payers within 24 hours, {LAST}"),
    "payees_peak_90d": whole(f"most different payees within 24 hours, {LAST}"),
    "is_motif_capped_90d": flag("whether it had too many transfers to search them all for circles and chains"),
}
AROUND = tuple(name for name in TIES if name != "tied_share_all")
SCHEMA = schema(
    "Motifs",
    {**TIES, **{f"around_{n}": real(f"{TIES[n].description}, mean {TIED}") for n in AROUND}, **ROLES},
)


def motifs_account(
    records: Records, flows: Flows, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Ties among partners over all time, and temporal motifs whose transfers all lie within the last 90 days.

    Steps of a motif lie within 24 hours, whole circles within 7 days; handed on nearly whole: all of it but a tenth at
    most. Without a transfers table every column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    flow = flows.read(flow_names(flows, records, "account")[0])
    tied = frame(flow.nodes, _ties(ties(flow.graph, flow.mutual), flow.mutual.degree))
    recent = records.table("transfers").filter(within("at", as_of, DAYS))
    given = moves(recent.select("payer", "payee", "at", "amount", "row_id").collect(engine="streaming"))
    played = frame(given.nodes, {_column(name): values for name, values in roles(given).items()})
    return complete(nodes, "account", SCHEMA, keep, owned(tied, keep), owned(played, keep))


def _column(role: str) -> str:
    return "is_motif_capped_90d" if role == "capped" else f"{role}_90d"


def _ties(found: Ties, degree: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Every column of TIES, then their means over tied partners."""
    own = {
        "tied_partners_all": found.partners,
        "tied_share_all": found.partners / np.maximum(degree, 1),
        "tightness_all": found.total,
        "tightness_max_all": found.strongest,
        "tightness_out_share_all": found.forth,
        "return_share_all": found.back,
        "turn_share_all": found.along,
    }
    around = found.mean_around(np.stack([own[name].astype(np.float64) for name in AROUND], axis=1))
    return own | {f"around_{name}": around[:, i] for i, name in enumerate(AROUND)}


FAMILY = Family("motifs_account", "account", motifs_account, SCHEMA, graph=True)
