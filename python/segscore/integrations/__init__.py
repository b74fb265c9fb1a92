"""Training loops of other packages: one module for each, which is imported by its name and needs its package.

What they count are images, as an `Evaluator` does; no counting is done here.
"""
