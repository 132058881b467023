"""A model applied to one snapshot: scores and reasons."""
