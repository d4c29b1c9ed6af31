"""The look in numbers: colours, type sizes, spacing. The style sheets use nothing else."""

from collections.abc import Mapping
from typing import Final, Literal

Theme = Literal["dark", "light"]

USE_CLASSES: Final = ("hotel", "studio", "rental", "owner-occupied", "vacant")
"""The colours of a unit, in the order of the legend."""

DARK: Final[Mapping[str, str]] = {
    "ground": "#10161b",
    "panel": "#161e25",
    "raised": "#1e2831",
    "ink": "#e9e6dd",
    "quiet": "#93a0aa",
    "faint": "#8d9aa4",
    "line": "#2a3742",
    "track": "#384855",
    "solid": "#e9e6dd",
    "on-solid": "#10161b",
    "alarm": "#f0524f",
    "hotel": "#4c9f70",
    "studio": "#e3b341",
    "rental": "#4a86c5",
    "owner-occupied": "#dd7f3b",
    "vacant": "#27333d",
    "edge": "transparent",
}
LIGHT: Final[Mapping[str, str]] = {
    "ground": "#faf8f3",
    "panel": "#ffffff",
    "raised": "#f3efe6",
    "ink": "#1b2329",
    "quiet": "#56626b",
    "faint": "#66717a",
    "line": "#e4dfd3",
    "track": "#d8d2c4",
    "solid": "#1b2329",
    "on-solid": "#faf8f3",
    "alarm": "#d13835",
    "hotel": "#3a8a5d",
    "studio": "#c9920b",
    "rental": "#2f6db5",
    "owner-occupied": "#c4622a",
    "vacant": "#e6e1d6",
    "edge": "#e4dfd3",
}
THEMES: Final[Mapping[Theme, Mapping[str, str]]] = {"dark": DARK, "light": LIGHT}

FAMILY: Final = (
    'Inter, "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", '
    "system-ui, sans-serif"
)
SIZES: Final[Mapping[str, int]] = {"note": 13, "text": 15, "lead": 17, "head": 19, "title": 26, "figure": 46}
"""Type sizes in pixels at a width of 1920."""

NARROW_SIZES: Final[Mapping[str, int]] = {"note": 12, "text": 14, "lead": 15, "head": 17, "title": 22, "figure": 34}
"""Type sizes in pixels below a width of 1600."""


def _properties(values: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())


def _sizes(values: Mapping[str, int]) -> str:
    return "".join(f"--{name}-size:{value / 16:g}rem;" for name, value in values.items())


def stylesheet() -> str:
    """The tokens as custom properties of CSS, for both themes."""
    return "\n".join(
        [
            f":root{{--family:{FAMILY};{_sizes(SIZES)}}}",
            f"@media (max-width:1599px){{:root{{{_sizes(NARROW_SIZES)}}}}}",
            *(
                f':root[data-theme="{name}"]{{{_properties(values)}color-scheme:{name};}}'
                for name, values in THEMES.items()
            ),
        ]
    )
