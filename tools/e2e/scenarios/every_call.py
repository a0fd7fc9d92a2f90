"""The minute's rule fires by itself, and both functions do what is due."""

from world import World


def run(world: World) -> None:
    """Tell the story."""
