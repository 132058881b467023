"""Proposing a mapping: from a folder of unknown files to a mapping file, asking only what the files do not say."""
