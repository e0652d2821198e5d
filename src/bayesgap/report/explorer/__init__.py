"""The explorer: one offline page of a run, for people who decide."""
