"""Runs of a model on a dataset: planned, run, kept.

A run is a folder ``.segscore/runs/ID`` with

- ``run.json``, its manifest: ``model`` and ``dataset`` (name, version and digest), ``options`` (those of
  the run; those of the model are part of its digest), the SHA-256 of the evaluation, and the metrics that
  listings sort by. It is written last: without it there is no finished run;
- ``evaluation.npz``, the counts of every image;
- ``predictions``, a mask for each image, if they are kept;
- ``note.txt``, the only file that may change;
- ``pending.db`` and ``lock.db`` for as long as it is not finished.

What a run is known by is the digest of model, dataset and options, so that the same is not computed twice.
"""
