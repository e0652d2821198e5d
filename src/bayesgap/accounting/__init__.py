"""Pure accounting on draws: numpy and xarray only."""
