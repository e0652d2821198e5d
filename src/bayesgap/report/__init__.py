"""Draws to tables, figures and comparisons."""
