"""The recipe of a run, top to bottom; everything that takes time is a named stage.

Blocks are fitted apart and joined draw by draw (docs/adr/0003): they share no parameters, and
everything that population drives reads the same population draw.
"""
