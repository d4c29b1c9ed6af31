"""Texts that people read: what nobody can see is refused where it comes in, and what is stored stays as it is."""

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from contracts.common import Headline, Label

BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols that are drawn as nothing."""
BLANK_TEXT: Final = "It must not be blank: write at least one letter or digit."
UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode's categories of controls, such as the override of the direction of writing."""


def seen(text: str) -> str:
    """The text as it is, where all of it can be seen: also a sign alone, such as ``%`` or ``℃``.

    Rare characters with their variation selectors, middle dots and all scripts pass.

    Raises:
        PydanticCustomError: it is blank, or holds a character that cannot be seen.
    """
    if not text.strip():
        raise PydanticCustomError("blank", BLANK_TEXT)
    if any(sign in BLANK or unicodedata.category(sign) in UNSEEN for sign in text):
        raise PydanticCustomError(
            "unseen-character", "It holds a character that cannot be seen: type it by hand instead of pasting it."
        )
    return text


def visible(text: str) -> str:
    """The text as it is, where all of it can be seen and some of it is a letter or a digit.

    Raises:
        PydanticCustomError: it is blank, or holds a character that cannot be seen.
    """
    seen(text)
    if not any(unicodedata.category(sign)[0] in "LN" for sign in text):
        raise PydanticCustomError("blank", BLANK_TEXT)
    return text


VisibleLabel = Annotated[Label, AfterValidator(visible)]
VisibleHeadline = Annotated[Headline, AfterValidator(visible)]
