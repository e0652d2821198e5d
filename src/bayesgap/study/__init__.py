"""Declared studies, priors and scenarios, and where the embedded ones lie."""
