"""Scenarios beside main: effects, contributions, strengths that close a gap."""
