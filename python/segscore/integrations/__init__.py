"""Training loops of other packages, and trackers of experiments: modules that are imported by their names.

What loops count are images, as an `Evaluator` does; no counting is done here.
"""
