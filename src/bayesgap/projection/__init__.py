"""Draws of rates through the accounting: main, and with some inputs kept."""
