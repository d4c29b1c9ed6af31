"""Paths of places and categories, matched on whole segments."""

from collections.abc import Iterable


def covers(path: str, inner: str) -> bool:
    """Whether the path is the inner one or contains it; the empty path contains all."""
    return not path or inner == path or inner.startswith(f"{path}/")


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
