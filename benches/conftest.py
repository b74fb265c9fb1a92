"""All benches run on one thread, as their peers do; those with more say so."""

import segscore

segscore.set_num_threads(1)
