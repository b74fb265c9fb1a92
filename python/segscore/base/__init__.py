"""Words and values that know nothing of masks: what results, errors and texts are made of."""
