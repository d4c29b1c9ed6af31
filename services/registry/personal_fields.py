"""What may stand in a person's name, telephone number and document number; the sentences repeat no value."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from services.chassis.http.texts import visible

PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{3,18}[0-9]", re.ASCII)
DOCUMENT: Final = re.compile(r"[0-9A-Z]{5,25}", re.ASCII)
BETWEEN: Final = re.compile(r"[ ()./-]")
"""What people write between the parts of a document number, as in Z987654(3)."""
RESIDENT: Final = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS: Final = "10X98765432"


def _ordinary(text: object) -> object:
    """Full-width letters, digits and signs as ordinary ones."""
    return unicodedata.normalize("NFKC", text).strip() if isinstance(text, str) else text


def _phone(text: str) -> str:
    if not PHONE.fullmatch(text):
        raise PydanticCustomError(
            "phone",
            "It must be a telephone number: 5 to 20 digits, with blanks or hyphens between them and + before them "
            "where wanted.",
        )
    return text


def _document(text: str) -> str:
    number = BETWEEN.sub("", text).upper()
    if not DOCUMENT.fullmatch(number):
        raise PydanticCustomError(
            "document", "It must be the number of a document: 5 to 25 Latin letters and digits, as printed on it."
        )
    if RESIDENT.fullmatch(number) and not (_is_day(number[6:14]) and number[17] == check_digit(number)):
        raise PydanticCustomError(
            "resident-number",
            "The check digit of this resident identity number does not fit: look at the document again, a digit is "
            "mistyped.",
        )
    return number


def check_digit(number: str) -> str:
    """The last sign of a resident identity number (GB 11643), from the 17 digits before it."""
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True)) % 11]


def _is_day(digits: str) -> bool:
    try:
        date.fromisoformat(digits)
    except ValueError:
        return False
    return True


PersonName = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True), AfterValidator(visible)]
Phone = Annotated[str, BeforeValidator(_ordinary), StringConstraints(max_length=21), AfterValidator(_phone)]
DocumentNumber = Annotated[str, BeforeValidator(_ordinary), StringConstraints(max_length=40), AfterValidator(_document)]
