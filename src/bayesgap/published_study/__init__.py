"""The analyses of the published report, from a finished run, beside its figures."""
