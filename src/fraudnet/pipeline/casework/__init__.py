"""Rings and money: cases, trails, what reviewers and commanders are shown."""
