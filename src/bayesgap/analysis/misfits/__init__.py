"""What intervals are worth when the world does not keep the model's law."""
