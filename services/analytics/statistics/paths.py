"""What paths of places and categories have in common, by whole segments."""

from collections.abc import Iterable


def common(paths: Iterable[str]) -> str:
    """The longest path that contains all of them; empty where there is none."""
    shared: list[str] | None = None
    for path in paths:
        segments = path.split("/")
        if shared is None:
            shared = segments
        else:
            agreeing = 0
            for mine, theirs in zip(shared, segments, strict=False):
                if mine != theirs:
                    break
                agreeing += 1
            shared = shared[:agreeing]
    return "/".join(shared or [])
