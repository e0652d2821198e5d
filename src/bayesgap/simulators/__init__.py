"""Made-up data from declared priors, by code that shares only equations with the models."""
