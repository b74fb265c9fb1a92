"""The page of two evaluations side by side: its panels, which another page can show as well."""
