"""From where an entity's surroundings are seen: who its neighbours are, and what is taken over their features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.graph.flows import FlowName, Flows, flow_names

HANDED_ON = timedelta(days=30)  # from the last use of a device by one to the first by another
HUB = 50  # a device or holder shared by more than this many links nobody
Ends = tuple[pl.Series, pl.Series]
MET = {"account": "the accounts it trades with", "sim": "the numbers it calls or is called by"}
SIDES = {
    "account": (("payers", "the accounts that pay it"), ("payees", "the accounts it pays")),
    "sim": (("callers", "the numbers that call it"), ("callees", "the numbers it calls")),
}
CALLED = {"account": "accounts", "sim": "SIMs", "identity": "people and organisations"}


@dataclass(frozen=True)
class View:
    """One way to look around.

    name: prefix of feature names. words: who the neighbours are. of: their kind. spread: what is taken over the
    features worth spreading (mean, mean2 over two steps, max, sum). every: what is taken over all numbers.
    ends: given links and nodes, who looks (first) at whom (second). link: the kind of generic link it follows, if any.
    flow, along: the flow that `ends` are taken from, if any, and which of its graphs has just these ends.
    """

    name: str
    words: str
    of: str
    spread: tuple[str, ...]
    every: tuple[str, ...]
    ends: Callable[[pl.LazyFrame, pl.DataFrame], Ends]
    link: str = ""
    flow: FlowName | None = None
    along: str = ""

    @property
    def called(self) -> str:
        """The id of its words, whatever the drop calls its links."""
        return f"{'tie' if self.link else self.name}_{self.of}"


def views(flows: Flows, records: Records, kind: str) -> tuple[View, ...]:
    """All views of a kind: along its flows, then over holders, devices and registered numbers.

    The first flow is looked at most closely; which views there are depends on the drop's tables and kinds of links.
    """
    found = _flow_views(flows, records, kind)
    if kind == "identity":
        return (*found, *_held(records))
    if any(records.has(table) for table in ("identities", "holdings")):
        words = f"the other {CALLED[kind]} of its holder"
        found.append(View("holder", words, kind, ("max",), (), partial(_same_holder, kind=kind)))
    if records.has("uses"):
        words = f"the other {CALLED[kind]} on its devices"
        found.append(View("device", words, kind, ("max",), (), partial(_same_device, kind=kind)))
    if records.has("accounts") and records.has("sims"):
        found.append(_registered(kind))
    return tuple(found)


def _flow_views(flows: Flows, records: Records, kind: str) -> list[View]:
    found = []
    for place, flow in enumerate(flow_names(flows, records, kind)):
        tie = flow.name.startswith("tie_")
        words = f"the {CALLED[kind]} that {flow.words} lead to or from" if tie else MET[kind]
        name = flow.name if tie else "partners"
        both = partial(_met, flow=flow)
        leading = place == 0 and kind != "identity"
        spread, every = (("mean2", "max"), ("mean",)) if leading else (("mean",), ())
        link = flow.kind if tie else ""
        found.append(View(name, words, kind, spread, every, both, link, flow, "mutual"))
        if not tie:
            (back, by), (forth, to) = SIDES[kind]
            found.append(View(back, by, kind, ("mean",), (), partial(_sources, flow=flow), "", flow, "backward"))
            found.append(View(forth, to, kind, ("mean",), (), partial(_targets, flow=flow), "", flow, "graph"))
    return found


def _registered(kind: str) -> View:
    if kind == "account":
        return View("phone", "the SIMs that it is registered on", "sim", ("mean",), (), _phones)
    return View("registered", "the accounts that are registered on it", "account", ("mean", "max"), (), _registrants)


def _held(records: Records) -> list[View]:
    taken = ("mean", "max", "sum")
    return [
        View(f"{kind}s", f"the {CALLED[kind]} it holds", kind, taken, (), partial(_holdings, kind=kind))
        for kind in ("account", "sim")
        if records.has(f"{kind}s")
    ]


def _met(links: pl.LazyFrame, nodes: pl.DataFrame, flow: FlowName) -> Ends:
    (a, b), (c, d) = _targets(links, nodes, flow), _sources(links, nodes, flow)
    return pl.concat([a, c]), pl.concat([b, d])


def _targets(links: pl.LazyFrame, nodes: pl.DataFrame, flow: FlowName) -> Ends:
    chosen = links.filter(pl.col("kind") == flow.kind).select("source", "target").collect()
    return chosen["source"], chosen["target"].alias("source")


def _sources(links: pl.LazyFrame, nodes: pl.DataFrame, flow: FlowName) -> Ends:
    forth, back = _targets(links, nodes, flow)
    return back, forth


def _phones(links: pl.LazyFrame, nodes: pl.DataFrame) -> Ends:
    chosen = links.filter(pl.col("kind") == "registered_phone").select("source", "target").collect()
    return chosen["source"], chosen["target"]


def _registrants(links: pl.LazyFrame, nodes: pl.DataFrame) -> Ends:
    account, sim = _phones(links, nodes)
    return sim, account


def _holdings(links: pl.LazyFrame, nodes: pl.DataFrame, kind: str) -> Ends:
    held = nodes.filter((pl.col("kind") == kind) & pl.col("holder").is_not_null())
    return held["holder"], held["node"]


def _same_holder(links: pl.LazyFrame, nodes: pl.DataFrame, kind: str) -> Ends:
    holder, node = _holdings(links, nodes, kind)
    return _pairs(pl.DataFrame({"group": holder, "node": node}))


def _same_device(links: pl.LazyFrame, nodes: pl.DataFrame, kind: str) -> Ends:
    """Who used one device at most HANDED_ON apart: a phone sold on long ago makes no company."""
    goes_on = pl.col("valid_from").is_not_null() & pl.col("valid_to").is_null()
    used = links.filter(pl.col("kind") == "uses").select(
        group="target",
        node="source",
        begin=pl.coalesce("first_at", "valid_from"),
        end=pl.when(~goes_on).then("last_at"),
    )  # fmt: skip
    mine = nodes.lazy().filter(pl.col("kind") == kind).select("node")
    return _pairs(used.join(mine, on="node", how="semi").collect())


def _pairs(members: pl.DataFrame) -> Ends:
    """Everybody with everybody else of a group, where both have times in times that meet; no one in a hub."""
    small = members.unique().filter(pl.col("node").n_unique().over("group") <= HUB)
    pairs = small.join(small, on="group").filter(pl.col("node") != pl.col("node_right"))
    if "begin" in members.columns:
        apart = (_later("begin", "end_right") | _later("begin_right", "end")).fill_null(value=False)
        pairs = pairs.filter(~apart)
    return pairs["node"], pairs["node_right"]


def _later(begin: str, end: str) -> pl.Expr:
    return pl.col(begin) > pl.col(end) + HANDED_ON
