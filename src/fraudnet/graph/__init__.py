"""Records to a dated graph: who is who, nodes and links, centrality, neighbours."""
