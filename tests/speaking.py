"""What workers of tests say: they can import this, but no test."""

from bayesgap.inference.processes import say


def say_all(steps: list[str], block: str = "sectors") -> None:
    """One word a step."""
    for i, step in enumerate(steps):
        say(float(i), block, step, 1.0)


def say_for_ever() -> None:
    """Until it is killed."""
    while True:
        say(0.0, "sectors", "sampling", 1.0)
