"""Imbalance: jobs that stand unfilled in the base year."""
