"""What intervals are worth when the world does not keep the model's law."""

MADE_UP = (
    "population",
    "education",
    "sectors",
    "commuting",
    "participation",
)  # have a world
