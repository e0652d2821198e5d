"""Client of statistics banks (PxWebApi v2, KLASS) and the way from their tables to ours."""
