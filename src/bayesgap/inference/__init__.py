"""How a model is sampled: priors, compiled densities, coordinates, processes, diagnostics."""
