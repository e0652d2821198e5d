"""Forecasts from old data, scored beside baselines."""
