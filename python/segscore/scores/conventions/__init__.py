"""The numbers that other tools make of the same counts."""
