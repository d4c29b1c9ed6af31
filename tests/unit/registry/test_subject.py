"""Rules of a subject."""

from contracts.registry import RecordOpened, Registration, SubjectErased, SubjectKeyCreated
from services.registry.deciders import SUBJECT
from services.registry.domain.refusals import NothingOpened, PurposeMissing, SubjectUnknown, SubjectWasErased
from services.registry.domain.subject_commands import CreateSubjectKey, EraseSubject, OpenRecord
from tests.unit.given import story
from tests.unit.registry.cases import JUNE_3, JUNE_10, PLACE

given = story(SUBJECT)
created = SubjectKeyCreated(subject="zhang", place=PLACE, effective_at=JUNE_3)
erased = SubjectErased(subject="zhang", place=PLACE, ground="resident-request", effective_at=JUNE_10)
create = CreateSubjectKey(subject="zhang", place=PLACE, effective_at=JUNE_3)
look = OpenRecord(subject="zhang", purpose="incident", fields=("name", "phone"), effective_at=JUNE_10)
erase = EraseSubject(subject="zhang", ground="resident-request", effective_at=JUNE_10)
looked = RecordOpened(subject="zhang", place=PLACE, purpose="incident", fields=("name", "phone"), effective_at=JUNE_10)


def test_a_person_becomes_a_subject_once():
    given().when(create).then(created).when(create).nothing()


def test_every_opening_is_on_record_each_time():
    given(created).when(look).then(looked).when(look).then(looked)


def test_an_opening_is_on_record_where_the_person_lives_now():
    moved = look.model_copy(update={"place": "yinchuan/xingqing"})
    given(created).when(moved).then(looked.model_copy(update={"place": "yinchuan/xingqing"}))


def test_an_opening_may_come_from_a_task():
    task = look.model_copy(update={"task": "t1", "purpose": "verification"})
    given(created).when(task).then(looked.model_copy(update={"task": "t1", "purpose": "verification"}))


def test_nobody_opens_what_is_not_there():
    given().when(look).refused(SubjectUnknown, pointer="/subject")
    given(created).when(look.model_copy(update={"fields": ()})).refused(NothingOpened, pointer="/fields")


def test_nobody_opens_without_saying_why():
    given(created).when(look.model_copy(update={"purpose": None})).refused(PurposeMissing, pointer="/purpose")


def test_an_erased_record_cannot_be_opened_and_says_since_when():
    refused = given(created, erased).when(look).refused(SubjectWasErased)
    assert "2024-06-10" in refused.sentence


def test_a_subject_is_erased_once():
    given(created).when(erase).then(erased).when(erase).nothing()
    given().when(erase).refused(SubjectUnknown)


def test_an_erasure_names_the_registrations_of_which_nothing_is_left_to_verify():
    there = (Registration(unit="wanda-a-1812", tenancy="t1"),)
    given(created).when(erase.model_copy(update={"registrations": there})).then(
        erased.model_copy(update={"registrations": there})
    )


def test_an_erased_subject_does_not_come_back():
    given(created, erased).when(create).refused(SubjectWasErased, pointer="/subject")
