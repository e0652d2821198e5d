"""Rolling-origin backtests: forecasts from old data against what came, beside baselines."""
