"""The report's chapters as draws: a function an analysis, a module a kind of evidence."""
