"""Runs of a model on a dataset: planned, run, kept."""
