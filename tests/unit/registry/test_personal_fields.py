"""Names that can be read, and numbers as people write them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from services.registry.personal_fields import DocumentNumber, PersonName, Phone, check_digit

NAME, PHONE, DOCUMENT = TypeAdapter(PersonName), TypeAdapter(Phone), TypeAdapter(DocumentNumber)


@pytest.mark.parametrize(
    "name",
    [
        "李四",
        "\U00020000小",
        "葛\U000e0100城",
        "阿卜杜拉·买买提",
        "José Müller",
        "Анна",
        "이순신",
        "X Æ A-12",
        "O’Neil",
    ],
)
def test_a_name_that_can_be_read_is_kept_byte_by_byte(name):
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("\u200b", "unseen-character"),
        ("\u3164", "unseen-character"),
        ("\u202e李四", "unseen-character"),
        ("李\u2066四", "unseen-character"),
        ("李\u00ad四", "unseen-character"),
        ("李\n四", "unseen-character"),
        ("   ", "blank"),
        ("\u3000", "blank"),
        ("---", "blank"),
    ],
)
def test_a_name_that_cannot_be_seen_is_refused_in_a_sentence(name, kind):
    [error] = refused(NAME, name)
    assert error["type"] == kind
    assert error["msg"].endswith(".")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Z987654(3)", "Z9876543"),
        ("11010519491231002\uff38", "11010519491231002X"),
        ("11010519491231002x", "11010519491231002X"),
        ("\uff11\uff11\uff10105 19491231 002X", "11010519491231002X"),
        ("E12345678", "E12345678"),
        ("110105491231002", "110105491231002"),  # of 15 digits, without a check digit
    ],
)
def test_a_document_number_is_taken_as_people_write_it(written, kept):
    assert DOCUMENT.validate_python(written) == kept


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("110105194912310021", "resident-number"),
        ("11010519491231002\uff11", "resident-number"),
        ("110105194913310028", "resident-number"),  # the check digit fits, and there is no thirteenth month
        ("证件", "document"),
        ("1234", "document"),
    ],
)
def test_a_wrong_document_number_is_pointed_out_without_being_repeated(number, kind):
    [error] = refused(DOCUMENT, number)
    assert error["type"] == kind
    assert number not in error["msg"]


def test_the_check_digit_is_that_of_the_standard():
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"


def test_a_telephone_number_is_taken_in_full_width_and_refused_in_a_sentence():
    assert PHONE.validate_python("\uff0b86 139\uff10000 0000") == "+86 1390000 0000"
    [error] = refused(PHONE, "call me")
    assert "telephone number" in error["msg"]


def refused(adapter, text):
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(text)
    return caught.value.errors()
