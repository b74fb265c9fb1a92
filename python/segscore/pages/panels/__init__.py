"""The panels of a page about one evaluation."""
