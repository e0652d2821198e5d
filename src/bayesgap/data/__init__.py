"""Tidy tables to validated panels; the only floor that reads raw files."""
