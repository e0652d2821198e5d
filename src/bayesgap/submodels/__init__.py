"""The stochastic laws of model.md, one file each; the only floor that imports PyMC."""
