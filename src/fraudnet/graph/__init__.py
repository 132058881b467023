"""Records to one dated graph: who is who, what is linked, and where each entity stands in it."""
