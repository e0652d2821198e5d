"""bayesgap: regional skills gaps with credible intervals."""
