"""The one append-only database: what was decided, published and answered, each event chained to the one before."""
