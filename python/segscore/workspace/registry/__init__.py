"""Versions of datasets and of models."""
