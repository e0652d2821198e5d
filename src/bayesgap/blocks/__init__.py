"""The seven stochastic blocks, a folder each, and what treats them alike."""
