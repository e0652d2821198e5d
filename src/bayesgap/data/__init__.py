"""Tidy tables, and everything that is wrong with them."""
