"""What was counted of a dataset, as values, and what is read from it; two of them compared."""
