"""The sealed package that carries a list to one institution, and what that institution needs to open it."""
