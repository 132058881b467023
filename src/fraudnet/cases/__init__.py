"""Rings of flagged entities, their roles, their money, the few links that explain them, and their picture."""
