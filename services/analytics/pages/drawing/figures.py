"""Small drawings of figures: two years as two lines on one scale, and a change with its interval against zero."""

from collections.abc import Sequence
from html import escape

SPARK = (160.0, 44.0)
INTERVAL = (160.0, 20.0)
Interval = tuple[float | None, float | None]
"""Low and high in percent; None where nothing bounds it."""
COMMON_SCALE = (-80.0, 40.0)


def sparkline(value: Sequence[float], previous: Sequence[float], label: str) -> str:
    """Two thin lines on one scale that begins at zero; the earlier one is dashed."""
    width, height = SPARK
    top = max([*value, *previous, 1.0])
    return (
        f'<svg class="spark" viewBox="0 0 {width:g} {height:g}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">{_line(previous, top, "before")}{_line(value, top, "this")}</svg>'
    )


def _line(points: Sequence[float], top: float, kind: str) -> str:
    if len(points) < 2:
        return ""
    width, height = SPARK
    step = width / (len(points) - 1)
    marks = " ".join(
        f"{step * at:.1f},{height - 2 - (height - 4) * point / top:.1f}" for at, point in enumerate(points)
    )
    return f'<polyline class="{kind}" points="{marks}" vector-effect="non-scaling-stroke"/>'


def scale_of(change: float, interval: Interval | None) -> tuple[float, float]:
    """Percent at both ends of the line: the same for all, so that tiles compare; wider where one does not fit."""
    ends = [change, *(end for end in interval or () if end is not None)]
    low, high = min(ends), max(ends)
    if low >= COMMON_SCALE[0] and high <= COMMON_SCALE[1]:
        return COMMON_SCALE
    farthest = max(abs(low), abs(high), 100.0)
    return -farthest, farthest


def interval_line(change: float, interval: Interval | None, label: str, *, chance: bool) -> str:
    """The change as a dot, its 95 % interval as a line, zero as a tick; grey where it may be chance."""
    width, height = INTERVAL
    low, high = scale_of(change, interval)

    def x(percent: float) -> float:
        return 6 + (percent - low) / (high - low) * (width - 12)

    middle = height / 2
    drawn = [
        f'<line class="scale" x1="0" x2="{width:g}" y1="{middle:g}" y2="{middle:g}"/>',
        f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{middle - 7:g}" y2="{middle + 7:g}"/>',
    ]
    if interval:
        ends = x(low if interval[0] is None else interval[0]), x(high if interval[1] is None else interval[1])
        drawn.append(f'<line class="doubt" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{middle:g}" y2="{middle:g}"/>')
    drawn.append(f'<circle class="change" cx="{x(change):.1f}" cy="{middle:g}" r="5.5"/>')
    kind = "interval chance" if chance else "interval"
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">'
        f"{''.join(drawn)}</svg>"
    )


def share_bar(parts: Sequence[tuple[str, float]], label: str) -> str:
    """Shares of a whole side by side. parts: class of CSS and share from 0 to 1."""
    drawn, at = [], 0.0
    for kind, share in parts:
        drawn.append(f'<rect class="{escape(kind)}" x="{at * 100:.2f}" width="{share * 100:.2f}" height="8"/>')
        at += share
    return (
        f'<svg class="shares" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f"{''.join(drawn)}</svg>"
    )
