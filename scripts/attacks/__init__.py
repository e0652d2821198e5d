"""Sections of the campaign of attacks (`scripts/attack.py`): each has `rows(seed, number)`."""
