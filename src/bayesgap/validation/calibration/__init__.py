"""Simulation-based calibration of every block and of the chain."""
