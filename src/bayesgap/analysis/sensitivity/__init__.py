"""Where the uncertainty comes from, and what the priors do to the gap; read a finished run."""
