"""How much results depend on priors, and which uncertainty matters most."""
