"""Annotations: files of outlines and run lengths of objects, in the formats of the tools that write them."""
