"""Checks of what tables say: figures that are possible one by one, and together cannot be right.

`data/rows.py` and `data/checks.py` refuse what cannot be read or does not add up. The checks here
compare a figure with its neighbours, with other tables, and with the parts of its whole. Open
`registry.py` for the list, and a topic's module for its limits and how they were measured.
"""
