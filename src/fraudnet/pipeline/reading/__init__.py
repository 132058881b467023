"""Drops: taken in, checked, mapped, read once."""
