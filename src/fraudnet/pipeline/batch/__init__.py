"""Runs: everything scored as of one moment, and what a run can be asked afterwards."""
