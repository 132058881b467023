# %% [markdown]
# # 2 · The graph of a ring
# Accounts, SIM cards, people and devices become one dated graph. Around known fraud it shows what no single table does:
# who shares a phone, who is paid by whom.

# %%
import os

import matplotlib.pyplot as plt
import networkx as nx
import polars as pl

import fraudnet
from fraudnet.labels.seeds import seeds

# Your own data: set FRAUDNET_DROP (a drop folder with mapping.toml), FRAUDNET_AS_OF and, if you like, FRAUDNET_HOME.
DROP = os.environ.get("FRAUDNET_DROP", "../data/synthetic/sample/drop")
AS_OF = os.environ.get("FRAUDNET_AS_OF", "2026-03-05")
os.environ.setdefault("FRAUDNET_HOME", "../var")
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 80, "font.size": 10})
INK, OCHRE, GREY = "#1d4fa3", "#c27410", "#9aa7b4"

linked = fraudnet.link(fraudnet.load(DROP), AS_OF)
nodes = linked.nodes.select("node", "entity_id", pl.col("kind").cast(pl.String), "holder").sort("node").collect()
links = linked.links.sort("kind", "source", "target").collect()
known = seeds(linked)

# %% [markdown]
# ## What the graph is made of

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3))
for ax, counts, title in (
    (axes[0], nodes.group_by("kind").len().sort("len"), "things"),
    (axes[1], links.group_by("kind").len().sort("len"), "relations between two of them"),
):
    ax.barh(counts["kind"], counts["len"], color=INK)
    ax.set(xscale="log" if title.startswith("relations") else "linear", title=title)
fig.tight_layout()
plt.show()

# %% [markdown]
# ## One ring
# The known accounts that belong together: they share devices and people, or paid each other. Large hubs are left out:
# they connect everybody with everybody.

# %%
tied = links.select("source", "target", strong=~pl.col("kind").is_in(["transfer", "call"]))
whole = nx.Graph()
whole.add_edges_from((a, b, {"strong": strong}) for a, b, strong in tied.iter_rows())
whole.remove_nodes_from([node for node, degree in whole.degree() if degree > 60])
accounts = nodes.filter(pl.col("kind") == "account")["node"]
guilty = [n for n in known["node"].to_list() if n in whole and n in set(accounts)]
close = {n: sum(other in nx.single_source_shortest_path_length(whole, n, 2) for other in guilty) for n in guilty}
core = max(sorted(close), key=close.get)
near = nx.single_source_shortest_path_length(whole, core, 2)
ring = [n for n in guilty if n in near]
keep = set(ring)
for one, other in [(a, b) for a in ring for b in ring if a < b]:
    if nx.has_path(whole, one, other):
        path = nx.shortest_path(whole, one, other)
        keep.update(path if len(path) <= 4 else [])
keep.update(b for a in ring for b in whole[a] if whole[a][b]["strong"])
view = whole.subgraph(sorted(keep))
f"{len(ring)} accounts known by {AS_OF}, {view.number_of_nodes()} things around them"

# %%
kind_of = dict(nodes.select("node", "kind").iter_rows())
looks = {"account": (INK, "o"), "identity": ("#3b7a57", "s"), "sim": (OCHRE, "^"), "device": (GREY, "D")}
place = nx.spring_layout(view, seed=3, iterations=120, k=0.35)
fig, ax = plt.subplots(figsize=(9, 6.5))
strong = [(a, b) for a, b, strong in view.edges(data="strong") if strong]
paid = [(a, b) for a, b, strong in view.edges(data="strong") if not strong]
nx.draw_networkx_edges(view, place, paid, edge_color=GREY, width=0.8, style="dotted", ax=ax)
nx.draw_networkx_edges(view, place, strong, edge_color="#45544d", width=1.4, ax=ax)
for kind, (colour, shape) in looks.items():
    mine = [n for n in view if kind_of[n] == kind]
    if mine:
        red = ["#a5221b" if n in set(guilty) else "white" for n in mine]
        drawn = nx.draw_networkx_nodes(
            view, place, mine, node_color=colour, node_shape=shape, node_size=120, edgecolors=red, linewidths=2, ax=ax
        )
        drawn.set_label(kind)
ax.legend(frameon=False, ncols=5, loc="lower center")
ax.set_title("Red rims: known fraud. Solid: holds, uses, registered. Dotted: paid or called")
ax.axis("off")
plt.show()

# %% [markdown]
# ## When they were paid
# A ring is quick: money of many payers comes in and goes out within hours.

# %%
paid_to = (
    linked.records.table("transfers")
    .filter(pl.col("payee").is_in(ring) | pl.col("payer").is_in(ring))
    .select("at", "amount", into=pl.col("payee").is_in(ring))
    .sort("at", "amount")
    .collect()
)
fig, ax = plt.subplots(figsize=(9, 3))
for into, colour, name in ((True, INK, "in"), (False, OCHRE, "out")):
    some = paid_to.filter(pl.col("into") == into)
    ax.scatter(some["at"], some["amount"] / 1e6, s=14, color=colour, label=name, alpha=0.7)
ax.set(yscale="log", ylabel="million đồng", title="Money of the ring")
ax.legend(frameon=False)
fig.autofmt_xdate()
plt.show()
