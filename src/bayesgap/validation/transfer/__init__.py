"""A whole study as of an earlier year, scored on what came."""
