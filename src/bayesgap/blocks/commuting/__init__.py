"""Commuting: who of the residents works elsewhere."""
