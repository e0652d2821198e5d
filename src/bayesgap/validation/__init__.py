"""Evidence that intervals are right: calibration, misspecification, backtest, transfer."""
