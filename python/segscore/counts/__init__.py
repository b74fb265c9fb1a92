"""Pixels become rows of label pairs, for one image or for many; rows become cells. Nothing is a score yet."""
