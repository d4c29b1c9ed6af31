"""Every refusal of incidents has a status, and is named and worded as a sentence for people."""

from http import HTTPStatus

from contracts.refusals import Refused
from services.incidents.domain import refusals
from services.incidents.problems import STATUSES

ALL = {
    found
    for found in vars(refusals).values()
    if isinstance(found, type) and issubclass(found, Refused) and found is not Refused
}


def test_no_refusal_is_left_out_and_none_is_made_up():
    assert STATUSES.keys() == ALL


def test_a_refusal_is_the_callers_to_mend():
    assert set(STATUSES.values()) <= {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }


def test_each_says_in_its_docstring_what_the_rule_is():
    assert all(refusal.__doc__ for refusal in ALL)
