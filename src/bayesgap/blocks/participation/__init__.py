"""Participation: who of the residents is in the labour force."""
