"""Statistics over posteriors: fitting, propagation, health, contraction."""
